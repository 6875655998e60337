import { open } from "node:fs/promises";
import { type ColumnName, createFile, features, type ShardFormat, toRow } from "voxshard";
import { shardFormatSuite } from "voxshard/testing";

/** JSON would ask a Buffer for its own form first, so the value is taken from what holds it. */
function encode(this: Record<string, unknown>, key: string, value: unknown) {
  const bytes = this[key];
  return bytes instanceof Uint8Array ? { base64: Buffer.from(bytes).toString("base64") } : value;
}
const decode = (_: string, value: { base64?: string } | null) =>
  typeof value?.base64 === "string" ? new Uint8Array(Buffer.from(value.base64, "base64")) : value;
const some = (row: object, names: readonly string[]) =>
  Object.fromEntries(Object.entries(row).filter(([name]) => names.includes(name)));

async function endsLine(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    return (await file.read(Buffer.alloc(1), 0, 1, size - 1)).buffer.toString() === "\n";
  } finally {
    await file.close();
  }
}

interface Head {
  readonly columns: readonly ColumnName[];
  readonly features: unknown;
}
interface Last {
  readonly rows: number;
}

/** A format of one's own: a line of JSON that tells the columns, then one for each row, then how many there are. */
const jsonLines: ShardFormat = {
  name: "json-lines",
  extension: "jsonl",
  write: (path, rows, { columns, release }) =>
    createFile(path, async (file) => {
      // Node 26 takes U+2028 and U+2029 for ends of lines too; JSON has them escaped as well as plain.
      const json = (value: unknown) =>
        JSON.stringify(value, encode).replace(/[\u2028\u2029]/g, (end) => `\\u${end.charCodeAt(0).toString(16)}`);
      const line = (value: unknown) => file.write(Buffer.from(`${json(value)}\n`));
      await line({ columns, features: features(columns) });
      let count = 0;
      for await (const row of rows) {
        await line(some(row, columns));
        release?.(row);
        count += 1;
      }
      await line({ rows: count });
    }),
  async open(path) {
    const lines = async function* () {
      const file = await open(path);
      try {
        for await (const line of file.readLines({ encoding: "utf8" })) yield JSON.parse(line, decode);
      } finally {
        await file.close();
      }
    };
    let [head, last]: (Head & Last)[] = [];
    for await (const line of lines()) [head, last] = [head ?? line, line];
    if (!head || last?.rows === undefined || !(await endsLine(path))) throw new Error(`${path}: cut short`);
    return {
      rowCount: last.rows,
      columns: head.columns,
      features: head.features,
      async *rows(wanted = head.columns) {
        let at = -1;
        for await (const row of lines()) if (++at > 0 && at <= last.rows) yield toRow(some(row, wanted));
      },
    };
  },
};

shardFormatSuite(jsonLines);
