import type { ArchiveFormat, Directory } from "../archive/archive-format.ts";
import type { ByteSource } from "../bytes/byte-source.ts";
import type { EtlError } from "../errors.ts";
import type { RepositoryFile } from "../hub/tree.ts";
import type { SplitFile } from "../m3d-cap/split-file.ts";
import type { SourceKind } from "../model/source-kind.ts";
import type { Unread } from "../model/unread.ts";
import type { FileCounts } from "./sort-files.ts";

/** A file as the source's listing names it. */
export interface FilePart {
  readonly path: string;
  readonly byteLength: number;
  readonly contentId: string;
}

/** An archive of the source (or its loose files together), ready to be read. */
export interface Archive {
  readonly path: string;
  /** The folders that stand above its members: the source's own, where it names a collection, and the archive's path. */
  readonly above: string;
  readonly byteLength: number;
  /** Names the bytes: an archive with the same path and contentId has the same content. */
  readonly contentId: string;
  /** Of a local copy, where reading would be the only way to tell: the sizes and times of the files that hold a case. */
  readonly stampOf?: ((caseName: string) => string) | undefined;
  readonly format: ArchiveFormat;
  readonly bytes: ByteSource;
  /** The files that it is, end to end: itself, its pieces, or all the loose ones. */
  readonly files?: readonly FilePart[];
  /** False where the directory is made from the listing and costs nothing. */
  readonly cacheable: boolean;
  /**
   * Where it could not be opened as what its name says: looks at its first bytes, and true once `format` and `bytes` are
   * those of its content. Throws "bad-archive" where the content is of no kind that is read.
   */
  reopen?(signal?: AbortSignal): Promise<boolean>;
  /** The same archive in other places, by name: a member that is not whole here is taken from there. */
  readonly others?: readonly ByteSource[];
  /** Told of such a member, and of the place that had it whole. */
  onOther?(fault: EtlError, place: string): void;
  /** Why nothing of it can be read: by this every series of it is rejected. */
  readonly absent?: EtlError;
  /** Where its directory is known without reading it. */
  readonly known?: KnownDirectory;
}

/** What was read of a commit once, and holds for good. */
export interface KnownListing {
  readonly revision: string;
  readonly files: readonly RepositoryFile[];
  readonly splitFile: SplitFile | undefined;
  /** Tables beside the split file of which something is not read. */
  readonly unread: readonly Unread[];
}

/** An archive's directory as an index has it; each throws where the archive is another one. */
export interface KnownDirectory {
  /** As much of it as planning needs: folders of slices without their members. */
  outline(signal?: AbortSignal): Promise<Directory>;
  whole(signal?: AbortSignal): Promise<Directory>;
  /** Told of a member that is not what the index says: throws unless the archive is known to be the index's. */
  doubt(member: string): void;
}

/** A data set at one revision: its archives in order of path, and its split file where it has one. */
export interface Source {
  /** What the user named, without the revision: `owner/name` or the folder. */
  readonly name: string;
  readonly kind: SourceKind;
  /** A commit sha, or the fingerprint of a local copy or of a data set on ModelScope. */
  readonly revision: string;
  readonly archives: readonly Archive[];
  /** Files that are not read, and why. */
  readonly unread: readonly Unread[];
  /** How many files there are of each kind, read or not. */
  readonly files: FileCounts;
  readonly splitFile: SplitFile | undefined;
  /** Size of all files of the source. */
  readonly byteLength: number;
  /** All files of its commit, to be told to others; undefined for a folder, which is listed each time. */
  readonly listing?: KnownListing | undefined;
  /** How many reads at once serve it well, as it looks now; without it, a few. */
  readonly connections?: (() => number) | undefined;
  /** A file of the source by its path, for what lies beside the archives. */
  file(path: string): ByteSource | undefined;
  close(): Promise<void>;
}

/** Lets go of what the archives' sources hold open. */
export async function closeArchives(archives: readonly Archive[]): Promise<void> {
  await Promise.all(archives.map(({ bytes }) => bytes.close?.()));
}
