import { crc32 } from "node:zlib";
import tar from "tar-stream";
import type { ByteSource, ReadOptions } from "../../bytes/byte-source.ts";
import { EtlError, isFault } from "../../errors.ts";
import type { ArchiveFormat, Directory, Member } from "../archive-format.ts";
import { inFolders } from "../folders.ts";
import { MAX_DIRECTORY_BYTES, MAX_MEMBER_BYTES, MAX_MEMBERS } from "../limits.ts";
import { plainName } from "../member-name.ts";
import { seriesOfKeys } from "./keys.ts";

/**
 * A tar has no directory: it is read once from end to end, and what was found is kept like another archive's. Its members
 * carry no checksum; the CRC-32 taken in that pass is what later reads are held against.
 */
export const tarball: ArchiveFormat = { name: "tar", accepts: (path) => /\.tar$/i.test(path), directory, extract };

/** The same behind gzip: offsets are those of the unpacked bytes, which its source streams. */
export const gzippedTarball: ArchiveFormat = {
  ...tarball,
  name: "tar.gz",
  accepts: (path) => /\.(?:tar\.gz|tgz)$/i.test(path),
};

async function directory(source: ByteSource, options: ReadOptions = {}): Promise<Directory> {
  const members: Member[] = [];
  const folders: string[] = [];
  const refused: { path: string; reason: string }[] = [];
  if (source.byteLength === 0) throw new EtlError("bad-archive", `${source.name}: an empty file; get it again`);
  let [entries, nameBytes] = [0, 0];
  const extractor = tar.extract();
  const fed = feed(extractor, source, options);
  try {
    for await (const entry of extractor) {
      const { header } = entry;
      const path = plainName(header.name);
      const byteLength = header.size ?? 0;
      if (++entries > MAX_MEMBERS || (nameBytes += path.length) > MAX_DIRECTORY_BYTES)
        throw new EtlError(
          "bad-archive",
          `${source.name}: more than ${MAX_MEMBERS} entries, or ${MAX_DIRECTORY_BYTES} bytes of names; no such archive is read`,
        );
      const reason = refusal(header, byteLength);
      let checksum = 0;
      for await (const chunk of entry) if (!reason) checksum = crc32(chunk as Uint8Array, checksum);
      if (path === "") continue;
      if (header.type === "directory") folders.push(path.endsWith("/") ? path : `${path}/`);
      else if (reason) refused.push({ path, reason });
      else {
        // The parser counts; its type declarations do not say so.
        const start = (header as { byteOffset?: number }).byteOffset ?? 0;
        const end = start + byteLength;
        members.push({ path, start, end, storedBytes: byteLength, byteLength, crc32: checksum, method: "store" });
      }
    }
    await fed;
  } catch (error) {
    const first = await fed.catch((reason) => reason);
    // The parser knows what is wrong, unless the bytes did not come.
    const cause = isFault(first) && !isFault(error) ? first : error;
    if (isFault(cause) || options.signal?.aborted) throw cause;
    throw new EtlError("bad-archive", `${source.name}: no whole tar: ${(cause as Error).message}; get it again`, cause);
  }
  return { folders: inFolders(seriesOfKeys(members), folders), refused };
}

async function feed(extractor: tar.Extract, source: ByteSource, options: ReadOptions): Promise<void> {
  try {
    for await (const chunk of source.read({ start: 0, end: source.byteLength }, options))
      if (!extractor.write(chunk)) await drained(extractor);
    extractor.end(null);
  } catch (error) {
    extractor.destroy(error as Error);
    throw error;
  }
}

/** Until there is room again, or nothing will ever be taken again. */
function drained(extractor: tar.Extract): Promise<void> {
  if (extractor.destroyed) return Promise.reject(new Error("the archive cannot be read on"));
  return new Promise((resolve, reject) => {
    const settle = (end: () => void) => () => {
      extractor.off("drain", onDrain).off("close", onClose);
      end();
    };
    const onDrain = settle(resolve);
    const onClose = settle(() => reject(new Error("the archive cannot be read on")));
    extractor.on("drain", onDrain).on("close", onClose);
  });
}

function refusal(header: tar.Header, byteLength: number): string | undefined {
  const sparse = Object.keys((header as { pax?: object }).pax ?? {}).some((key) => key.startsWith("GNU.sparse"));
  if (sparse) return "a sparse file";
  if (header.type !== "file" && header.type !== "contiguous-file" && header.type !== "directory")
    return `a ${header.type ?? "member of unknown kind"}, not a file`;
  return byteLength > MAX_MEMBER_BYTES ? `larger than ${MAX_MEMBER_BYTES} bytes` : undefined;
}

function extract(member: Member, extent: Uint8Array): Uint8Array | EtlError {
  if (extent.byteLength !== member.byteLength)
    return new EtlError("bad-member", `${member.path}: ${extent.byteLength} bytes, ${member.byteLength} expected`);
  if (crc32(extent) !== member.crc32)
    return new EtlError("crc-mismatch", `${member.path}: its CRC-32 is not that of the first reading`);
  return extent;
}
