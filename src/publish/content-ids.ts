import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { RepositoryFile } from "../hub/tree.ts";

/** True when a repository's file has these bytes, whether it lies there in LFS (SHA-256) or in git (its blob's id). */
export async function isSameFile(there: RepositoryFile | undefined, file: string): Promise<boolean> {
  const { size } = await stat(file);
  if (there?.byteLength !== size) return false;
  const ids = [createHash("sha256"), createHash("sha1").update(`blob ${size}\0`)];
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) for (const id of ids) id.update(chunk);
  return ids.some((id) => id.digest("hex") === there.contentId);
}
