import { createHash } from "node:crypto";
import type { Stats } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";

/** Room in a file name of 255 bytes for what is put before and behind. */
const MAX_STEM = 120;
/** A name that is a file name everywhere, and no step upwards. */
const asName = (text: string) =>
  text
    .replace(/[^\w.-]+/g, "--")
    .slice(-MAX_STEM)
    .replace(/^\.+$/, "--");

function cacheBase(): string {
  return (
    process.env["VOXSHARD_CACHE"] ??
    path.join(process.env["XDG_CACHE_HOME"] ?? path.join(homedir(), ".cache"), "voxshard")
  );
}

/** Where archive directories are kept between runs, one folder a revision. */
export function cacheFolder(sourceName: string, revision: string): string {
  return path.join(cacheBase(), asName(sourceName), revision);
}

export function cacheFile(folder: string, archivePath: string): string {
  const digest = createHash("sha256").update(archivePath).digest("hex").slice(0, 12);
  return path.join(folder, `${asName(path.posix.basename(archivePath))}-${digest}.parquet`);
}

/** The file's bytes; undefined where there is none, or where others could have written it. */
export async function readTrusted(file: string): Promise<Uint8Array | undefined> {
  if ((await distrusted(file)) !== undefined) return undefined;
  return readFile(file).catch(() => undefined);
}

/** What of a path in the cache, from the cache's own folder down, others may write; undefined where nothing is. */
export async function distrusted(inCache: string): Promise<string | undefined> {
  for (let place = inCache; ; place = path.dirname(place)) {
    const found = await stat(place).catch(() => undefined);
    if (found && isOthers(found)) return place;
    if (place === path.dirname(place) || path.resolve(place) === path.resolve(cacheBase())) return undefined;
  }
}

/** A group is trusted where it is the user's own, which many systems give everybody. */
function isOthers({ uid, gid, mode }: Stats): boolean {
  const [user, group] = [process.geteuid?.(), process.getegid?.()];
  if (user === undefined) return false;
  const [BY_GROUP, BY_ALL] = [0o020, 0o002];
  return (uid !== user && uid !== 0) || (mode & BY_ALL) !== 0 || ((mode & BY_GROUP) !== 0 && gid !== group);
}
