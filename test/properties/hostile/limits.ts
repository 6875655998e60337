import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** What becomes of what is over a limit. Every `MAX_…` of src/ is here. */
export const met: Readonly<Record<string, string>> = {
  MAX_DIGITS: "reject the series: bad-slice-name",
  MAX_NAME_BYTES: "reject the series: limit-exceeded",
  MAX_SERIES_SLICES: "reject the series: limit-exceeded",
  MAX_SERIES_BYTES: "reject the series: limit-exceeded",
  MAX_STACK_PIXELS: "reject the series: limit-exceeded",
  MAX_SLICE_PIXELS: "drop the slice; where it is all of them, reject the series: limit-exceeded",
  MAX_TEXT_BYTES: "drop the slice, as Pillow does; where it is all of them, reject the series: no-readable-slice",
  MAX_STACK_BYTES: "reject the series: limit-exceeded",
  MAX_SLICE_BYTES: "drop the slice; where it is all of them, reject the series: limit-exceeded",
  MAX_REPORT_BYTES: "reject the case's series: limit-exceeded",
  MAX_MEMBER_BYTES: "reject the series: bad-member; a report's: all of its case",
  MAX_MEMBERS: "leave out the archive, named: unreadable-archive",
  MAX_DIRECTORY_BYTES: "leave out the archive, named: unreadable-archive",
  MAX_GZIP_GROWTH: "leave out the archive, named: unreadable-archive",
  MAX_SPLIT_FILE_BYTES: "stop, bad-split-file, exit 65",
  MAX_SPLIT_ROWS: "stop, bad-split-file, exit 65",
  MAX_IMAGE_CHARACTERS: "stop, bad-split-file, exit 65",
  MAX_MARKS: "stop, bad-split-file, exit 65",
  MAX_SPLIT_CANDIDATES: "stop, bad-split-file, exit 65",
  MAX_LOOKED_AT: "leave the file alone: no archive, by all that is known",
  MAX_QUESTIONS: "stop, bad-table, exit 65",
  MAX_QUESTION_BYTES: "stop, bad-table, exit 65",
  MAX_STATE_BYTES: "stop, bad-plan, exit 65; a receipt counts as none",
  MAX_LISTING_BYTES: "stop, bad-table, exit 65",
  MAX_LOG_BYTES: "leave the attempt's log unread",
  MAX_FILES: "stop, limit-exceeded, exit 65",
  MAX_ANSWER_BYTES: "stop, limit-exceeded, exit 65",
  MAX_MODELSCOPE_BYTES: "stop, limit-exceeded, exit 65",
  MAX_MODELSCOPE_FILES: "stop, limit-exceeded, exit 65",
  MAX_SIDE: "go the slow way",
  MAX_HOPS: "stop, server-error, exit 75",
  MAX_VOXELS: "stop, usage, exit 64",
  MAX_ROW_GROUP_BYTES: "stop, usage, exit 64",
  MAX_GROUP_BYTES: "read the case's series in several turns",
  MAX_BATCH_BYTES: "begin another record batch",
  MAX_BATCH_TASKS: "stop, usage, exit 64",
  MAX_ARRAY_SIZE: "hand over another array",
  MAX_OBJECT_BYTES: "stop, limit-exceeded, exit 65",
  MAX_STEM: "shorten the cache's file name",
};

interface Limit {
  readonly name: string;
  readonly value: string;
  readonly where: string;
  readonly reason: string;
}

/** What bounds our own memory and requests, whatever comes from outside. */
const own = new Set(
  "MAX_BYTES MAX_INSIDE_BYTES MAX_OUTSIDE_BYTES MAX_FREE_BYTES MAX_SPARE_BYTES MAX_LINKS MAX_PAGE_BYTES MAX_BARS MAX_COMPARED MAX_SHINGLES".split(
    " ",
  ),
);

/** The limits as the source has them, each with the comment before it. */
export function limits(): readonly Limit[] {
  const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  return files.sort().flatMap((file) => {
    const text = readFileSync(path.join("src", file), "utf8");
    const found = text.matchAll(/(?:\/\*\* (.+) \*\/\n)?(?:export )?const (MAX_\w+) = (.+);/g);
    const met = [...found].filter(([, , name]) => !own.has(name!));
    return met.map(([, reason = "", name, value]) => ({
      name: name!,
      value: value!,
      where: `src/${file.split(path.sep).join("/")}`,
      reason,
    }));
  });
}

const HEAD = `# What bounds hostile input

Written from the source by \`npm run limits\`. Each is a named constant; what meets one is reported by its value, and the
tests of this folder and of \`test/secrets\`, \`test/model\`, \`test/report\` and \`test/archive\` hold them.
Memory is bounded by them together: a worker holds one series, encoded (\`MAX_SERIES_BYTES\`) and decoded
(\`MAX_STACK_PIXELS\`), a connection one group of series (\`MAX_GROUP_BYTES\`), whatever the source says of itself.
`;

export function limitsMarkdown(): string {
  const rows = limits().map(({ name, value, where, reason }) => [
    `\`${name}\``,
    `\`${value}\``,
    met[name] ?? "",
    reason,
    where,
  ]);
  const all = [["limit", "value", "what is over it", "why", "where"], ...rows];
  const widths = all[0]!.map((_, at) => Math.max(...all.map((cells) => cells[at]!.length)));
  const line = (cells: readonly string[]) => `| ${cells.map((text, at) => text.padEnd(widths[at]!)).join(" | ")} |\n`;
  const [head = "", ...rest] = all.map(line);
  return `${HEAD}\n${head}${line(widths.map((width) => "-".repeat(width)))}${rest.join("")}`;
}
