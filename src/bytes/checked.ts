import { createHash } from "node:crypto";
import { EtlError } from "../errors.ts";
import { type ByteSource, readAll } from "./byte-source.ts";

/**
 * A file of a repository, whose whole is held against the id that the repository's listing gives: git's blob id, or the
 * SHA-256 of a large file. What was altered on the way may be right the second time; else it is "source-changed". An id
 * of another form, and reads of a part, are let through.
 */
export function checkedByContentId(bytes: ByteSource, contentId: string): ByteSource {
  const hash = { 40: gitBlobId, 64: sha256 }[/^[0-9a-f]+$/.test(contentId) ? contentId.length : 0];
  if (!hash) return bytes;
  return {
    ...bytes,
    async *read(range, options) {
      if (range.start > 0 || range.end < bytes.byteLength) return yield* bytes.read(range, options);
      for (const isLast of [false, true]) {
        const content = await readAll(bytes, range, options);
        const found = hash(content);
        if (found === contentId) return yield content;
        if (isLast)
          throw new EtlError(
            "source-changed",
            `${bytes.name}: its content has the id ${found}, the listing says ${contentId}; is the mirror whole?`,
          );
      }
    },
  };
}

const sha256 = (content: Uint8Array) => createHash("sha256").update(content).digest("hex");
const gitBlobId = (content: Uint8Array) =>
  createHash("sha1").update(`blob ${content.byteLength}\0`).update(content).digest("hex");
