import path from "node:path";
import { paddedShard } from "../plan/plan-shards.ts";

export const planPath = (folder: string) => path.join(folder, ".voxshard", "plan.json");
/** The source's README as it was when the data set was published first. */
export const sourceCardPath = (folder: string) => path.join(folder, ".voxshard", "source-card.md");
/** The plan of the whole data set, with all questions of M3D-VQA, has some 300 MB; a string cannot hold much more than this. */
export const MAX_STATE_BYTES = 500_000_000;
export const temporaryFolder = (folder: string) => path.join(folder, ".voxshard", "tmp");

/** The state of the plan that a folder is being switched to, and how far that is. */
export const nextFolder = (folder: string) => path.join(folder, ".voxshard", "next");
export const journalPath = (folder: string) => path.join(nextFolder(folder), "journal.json");
/** What the last update has brought. */
export const updatedPath = (folder: string) => path.join(folder, ".voxshard", "updated.json");

/** What an audit found in the shards. */
export const auditPath = (folder: string) => path.join(folder, ".voxshard", "audit.json");

/** The recipe that the folder is rebuilt by, where it is. */
export const recipePath = (folder: string) => path.join(folder, ".voxshard", "recipe");

/** The plan in parts, a shard each: a task reads its own, and the head that names them. */
export const partsHeadPath = (folder: string) => path.join(folder, ".voxshard", "parts", "head.json");
export const partPath = (folder: string, shard: number) => ofShard(folder, "parts", shard, "json.gz");

/** Of plans that are on their way into a store: a file for each try, there for a moment. */
export const claimsFolder = (folder: string) => path.join(folder, ".voxshard", "claims");
export const claimPath = (folder: string, planHash: string, of: string) =>
  path.join(claimsFolder(folder), `${planHash}.${of}`);
export const isClaimOf = (file: string, planHash: string) => path.basename(file).startsWith(`${planHash}.`);

/** What is kept of one shard: `.voxshard/KIND/00000.json`, the number padded as in the shard's own name. */
const ofShard = (folder: string, kind: string, shard: number, extension = "json") =>
  path.join(folder, ".voxshard", kind, `${paddedShard(shard)}.${extension}`);
export const receiptPath = (folder: string, shard: number) => ofShard(folder, "receipts", shard);
/** Written once a shard's bytes are in a repository's store. */
export const sentPath = (folder: string, shard: number) => ofShard(folder, "sent", shard);
/** What a shard was made from. */
export const readMarkPath = (folder: string, shard: number) => ofShard(folder, "read", shard);
/** Where the index rows of a shard are kept whose file may go. */
export const indexPart = (folder: string, shard: number) => ofShard(folder, "index", shard, "parquet");
/** What an engine was handed. */
export const enginePath = (folder: string) => path.join(folder, ".voxshard", "engine");
/** How a try at a shard went; one process' tries at one shard share a file. */
export const attemptPath = (folder: string, shard: number, host: string, pid: number) =>
  path.join(folder, ".voxshard", "attempts", `${paddedShard(shard)}.${host}.${pid}.jsonl`);
