import { mkdir, readdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { EtlError } from "../errors.ts";
import { readPlainFile } from "../files/read-file.ts";
import { temporaryName } from "../files/temporary-files.ts";
import { syncFolder, writeFault, writeWhole } from "../files/whole-file.ts";
import { type Plan, shardPath } from "../model/plan.ts";
import type { Receipt } from "../model/receipt.ts";
import { Updated } from "../model/updated.ts";
import type { Sent } from "../model/verified.ts";
import { planHash } from "../plan/plan-hash.ts";
import * as layout from "./layout.ts";
import { exists } from "./output-folder.ts";
import { sealed } from "./receipts.ts";

const { indexPart, journalPath, nextFolder, planPath } = layout;

/** A shard of the old plan that is one of the new plan's, byte for byte. */
export interface KeptShard {
  /** As the old plan has it. */
  readonly receipt: Receipt;
  /** Its number in the new plan. */
  readonly shard: number;
  readonly marks: readonly string[];
  readonly sent: Sent | undefined;
}

const movable = z.union([shardPath, z.string().regex(/^\.voxshard\/index\/\d{5,}\.parquet$/)]);
/**
 * How far a switch is, in `.voxshard/next/`, which holds the new plan's state as it will lie in the folder. gather: files
 * that stay go there; clear: what is left of the old plan goes; place: the new state gets its names. Each step can be done
 * again from its beginning.
 */
const Journal = z.strictObject({
  version: z.literal(1),
  step: z.enum(["gather", "clear", "place"]),
  moves: z.array(z.strictObject({ from: movable, to: movable })),
  stale: z.array(shardPath),
});
type Journal = z.infer<typeof Journal>;

/** Makes the folder of one plan's conversion another plan's, with those shards that it keeps; the rest is to be made. */
export async function switchPlan(
  folder: string,
  old: Plan,
  next: Plan,
  kept: readonly KeptShard[],
  updated: Updated,
): Promise<void> {
  const staged = path.join(layout.temporaryFolder(folder), temporaryName("next"));
  const moves = kept.flatMap(({ receipt, shard }) => [
    { from: receipt.path, to: next.shards[shard]!.path },
    { from: indexPart("", receipt.shard), to: indexPart("", shard) },
  ]);
  try {
    await writeState(staged, next, kept);
    await writeWhole(layout.updatedPath(staged), JSON.stringify(updated));
    const stale = old.shards.map((shard) => shard.path);
    await writeJournal(folder, staged, { version: 1, step: "gather", moves, stale });
    // From here on the folder is on its way, whoever goes on with it.
    await rename(staged, nextFolder(folder));
    await syncFolder(path.dirname(nextFolder(folder)));
  } catch (error) {
    await rm(staged, { recursive: true, force: true }).catch(() => {});
    throw writeFault(error, nextFolder(folder));
  }
  await finishSwitch(folder);
}

async function writeState(staged: string, next: Plan, kept: readonly KeptShard[]): Promise<void> {
  const hash = planHash(next);
  for (const { receipt, shard, marks, sent } of kept) {
    const { path: name } = next.shards[shard]!;
    const own = { ...receipt, shard, of: next.shards.length, planHash: hash, path: name };
    await writeWhole(layout.receiptPath(staged, shard), sealed(own));
    await writeWhole(layout.readMarkPath(staged, shard), JSON.stringify(marks));
    if (sent) await writeWhole(layout.sentPath(staged, shard), JSON.stringify({ ...sent, path: name }));
  }
  await writeWhole(planPath(staged), JSON.stringify(next));
}

/** Ends a switch that was begun, from wherever it was stopped. */
export async function finishSwitch(folder: string): Promise<void> {
  const next = nextFolder(folder);
  try {
    let journal = await readJournal(folder);
    if (journal?.step === "gather") {
      for (const { from, to } of journal.moves) await gathered(path.join(folder, from), path.join(next, to));
      journal = await writeJournal(folder, next, { ...journal, step: "clear" });
    }
    if (journal?.step === "clear") {
      await clear(folder, journal);
      journal = await writeJournal(folder, next, { ...journal, step: "place" });
    }
    if (journal) await place(folder);
    await rm(next, { recursive: true, force: true });
  } catch (error) {
    throw writeFault(error, next);
  }
}

async function gathered(from: string, to: string): Promise<void> {
  await mkdir(path.dirname(to), { recursive: true });
  // A shard that was sent and freed is not there; one that was gathered before is not to be overwritten.
  if (!(await exists(to))) await rename(from, to).catch(unlessGone);
}

async function clear(folder: string, { stale }: Journal): Promise<void> {
  const state = ["receipts", "read", "sent", "index", "parts"].map((name) => `.voxshard/${name}`);
  const summaries = ["index.parquet", "rejects.jsonl", "README.md"];
  const gone = [...stale, ...state, ...summaries].map((name) => path.join(folder, name));
  for (const file of [...gone, layout.sourceCardPath(folder)]) await rm(file, { recursive: true, force: true });
}

/** The plan comes last. */
async function place(folder: string): Promise<void> {
  const next = nextFolder(folder);
  const entries = await readdir(next, { recursive: true, withFileTypes: true });
  const all = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const last = planPath(next);
  const files = all.filter((file) => file !== journalPath(folder) && file !== last);
  for (const file of [...files, last]) {
    const target = path.join(folder, path.relative(next, file));
    await mkdir(path.dirname(target), { recursive: true });
    await rename(file, target).catch(unlessGone);
  }
  for (const name of ["data", ".voxshard/receipts", ".voxshard"]) await syncFolder(path.join(folder, name));
}

function unlessGone(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}

/** Its temporary file lies apart: all that lies beside a journal is state, and gets a name in the folder. */
async function writeJournal(folder: string, next: string, journal: Journal): Promise<Journal> {
  const name = path.basename(journalPath(""));
  const temporary = path.join(layout.temporaryFolder(folder), temporaryName(name));
  await writeWhole(path.join(next, name), JSON.stringify(journal), { temporary });
  return journal;
}

async function readJournal(folder: string): Promise<Journal | undefined> {
  const text = await readPlainFile(journalPath(folder), layout.MAX_STATE_BYTES).catch(unlessGone);
  if (text === undefined) return undefined;
  try {
    return Journal.parse(JSON.parse(text));
  } catch (error) {
    throw new EtlError("bad-plan", `${journalPath(folder)}: cannot be read; convert into a new folder`, error);
  }
}

/** What the folder's last update has brought, where that was of this plan's revision. */
export async function lastUpdate(folder: string, { source }: Plan): Promise<Updated | undefined> {
  const text = await readPlainFile(layout.updatedPath(folder), layout.MAX_STATE_BYTES).catch(() => "null");
  const { data } = Updated.safeParse(JSON.parse(text));
  return data?.to === source.revision ? data : undefined;
}
