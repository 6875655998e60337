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

/**
 * A folder's own members, packed: some 6 bytes each where their names are numbers. What is known of them together stands
 * here; `membersOf` in folders.ts makes each of them.
 */
export interface Folder {
  /** With its trailing slash; "" is the archive's root. */
  readonly path: string;
  /** 0 for an entry that is a folder and no more: an empty series is known by nothing else. */
  readonly count: number;
  /** The first member's start, and the last one's end. */
  readonly start: number;
  readonly end: number;
  /** What all members together take in memory: see `memoryBytesOf` in folders.ts. */
  readonly memoryBytes: number;
  /** ".jpeg" where the members are 0.jpeg, 17.jpeg, … and each number is there once; undefined for all else. */
  readonly extension: string | undefined;
  /** True where each member begins where the one before it ends. */
  readonly isGapless: boolean;
  /** The members' names in order of `start`, a line each, escaped as in JSON; empty where they are 0, 1, 2, … in order. */
  readonly names: Uint8Array;
  readonly numbers: Uint8Array;
}

/** What an archive holds: its folders in order of their first members, and the entries that were refused, each with its reason. */
export interface Directory {
  readonly folders: readonly Folder[];
  readonly refused: readonly { readonly path: string; readonly reason: string }[];
  /** Set where the archive contradicts itself: to be read anew the next time, not to be kept. */
  readonly isUnsure?: true;
  /** Where the archive's own directory lies in it, and what it hashes to; undefined where the format has none. */
  readonly own?: OwnDirectory | undefined;
}

/** An archive's own directory, byte for byte: equal ones list the same members at the same places. */
export interface OwnDirectory {
  readonly start: number;
  /** First byte that is not its own. */
  readonly end: number;
  readonly sha256: string;
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
