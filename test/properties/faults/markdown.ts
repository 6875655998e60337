import { told } from "./rows.ts";
import { type FaultRow, proxyTable, type Reaction, routes, table } from "./table.ts";
import { writeRoutes, writeTable } from "./writing-table.ts";

const HEAD = `# What reading does about faults of the network

Written from \`table.ts\` by \`npm run faults\`; every cell is a test, a whole conversion with that fault put in by the
miniature Hub of \`test/hub\`. All but the cells that reject or stop end in the very bytes of a run that nothing disturbed.

- **read on**: no harm done, and no further request.
- **retry**: asks again after a wait that doubles from 0.5 s to 30 s, jittered by half. A byte of progress starts the count
  anew; after 5 failures in a row the run stops, and the same command goes on where it stopped.
- **wait, retry**: as the answer tells, and so do all other requests under that limit; the progress line says for how long.
  A wait of more than an hour ends the run instead.
- **resume**: as retry, from the first byte that has not come.
- **re-resolve**: a new link, asked for once for all readers. Two new links without a byte of progress end the run.
- **read again**: the member whose CRC-32 is wrong, once.

A connection is given up when nothing comes for 30 s, or less than 1 kB/s over 30 s, the latter five times at most for one
range: a read that stalls ends within minutes, in its bytes or in an error.
Paths are listed by pages and never asked for by name (\`paths-info\`).
`;

const COLUMNS = {
  revision: "revision",
  tree: "tree, a page in the middle",
  resolve: "resolve, an archive",
  "resolve-cache": "a small file",
  cdn: "the store",
} as const;

const WRITING = `## What publishing does about faults

Every cell is a test too: a folder published with that fault put in, its shards by LFS, whole and in parts. All but the cells
that stop end in the same data set, by one commit; those that stop leave readers what they had, and the same command goes on.

- **ask**: the Hub is asked first whether its store has the file by now; what is there is not sent again.
- **look**: the branch is read first; a commit that is in it is not made again, and one that is not names its new parent.
- **new link**: the Hub is asked for links anew, three times at most, and what is there by now is not sent again.
`;

const WRITE_COLUMNS = {
  create: "create",
  preupload: "preupload",
  "lfs-batch": "LFS batch",
  "lfs-put": "a file to the store",
  "lfs-part": "a part of a file",
  "lfs-complete": "end of the parts",
  "validate-yaml": "check of the card",
  commit: "commit",
} as const;

/** The tables as the README beside them has them. */
export function markdown(): string {
  const cell = (reaction: Reaction | undefined) => (reaction === undefined ? "" : told(reaction));
  const row = ({ name, strikes, on }: FaultRow) => [
    name,
    strikes === "always" ? "always" : "once",
    ...routes.map((route) => cell(on[route])),
  ];
  const main = aligned([["fault", "strikes", ...routes.map((route) => COLUMNS[route])], ...table.map(row)]);
  const written = writeTable.map(({ name, strikes, on }) => [
    name,
    strikes,
    ...writeRoutes.map((route) => (on[route] === undefined ? "" : told(on[route]))),
  ]);
  const writing = aligned([["fault", "strikes", ...writeRoutes.map((route) => WRITE_COLUMNS[route])], ...written]);
  const proxies = proxyTable.map(({ name, reaction }) => [name, told(reaction)]);
  const head = "## A proxy (HTTP_PROXY, HTTPS_PROXY, NO_PROXY)";
  return `${HEAD}\n${main}\n${head}\n\n${aligned([["a proxy", "what the reader does"], ...proxies])}\n${WRITING}\n${writing}`;
}

/** Columns padded, as the formatter wants them. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((cells) => cells[at]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((text, at) => text.padEnd(widths[at] ?? 0)).join(" | ")} |\n`;
  const [head = [], ...rest] = rows.map(line);
  return [head, line(widths.map((width) => "-".repeat(width))), ...rest].join("");
}
