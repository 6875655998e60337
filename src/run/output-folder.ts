import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import { readPlainFile } from "../bytes/file.ts";
import { EtlError } from "../errors.ts";
import { type Plan, parsePlan as parse } from "../model/plan.ts";
import { Receipt } from "../model/receipt.ts";
import { Sent } from "../model/verified.ts";
import { writeFault, writeWhole } from "./cache-folder.ts";
import { planHash } from "./plan.ts";

export const planPath = (folder: string) => path.join(folder, ".voxshard", "plan.json");
/** The source's README as it was when the data set was published first. */
export const sourceCardPath = (folder: string) => path.join(folder, ".voxshard", "source-card.md");
/** The plan of the whole data set, with all questions of M3D-VQA, has some 300 MB; a string cannot hold much more than this. */
export const MAX_STATE_BYTES = 500_000_000;
const temporaryFolder = (folder: string) => path.join(folder, ".voxshard", "tmp");

/** `.voxshard/receipts/<shard>.json`, the shard's number padded as in its name. */
export function receiptPath(folder: string, shard: number): string {
  return path.join(folder, ".voxshard", "receipts", `${String(shard).padStart(5, "0")}.json`);
}

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

/** Makes the folder the plan's own; a folder that has another plan is left as it is. */
export async function claimFolder(folder: string, plan: Plan): Promise<void> {
  const there = await readPlan(folder);
  if (there && planHash(there) !== planHash(plan))
    throw new EtlError(
      "other-plan",
      `${folder}: holds a conversion with other arguments or of another revision; choose a new --out`,
    );
  try {
    await mkdir(path.join(folder, "data"), { recursive: true });
    await mkdir(path.join(folder, ".voxshard", "receipts"), { recursive: true });
    await mkdir(temporaryFolder(folder), { recursive: true });
  } catch (error) {
    throw writeFault(error, folder);
  }
  if (!there) await writeWhole(planPath(folder), JSON.stringify(plan));
}

/** The receipt of a shard as it stands; undefined where there is none or where it is not one. Another plan's is an error. */
export async function readReceipt(folder: string, shard: number, hash: string): Promise<Receipt | undefined> {
  const text = await readPlainFile(receiptPath(folder, shard), MAX_STATE_BYTES).catch(() => undefined);
  if (text === undefined) return undefined;
  let receipt: Receipt;
  try {
    receipt = Receipt.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
  if (receipt.planHash !== hash)
    throw new EtlError("other-plan", `${receiptPath(folder, shard)}: of another plan; choose a new --out`);
  return receipt.shard === shard ? receipt : undefined;
}

/** `.voxshard/sent/<shard>.json`: written once a shard's bytes are in a repository's store. */
export function sentPath(folder: string, shard: number): string {
  return path.join(folder, ".voxshard", "sent", `${String(shard).padStart(5, "0")}.json`);
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
export function temporaryFile(folder: string, name: string): string {
  const owner = `${hostname().replace(/[^\w-]/g, "_")}.${process.pid}`;
  return path.join(temporaryFolder(folder), `${name}.${owner}.${Math.random().toString(36).slice(2)}`);
}

const ABANDONED_AFTER_MS = 24 * 3600 * 1000;

/** Removes what dead processes left: those of this host by their number, those of others after a day. */
export async function sweep(folder: string): Promise<void> {
  const here = hostname().replace(/[^\w-]/g, "_");
  for (const name of await readdir(temporaryFolder(folder)).catch(() => [])) {
    const [host, pid] = name.split(".").slice(-3);
    const file = path.join(temporaryFolder(folder), name);
    const age = Date.now() - ((await stat(file).catch(() => undefined))?.mtimeMs ?? Date.now());
    const dead = host === here ? !isAlive(Number(pid)) : age > ABANDONED_AFTER_MS;
    if (dead) await rm(file, { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** All receipts in order of shard; those missing are named in the error. */
export async function allReceipts(folder: string, plan: Plan): Promise<readonly Receipt[]> {
  const hash = planHash(plan);
  const receipts: Receipt[] = [];
  const missing: number[] = [];
  for (const shard of plan.shards.keys()) {
    const receipt = await readReceipt(folder, shard, hash);
    if (receipt) receipts.push(receipt);
    else missing.push(shard);
  }
  if (missing.length > 0)
    throw new EtlError(
      "interrupted",
      `${folder}: ${missing.length} of ${plan.shards.length} shards are missing; run convert again`,
    );
  return receipts;
}
