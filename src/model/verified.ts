import { z } from "zod";
import { type Plan, shardPath } from "./plan.ts";
import type { Receipt } from "./receipt.ts";

declare const verified: unique symbol;
interface Verified {
  readonly [verified]: true;
}

/** A file of a conversion as it lies on disk. */
export interface OutputFile {
  /** Where it lies. */
  readonly file: string;
  /** Its path in the folder and in a repository. */
  readonly path: string;
  readonly byteLength: number;
  readonly sha256: string;
}

/** A shard that was read back and held; `verify/` alone makes one, and it is the only shard that can be published. */
export type VerifiedShard = OutputFile & { readonly rows: number; readonly dataBytes: number } & Verified;

/** A conversion's folder in which everything held; `verify/` alone makes one. */
export type VerifiedFolder = {
  readonly folder: string;
  readonly plan: Plan;
  readonly receipts: readonly Receipt[];
  /** In the plan's order. */
  readonly shards: readonly VerifiedShard[];
} & Verified;

/** `.voxshard/sent/<shard>.json`: the shard held and its bytes are in the repository's store, so its file may go. */
export const Sent = z.strictObject({
  version: z.literal(1),
  repository: z.string(),
  path: shardPath,
  byteLength: z.int().nonnegative(),
  sha256: z.string(),
  rows: z.int().nonnegative(),
  /** Bytes of all cells before encoding and compression. */
  dataBytes: z.int().nonnegative(),
});
export type Sent = z.infer<typeof Sent>;
