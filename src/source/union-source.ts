import type { Directory } from "../archive/archive-format.ts";
import { EtlError } from "../errors.ts";
import type { PlannedArchive } from "../model/plan.ts";
import { type Archive, closeArchives, type Source } from "./source.ts";

/** An archive as one of several sources has it. */
export interface ArchiveCopy {
  /** What the user named the source. */
  readonly place: string;
  readonly archive: Archive;
}

/** An archive that several sources may have; of those that have it, the best first. */
export interface SharedArchive {
  readonly planned: PlannedArchive;
  /** The folders above its members. */
  readonly above: string;
  readonly copies: readonly ArchiveCopy[];
  /** Its directory as it has to be, whatever a copy says. */
  readonly directory: () => Promise<Directory>;
}

interface UnionOptions {
  readonly source: Pick<Source, "name" | "kind" | "revision">;
  readonly parts: readonly Source[];
  readonly archives: readonly SharedArchive[];
  /** Told of a member that is damaged in one place, and where it was taken from instead. */
  readonly onOther?: ((fault: EtlError, damaged: string, taken: string) => void) | undefined;
}

/** Several sources as one: each archive is read where it is best, and a member that is not whole there where it is. */
export function unionSource({ source, parts, archives, onOther }: UnionOptions): Source {
  const own = archives.map((shared) => unionArchive(shared, parts, onOther));
  const limits = parts.flatMap(({ connections }) => connections ?? []);
  return {
    ...source,
    archives: own,
    unread: [],
    files: { archives: own.length, loose: 0, tables: 0, cards: 0, junk: 0, unread: 0 },
    splitFile: undefined,
    byteLength: own.reduce((sum, { byteLength }) => sum + byteLength, 0),
    connections: limits.length > 0 ? () => Math.max(...limits.map((limit) => limit())) : undefined,
    file: (path) => parts.map((part) => part.file(path)).find((bytes) => bytes !== undefined),
    close: async () => {
      await closeArchives(own);
      for (const part of parts) await part.close();
    },
  };
}

function unionArchive(
  { planned, above, copies, directory }: SharedArchive,
  parts: readonly Source[],
  onOther: UnionOptions["onOther"],
): Archive {
  const { path, byteLength, contentId } = planned;
  const known = { path, above, byteLength, contentId, cacheable: false };
  const [first, ...others] = copies;
  if (!first) {
    const places = parts.map(({ name }) => name).join(", ");
    const absent = new EtlError(
      "unreadable-archive",
      `${path || "loose files"}: ${places} ${parts.length === 1 ? "does" : "do"} not have it with ${byteLength} bytes; add another --from that does`,
    );
    const bytes = { name: path, byteLength, read: () => Promise.reject(absent) as never };
    const format = { name: planned.format, accepts: () => false, directory, extract: () => absent };
    return { ...known, format, bytes, absent };
  }
  const { format, bytes } = first.archive;
  return {
    ...known,
    format: { ...format, directory },
    bytes,
    others: others.map(({ place, archive }) => ({ ...archive.bytes, name: place })),
    onOther: (fault, taken) => onOther?.(fault, first.place, taken),
  };
}
