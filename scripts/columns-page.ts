import { fieldsOf, structs } from "../src/model/column-types.ts";
import { columnNames, columnTable, presence } from "../src/model/columns.ts";

/** README.md with its table of columns as the code has them: types in short, `?` where a value may be null. */
export function readmeWithColumns(readme: string): string {
  const columns = columnNames.map((name) => {
    const { type, nullable, when = "always", meaning } = columnTable[name];
    return `| \`${name}\` | \`${type}${nullable ? "?" : ""}\` | ${meaning}${when === "always" ? "" : ` (${presence[when]})`} |`;
  });
  const table = `| column | type | |\n|---|---|---|\n${columns.join("\n")}\n`;
  return readme.replace(
    /(<!-- columns: .*-->\n)[\s\S]*(<!-- end of columns -->)/,
    (_, head, tail) => `${head}${table}${tail}`,
  );
}

/** COLUMNS.md: what every column of a shard and of the index is. */
export function columnsPage(): string {
  const columns = columnNames.map((name) => {
    const { type, nullable, when = "always", meaning } = columnTable[name];
    return `| \`${name}\` | \`${type}\` | ${nullable ? "yes" : "no"} | ${presence[when]} | ${meaning} |`;
  });
  const several = Object.keys(structs) as (keyof typeof structs)[];
  const fields = several.map(
    (name) =>
      `| \`${name}\` | ${fieldsOf(name)!
        .map(([field, type]) => `\`${field}\`: ${type}`)
        .join(", ")} |`,
  );
  return `# Columns

Written by \`npm run schemas\` from \`src/model/columns.ts\`. In this order in every shard; \`index.parquet\` has all of
them but \`volume\`, \`slices\` and \`preview\`; its \`volume_shape\` and \`volume_dtype\` are there with \`--volume none\` too.

| column | type | may be null | present | meaning |
|---|---|---|---|---|
${columns.join("\n")}

Types of several fields, each of which may be null:

| type | fields |
|---|---|
${fields.join("\n")}
`;
}
