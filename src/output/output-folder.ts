import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { access, link, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { EtlError } from "../errors.ts";
import { readPlainFile } from "../files/read-file.ts";
import { sweepTemporaries, temporaryName } from "../files/temporary-files.ts";
import { makeWhole, syncFolder, writeFault, writeWhole } from "../files/whole-file.ts";
import { type Plan, parsePlan as parse } from "../model/plan.ts";
import { Receipt, SealedReceipt } from "../model/receipt.ts";
import { Sent } from "../model/verified.ts";
import { planHash } from "../plan/plan-hash.ts";
import { paddedShard } from "../plan/plan-shards.ts";

const planPath = (folder: string) => path.join(folder, ".voxshard", "plan.json");
/** The source's README as it was when the data set was published first. */
export const sourceCardPath = (folder: string) => path.join(folder, ".voxshard", "source-card.md");
/** The plan of the whole data set, with all questions of M3D-VQA, has some 300 MB; a string cannot hold much more than this. */
export const MAX_STATE_BYTES = 500_000_000;
const temporaryFolder = (folder: string) => path.join(folder, ".voxshard", "tmp");

/** What is kept of one shard: `.voxshard/KIND/00000.json`, the number padded as in the shard's own name. */
const ofShard = (folder: string, kind: string, shard: number, extension = "json") =>
  path.join(folder, ".voxshard", kind, `${paddedShard(shard)}.${extension}`);
export const receiptPath = (folder: string, shard: number) => ofShard(folder, "receipts", shard);
/** Written once a shard's bytes are in a repository's store. */
export const sentPath = (folder: string, shard: number) => ofShard(folder, "sent", shard);
/** Where the index rows of a shard are kept whose file may go. */
export const indexPart = (folder: string, shard: number) => ofShard(folder, "index", shard, "parquet");

/** The folder's plan; undefined where there is none. */
export async function readPlan(folder: string): Promise<Plan | undefined> {
  const text = await readPlainFile(planPath(folder), MAX_STATE_BYTES).catch((error) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    if (error.code !== undefined) throw writeFault(error, planPath(folder));
    throw new EtlError("bad-plan", `${planPath(folder)}: no plan (${error.message}); convert into a new folder`, error);
  });
  return text === undefined ? undefined : parsePlan(text, planPath(folder));
}

export function parsePlan(text: string, where: string): Plan {
  try {
    return parse(JSON.parse(text));
  } catch (error) {
    throw new EtlError("bad-plan", `${where}: not a plan of this version; convert into a new folder`, error);
  }
}

/** Makes the folder the plan's own; a folder that has another plan, or files that no conversion left, stays as it is. */
export async function claimFolder(folder: string, plan: Plan): Promise<void> {
  if (isOwn(folder, plan, await readPlan(folder))) return makeFolders(folder);
  await refuseForeign(folder);
  await makeFolders(folder);
  await writeInto(folder, planPath(folder), JSON.stringify(plan), placeFirst);
  // Another run may have come first, with other arguments.
  isOwn(folder, plan, await readPlan(folder));
}

function isOwn(folder: string, plan: Plan, there: Plan | undefined): boolean {
  if (there && planHash(there) !== planHash(plan))
    throw new EtlError(
      "other-plan",
      `${folder}: holds a conversion with other arguments or of another revision; choose a new --out`,
    );
  return there !== undefined;
}

/** What a conversion would write over. */
async function refuseForeign(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found && !found.isDirectory())
    throw new EtlError("cannot-write", `${folder}: is a file, not a folder; choose another --out`);
  const names = await readdir(folder).catch((): string[] => []);
  const data = await readdir(path.join(folder, "data")).catch((): string[] => []);
  const own = ["index.parquet", "rejects.jsonl", "README.md"];
  const taken = data.length > 0 ? "data" : names.find((name) => own.includes(name));
  if (taken !== undefined && !(await exists(path.join(folder, ".voxshard"))))
    throw new EtlError(
      "cannot-write",
      `${path.join(folder, taken)}: is there, and no conversion left it; choose a new --out`,
    );
}

async function makeFolders(folder: string): Promise<void> {
  try {
    // First, for it tells a conversion's folder from others.
    const made = await mkdir(path.dirname(receiptPath(folder, 0)), { recursive: true });
    await mkdir(temporaryFolder(folder), { recursive: true });
    await mkdir(path.join(folder, "data"), { recursive: true });
    if (made === undefined) return;
    // Folders, too, outlast a power cut only once those that hold them are synced.
    const outer = [path.dirname(path.resolve(folder)), path.dirname(made)];
    for (const parent of [path.join(folder, ".voxshard"), folder, ...outer]) await syncFolder(parent);
  } catch (error) {
    throw writeFault(error, folder);
  }
}

/** Gives the temporary file its name unless another has it: of two first runs, one does. */
async function placeFirst(temporary: string, file: string): Promise<void> {
  try {
    await link(temporary, file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Some file systems have no links; there, the later of two first runs has the folder.
    if (code !== "EEXIST") return rename(temporary, file);
  }
  await rm(temporary, { force: true });
}

/** A file of the folder, whole or not at all. Its temporary file lies where `sweep` finds it. */
export function writeInto(
  folder: string,
  file: string,
  content: string,
  place?: (temporary: string, file: string) => Promise<void>,
): Promise<void> {
  const temporary = temporaryFile(folder, path.basename(file));
  return writeWhole(file, content, { temporary, ...(place && { place }) });
}

/** A large file of the folder, whole or not at all; gives what `make`, which fills the temporary file, gave. */
export function makeInto<T>(folder: string, file: string, make: (temporary: string) => Promise<T>): Promise<T> {
  return makeWhole(file, make, { temporary: temporaryFile(folder, path.basename(file)) });
}

/** A receipt as it is written: with its own checksum, so that an edited one is told from a sound one. */
export function sealed(receipt: Receipt): string {
  const own = Receipt.parse(receipt);
  return JSON.stringify({ ...own, seal: createHash("sha256").update(JSON.stringify(own)).digest("hex") });
}

const OTHERS = "has no receipt of this plan";

/** The receipt of a shard as it stands, or in words why it has none to go by. */
export async function receiptOrWhy(folder: string, shard: number, hash: string): Promise<Receipt | string> {
  const text = await readPlainFile(receiptPath(folder, shard), MAX_STATE_BYTES).catch(() => undefined);
  if (text === undefined) return "has no receipt";
  const found = SealedReceipt.safeParse(parsed(text));
  if (!found.success) return "its receipt is damaged";
  const { seal: _, ...receipt } = found.data;
  if (sealed(receipt) !== text) return "its receipt is damaged or was edited";
  if (receipt.planHash !== hash) return OTHERS;
  return receipt.shard === shard ? receipt : "its receipt is another shard's";
}

/** The receipt of a shard; undefined where there is none or where it is not as it was written. Another plan's is an error. */
export async function readReceipt(folder: string, shard: number, hash: string): Promise<Receipt | undefined> {
  const found = await receiptOrWhy(folder, shard, hash);
  if (found === OTHERS)
    throw new EtlError("other-plan", `${receiptPath(folder, shard)}: of another plan; choose a new --out`);
  return typeof found === "string" ? undefined : found;
}

/** What was sent of the folder, by shard. */
export async function allSent(folder: string, plan: Plan): Promise<ReadonlyMap<number, Sent>> {
  const found = new Map<number, Sent>();
  for (const shard of plan.shards.keys()) {
    const text = await readPlainFile(sentPath(folder, shard), MAX_STATE_BYTES).catch(() => "null");
    const sent = Sent.safeParse(parsed(text));
    if (sent.success) found.set(shard, sent.data);
  }
  return found;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** True when the shard's file is, byte for byte, what its receipt says. */
export async function isWhole(folder: string, receipt: Receipt): Promise<boolean> {
  const file = path.join(folder, receipt.path);
  const found = await stat(file).catch(() => undefined);
  return found?.size === receipt.byteLength && (await sha256OfFile(file)) === receipt.sha256;
}

export async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest("hex");
}

/** A name for work under way, outside data/, that tells which process on which host it belongs to. */
function temporaryFile(folder: string, name: string): string {
  return path.join(temporaryFolder(folder), temporaryName(name));
}

/** Removes what dead processes left. */
export async function sweep(folder: string): Promise<void> {
  try {
    await sweepTemporaries(temporaryFolder(folder));
  } catch (error) {
    throw writeFault(error, temporaryFolder(folder));
  }
}

/** Every receipt in order of shard, and the shards that have none, or whose file is neither here nor in a repository. */
export async function standing(
  folder: string,
  plan: Plan,
): Promise<{ receipts: readonly Receipt[]; missing: readonly number[] }> {
  const [hash, sent] = [planHash(plan), await allSent(folder, plan)];
  const receipts: Receipt[] = [];
  const missing: number[] = [];
  for (const shard of plan.shards.keys()) {
    const receipt = await readReceipt(folder, shard, hash);
    const isThere = receipt && (sent.has(shard) || (await exists(path.join(folder, receipt.path))));
    if (isThere) receipts.push(receipt);
    else missing.push(shard);
  }
  return { receipts, missing };
}

export function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** All receipts in order of shard; those missing are named in the error. */
export async function allReceipts(folder: string, plan: Plan): Promise<readonly Receipt[]> {
  const { receipts, missing } = await standing(folder, plan);
  if (missing.length > 0)
    throw new EtlError(
      "interrupted",
      `${folder}: ${missing.length} of ${plan.shards.length} shards are missing: ${asArray(missing)}; run convert again`,
    );
  return receipts;
}

/** 3,7,12-15: as job arrays take it. */
export function asArray(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([from, to]) => (from === to ? from : `${from}-${to}`)).join(",");
}
