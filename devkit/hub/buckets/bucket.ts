import { Refusal } from "../reply.ts";
import type { Context } from "../router.ts";
import { writer } from "../state.ts";

export interface BucketFile {
  readonly xetHash: string;
  readonly size: number;
  readonly uploadedAt: string;
}

/** Files by path, without commits: the last that was put is the one. */
export interface Bucket {
  readonly id: string;
  readonly isPrivate: boolean;
  readonly files: Map<string, BucketFile>;
}

export const newBucket = (id: string, isPrivate = true): Bucket => ({ id, isPrivate, files: new Map() });

/** The bucket that a URL names, if the actor may see it. */
export function bucketFor(context: Context): Bucket {
  const bucket = context.hub.buckets.get(`${context.params["owner"]}/${context.params["name"]}`);
  if (bucket && (!bucket.isPrivate || context.actor)) return bucket;
  if (!context.actor) throw new Refusal(401, "Invalid username or password.", "RepoNotFound");
  throw new Refusal(404, "Repository not found", "RepoNotFound");
}

/** The same, if the actor may write to it. */
export function writableBucket(context: Context): Bucket {
  const bucket = bucketFor(context);
  writer(context, bucket.id.split("/")[0]!);
  return bucket;
}
