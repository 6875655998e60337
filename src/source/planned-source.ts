import type { ArchiveFormat, Directory, Folder } from "../archive/archive-format.ts";
import { archiveFormats } from "../archive/formats.ts";
import { looseFormat } from "../archive/loose.ts";
import { gzippedTarball } from "../archive/tar/tar.ts";
import type { ByteSource } from "../bytes/byte-source.ts";
import { concatenated } from "../bytes/concatenated.ts";
import { gunzipped } from "../bytes/gunzipped.ts";
import { EtlError } from "../errors.ts";
import { hubFile } from "../hub/download.ts";
import { HubClient, type HubOptions } from "../hub/hub-client.ts";
import { repositoryOf } from "../hub/repository.ts";
import { type Archive, closeArchives, type FilePart, type Source } from "./source.ts";

/** An archive of which a plan knows all that reading some of its folders needs. */
export interface KnownArchive extends FilePart {
  readonly format: string;
  /** Its files, end to end; a number stands for so many bytes that nobody will read. */
  readonly files: readonly (FilePart | number)[];
  readonly folders: readonly Folder[];
}

/** A Hub's data set as a plan knows it: opened without a request, since a commit never changes. */
export function plannedSource(
  { id, revision }: { readonly id: string; readonly revision: string },
  known: readonly KnownArchive[],
  options: HubOptions,
): Source {
  const client = new HubClient(options);
  const repository = repositoryOf(id);
  const bytesOf = (part: FilePart | number) =>
    typeof part === "number" ? hole(part) : hubFile(client, repository, revision, part);
  const archives = known.map((one) => archiveOf(one, one.files.map(bytesOf)));
  return {
    name: id,
    kind: "hub",
    revision,
    archives,
    unread: [],
    files: { archives: archives.length, loose: 0, tables: 0, cards: 0, junk: 0, unread: 0 },
    splitFile: undefined,
    byteLength: known.reduce((sum, { byteLength }) => sum + byteLength, 0),
    connections: () => options.transport.connections.limit,
    file: () => undefined,
    close: async () => {
      await closeArchives(archives);
      await options.transport.close();
    },
  };
}

function archiveOf(
  { path, byteLength, contentId, format, folders, files }: KnownArchive,
  parts: readonly ByteSource[],
): Archive {
  const bytes = parts.length === 1 ? parts[0]! : concatenated(path || "loose files", parts);
  return {
    path,
    above: path,
    byteLength,
    contentId,
    format: knownFormat(format, { folders, refused: [] }),
    bytes: format === gzippedTarball.name ? gunzipped(bytes) : bytes,
    files: files.map((file) => (typeof file === "number" ? { path: "", byteLength: file, contentId: "" } : file)),
    // Its directory is here.
    cacheable: false,
  };
}

function knownFormat(name: string, directory: Directory): ArchiveFormat {
  if (name === "loose") return looseFormat(directory);
  const format = archiveFormats.find((one) => one.name === name);
  if (!format) throw new EtlError("bad-plan", `${name}: no format of this version; plan again in a new folder`);
  return { ...format, directory: async () => directory };
}

function hole(byteLength: number): ByteSource {
  return {
    name: "what the plan does not need",
    byteLength,
    // biome-ignore lint/correctness/useYield: it has nothing to give
    async *read() {
      throw new EtlError(
        "source-changed",
        "bytes are asked for that the plan does not name; plan again in a new folder",
      );
    },
  };
}
