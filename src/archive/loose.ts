import type { ByteSource } from "../bytes/byte-source.ts";
import { concatenated } from "../bytes/concatenated.ts";
import { EtlError } from "../errors.ts";
import type { ArchiveFormat, Directory, Member } from "./archive-format.ts";
import { inFolders } from "./folders.ts";
import { MAX_MEMBER_BYTES } from "./limits.ts";
import { plainName } from "./member-name.ts";

/** Loose files as one archive: laid end to end in order of path, each file one stored member. */
export function looseFiles(name: string, files: readonly ByteSource[]): { source: ByteSource; format: ArchiveFormat } {
  const source = concatenated(name, files);
  let start = 0;
  const members = files.map((file) => {
    const end = start + file.byteLength;
    // Loose files carry no checksum of their own; NO_CRC says so.
    const member = {
      path: plainName(file.name),
      start,
      end,
      storedBytes: file.byteLength,
      byteLength: file.byteLength,
      crc32: NO_CRC,
      method: "store" as const,
    };
    start = end;
    return member;
  });
  const isTooLarge = ({ byteLength }: Member) => byteLength > MAX_MEMBER_BYTES;
  const directory: Directory = {
    folders: inFolders(members.filter((member) => !isTooLarge(member))),
    refused: members.filter(isTooLarge).map(({ path }) => ({ path, reason: `larger than ${MAX_MEMBER_BYTES} bytes` })),
  };
  return { source, format: looseFormat(directory) };
}

export function looseFormat(directory: Directory): ArchiveFormat {
  return { name: "loose", accepts: () => false, directory: async () => directory, extract };
}

export const NO_CRC = -1;

const extract: ArchiveFormat["extract"] = (member, extent) =>
  extent.byteLength === member.byteLength
    ? extent
    : new EtlError("bad-member", `${member.path}: ${extent.byteLength} bytes came, ${member.byteLength} expected`);
