import { createHash } from "node:crypto";
import type { ReadOptions } from "../bytes/byte-source.ts";
import { EtlError } from "../errors.ts";
import type { IndexedArchive } from "../model/coordinates.ts";
import type { Archive, KnownDirectory, Source } from "../source/source.ts";
import type { ArchiveIndex } from "./archive-index.ts";

/**
 * The source with its archives' directories from the index, and the index's lists where it has none. Throws
 * "source-changed" for an archive that is not the index's by its size or by what the Hub says it hashes to; others are held
 * against the hash of their own directory before that is taken from the index.
 */
export function fitted(source: Source, index: ArchiveIndex): Source {
  const { kind, revision } = index.head.source;
  const isSameCommit = kind !== "local" && source.kind === kind && source.revision === revision;
  for (const archive of source.archives) {
    const indexed = archive.cacheable ? index.archive(archive.path) : undefined;
    if (!indexed) continue;
    const why = differing(source, archive, indexed);
    if (why !== undefined) throw unfit(archive, index.name, why);
    const isProven = isSameCommit || (source.kind !== "local" && archive.contentId === indexed.contentId);
    Object.assign(archive, { known: knownOf(archive, indexed, index, isProven) });
  }
  return { ...source, splitFile: source.splitFile ?? index.splitFile };
}

/** How an archive is another one than the index's, as far as its listing tells. */
export function differing(
  source: Pick<Source, "kind">,
  archive: Archive,
  { byteLength, contentId }: IndexedArchive,
): string | undefined {
  if (archive.byteLength !== byteLength) return `has ${archive.byteLength} bytes, ${byteLength} in`;
  // A mirror may name bytes in another way; only names of one kind can differ.
  const isAlike = source.kind !== "local" && archive.contentId.length === contentId?.length;
  return isAlike && archive.contentId !== contentId ? "is another file by its hash than in" : undefined;
}

/** Whether an archive's own directory is, byte for byte, the index's; undefined where its format has none to compare. */
export async function hasOwnDirectory(
  { bytes }: Pick<Archive, "bytes">,
  { own }: IndexedArchive,
  options: ReadOptions = {},
): Promise<boolean | undefined> {
  if (!own) return undefined;
  const hash = createHash("sha256");
  for await (const chunk of bytes.read(own, options)) hash.update(chunk);
  return hash.digest("hex") === own.sha256;
}

function knownOf(archive: Archive, indexed: IndexedArchive, index: ArchiveIndex, isProven: boolean): KnownDirectory {
  let checked: Promise<void> | undefined;
  const fits = async (signal: AbortSignal | undefined) => {
    if (archive.format.name !== indexed.format) await archive.reopen?.(signal);
    if (archive.format.name !== indexed.format)
      throw unfit(archive, index.name, `is ${archive.format.name}, not as in`);
    if (!isProven && (await hasOwnDirectory(archive, indexed, { signal })) === false)
      throw unfit(archive, index.name, "has another directory than in");
  };
  const check = (signal: AbortSignal | undefined) => {
    checked ??= fits(signal).catch((error) => {
      checked = undefined;
      throw error;
    });
    return checked;
  };
  return {
    async outline(signal) {
      await check(signal);
      return index.outline(indexed, { signal });
    },
    async whole(signal) {
      await check(signal);
      return index.whole(indexed, { signal });
    },
    doubt(member) {
      if (!isProven && !indexed.own) throw unfit(archive, index.name, `has other bytes at ${member} than in`);
    },
  };
}

const unfit = ({ path }: Archive, name: string, why: string) =>
  new EtlError(
    "source-changed",
    `${path}: ${why} the index ${name}: it is not whole, or of another version; voxshard check tells of all; get it again, or leave out --index`,
  );
