import { createHash } from "node:crypto";
import { mkdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { EtlError } from "../errors.ts";
import { sweepTemporaries, temporaryName } from "../files/temporary-files.ts";
import { makeWhole, writeFault, writeWhole } from "../files/whole-file.ts";
import { createFile, type Sink } from "../files/written-file.ts";
import { Reject } from "../model/plan.ts";
import type { Row } from "../model/row.ts";
import { sha256OfFile } from "../output/output-folder.ts";
import type { ExportFormat, TreeFile } from "./export-format.ts";
import { writeTar } from "./tar-of-files.ts";

const stateFolder = (folder: string) => path.join(folder, ".voxshard");
export const rejectsPath = (folder: string) => path.join(stateFolder(folder), "rejects.jsonl");
const temporaries = (folder: string) => path.join(stateFolder(folder), "tmp");

/** What is kept of each shard's rows once their files are there. */
const Part = z.strictObject({
  origin: z.string(),
  rows: z.int(),
  withoutReport: z.int(),
  files: z.array(z.strictObject({ path: z.string(), byteLength: z.int(), sha256: z.string() })),
  lists: z.array(z.strictObject({ file: z.string(), list: z.string().nullable(), entry: z.string() })),
  rejects: z.array(Reject).default([]),
});
export type Part = z.infer<typeof Part>;
const partPath = (folder: string, part: string) => path.join(stateFolder(folder), "parts", `${part}.json`);

/** Makes the folder this export's own, as `claim` tells it from others; one that has another's files stays as it is. */
export async function claimTree(folder: string, claim: string): Promise<void> {
  const file = path.join(stateFolder(folder), "export.json");
  const there = await readFile(file, "utf8").catch((error) => {
    if (error.code === "ENOENT") return undefined;
    throw writeFault(error, file);
  });
  if (there === undefined) {
    if (await stat(stateFolder(folder)).catch(() => undefined))
      throw new EtlError("cannot-write", `${folder}: holds a conversion; choose another --out`);
    await writeWhole(file, claim);
  } else if (there !== claim)
    throw new EtlError("other-plan", `${folder}: holds an export with other arguments; choose another --out`);
  await mkdir(temporaries(folder), { recursive: true });
  await sweepTemporaries(temporaries(folder));
}

/** What stands of a part of this origin; undefined where a file of it is absent or is not what it was. */
export async function standingPart(folder: string, part: string, origin: string): Promise<Part | undefined> {
  const text = await readFile(partPath(folder, part), "utf8").catch(() => undefined);
  const found = Part.safeParse(text === undefined ? undefined : parsed(text));
  if (!found.success || found.data.origin !== origin) return undefined;
  for (const { path: name, byteLength, sha256 } of found.data.files) {
    const file = inTree(folder, name);
    const size = (await stat(file).catch(() => undefined))?.size;
    if (size !== byteLength || (await sha256OfFile(file)) !== sha256) return undefined;
  }
  return found.data;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export interface PartToWrite {
  readonly origin: string;
  readonly rows: AsyncIterable<Row>;
  /** Series that are no rows, as `rows` comes to them. */
  readonly rejects: readonly Reject[];
  readonly format: ExportFormat;
  /** The tar's, where the format has tars. */
  readonly tarName: string;
}

/** Writes the files of a shard's rows, one row in memory at a time; those that are there with the same bytes are left alone. */
export async function writePart(
  folder: string,
  part: string,
  { origin, rows, rejects, format, tarName }: PartToWrite,
  onRow?: (row: Row) => void,
): Promise<Part> {
  const made: Part = { origin, rows: 0, withoutReport: 0, files: [], lists: [], rejects: [] };
  async function* files(): AsyncGenerator<TreeFile> {
    for await (const row of rows) {
      const of = format.made(row);
      yield* of.files;
      made.lists.push(...of.lists);
      made.rows += 1;
      if (row.report === null) made.withoutReport += 1;
      onRow?.(row);
    }
  }
  if (format.inTars) {
    const temporary = temporaryFor(folder, tarName);
    const written = await makeWhole(inTree(folder, tarName), (name) => writeTar(name, files()), { temporary });
    made.files.push({ path: tarName, ...written });
  } else made.files.push(...(await writeFiles(folder, files())));
  made.rejects.push(...rejects);
  await writeWhole(partPath(folder, part), JSON.stringify(made), { temporary: temporaryFor(folder, part) });
  return made;
}

async function writeFiles(folder: string, files: AsyncIterable<TreeFile>): Promise<Part["files"]> {
  const written = new Map<string, Part["files"][number]>();
  for await (const file of files) {
    const sha256 = createHash("sha256").update(file.bytes).digest("hex");
    // Series of one case share its text.
    if (written.get(file.path)?.sha256 === sha256) continue;
    await writeOnce(folder, file);
    written.set(file.path, { path: file.path, byteLength: file.bytes.byteLength, sha256 });
  }
  return [...written.values()];
}

async function writeOnce(folder: string, { path: name, bytes }: TreeFile): Promise<void> {
  const file = inTree(folder, name);
  const there = await stat(file).catch(() => undefined);
  if (there?.size === bytes.byteLength && (await readFile(file)).equals(bytes)) return;
  await writeWhole(file, bytes, { temporary: temporaryFor(folder, path.basename(name)) });
}

const temporaryFor = (folder: string, name: string) => path.join(temporaries(folder), temporaryName(name));

/** Names come from archives: none leads out of the folder, or into what is kept about the export. */
function inTree(folder: string, name: string): string {
  const steps = name.split("/");
  const isSafe = steps.every((step) => step !== "" && step !== "." && step !== ".." && !/[\\\0]/.test(step));
  if (!isSafe || steps[0] === ".voxshard")
    throw new EtlError("bad-series-name", `${name}: is no path inside a folder; leave it out with --exclude`);
  return path.join(folder, ...steps);
}

/** What is in the tree's selection and not in the tree, a line each. */
export async function writeRejects(folder: string, rejects: readonly Reject[]): Promise<void> {
  const lines = rejects.map((reject) => `${JSON.stringify(reject)}\n`).join("");
  await writeWhole(rejectsPath(folder), lines, { temporary: temporaryFor(folder, "rejects") });
}

/** The lists of all parts in order, each file written at once; one part in memory at a time. */
export async function writeLists(folder: string, parts: readonly string[]): Promise<void> {
  const listsOf = async (part: string) => Part.parse(JSON.parse(await readFile(partPath(folder, part), "utf8"))).lists;
  async function* entries(file: string, list: string | null): AsyncGenerator<string> {
    for (const part of parts)
      for (const one of await listsOf(part)) if (one.file === file && one.list === list) yield one.entry;
  }
  const names = new Map<string, Set<string | null>>();
  for (const part of parts)
    for (const { file, list } of await listsOf(part)) names.set(file, (names.get(file) ?? new Set()).add(list));
  for (const [file, lists] of names) {
    const fill = async ({ write }: Sink) => {
      for await (const text of listText(lists, (list) => entries(file, list))) await write(Buffer.from(text));
    };
    const temporary = temporaryFor(folder, path.basename(file));
    await makeWhole(inTree(folder, file), (name) => createFile(name, fill), { temporary });
  }
}

/** JSON of the lists by name, an entry a line; of a list without a name the lines alone. */
async function* listText(
  lists: ReadonlySet<string | null>,
  entries: (list: string | null) => AsyncIterable<string>,
): AsyncGenerator<string> {
  if (lists.has(null)) {
    for await (const entry of entries(null)) yield `${entry}\n`;
    return;
  }
  let before = "{";
  for (const list of lists) {
    yield `${before}\n${JSON.stringify(list)}: [`;
    let comma = "\n";
    for await (const entry of entries(list)) {
      yield `${comma}${entry}`;
      comma = ",\n";
    }
    yield "\n]";
    before = ",";
  }
  yield "\n}\n";
}
