import type { ByteSource, ReadOptions } from "../bytes/byte-source.ts";
import type { EtlError } from "../errors.ts";

/** One file inside an archive: where it lies and how to check it. `path` is the archive's own spelling. */
export interface Member {
  readonly path: string;
  /** First byte of the member (its local header, where the format has one). */
  readonly start: number;
  /** First byte that is not the member's: the next member, or the end of the data. */
  readonly end: number;
  readonly storedBytes: number;
  readonly byteLength: number;
  readonly crc32: number;
  readonly method: "store" | "deflate";
}

/** What an archive holds: its members in order of `start`, and the entries that were refused, each with its reason. */
export interface Directory {
  readonly members: readonly Member[];
  /** Entries that are folders, with their trailing slash: an empty series is known by nothing else. */
  readonly folders: readonly string[];
  readonly refused: readonly { readonly path: string; readonly reason: string }[];
}

/** A way to find members in an archive and to read one from the bytes of its extent [start, end). */
export interface ArchiveFormat {
  readonly name: string;
  /** True when the file's name says that it is such an archive. */
  accepts(path: string): boolean;
  directory(source: ByteSource, options?: ReadOptions): Promise<Directory>;
  /** The member's content, CRC-32 checked; the error is returned, not thrown, since it concerns this member alone. */
  extract(member: Member, extent: Uint8Array): Uint8Array | EtlError;
}
