import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ArchiveFormat, Directory, Member } from "../../src/archive/archive-format.ts";
import { allMembers } from "../../src/archive/folders.ts";
import { readMembers } from "../../src/archive/ranges.ts";
import type { ByteSource } from "../../src/bytes/byte-source.ts";
import { isFault } from "../../src/errors.ts";
import { noise } from "../rows/rows.ts";

export interface ArchiveFile {
  readonly path: string;
  readonly data: Uint8Array;
}
/** An archive of these files, and the format to read it with. */
export type Pack = (files: readonly ArchiveFile[]) => Promise<{ format: ArchiveFormat; source: ByteSource }>;

const files: readonly ArchiveFile[] = [
  { path: "000006/Axial_non_contrast/0.jpeg", data: noise(5000, 1) },
  { path: "000006/Axial_non_contrast/1.jpeg", data: new Uint8Array(0) },
  { path: "000006/Pöschl 左/10.png", data: Uint8Array.from({ length: 1 }, () => 7) },
  { path: `000006/${"long_".repeat(40)}name/2.png`, data: new Uint8Array(70_000).fill(3) },
  { path: "000006/text.txt", data: new TextEncoder().encode("study_findings: none\n") },
];

/** What every archive format promises. */
export function archiveFormatSuite(name: string, pack: Pack): void {
  describe(`${name} keeps the promises of an archive format`, () => {
    test("every file is a member with its path, size and bytes", async () => {
      const { format, source } = await pack(files);
      const directory = await format.directory(source);
      assert.deepEqual([directory.refused, directory.folders.filter(({ count }) => count === 0)], [[], []]);
      const found = await contents(format, source, directory);
      assert.deepEqual([...found.keys()].sort(), files.map((file) => file.path).sort());
      for (const { path, data } of files) assert.deepEqual(found.get(path), data, path);
      for (const member of allMembers(directory))
        assert.equal(member.byteLength, files.find(({ path }) => path === member.path)!.data.byteLength);
    });

    test("members come in order of their place and do not overlap", async () => {
      const { format, source } = await pack(files);
      let at = 0;
      for (const { start, end, storedBytes } of allMembers(await format.directory(source))) {
        assert.ok(start >= at && end >= start + storedBytes && end <= source.byteLength);
        at = end;
      }
    });

    test("an archive without files has no members", async () => {
      const { format, source } = await pack([]);
      const { folders, refused } = await format.directory(source);
      assert.deepEqual([folders, refused], [[], []]);
    });

    test("a member whose extent is cut short is refused, not thrown, and not taken for whole", async () => {
      const { format, source } = await pack(files);
      const member = allMembers(await format.directory(source)).find(({ byteLength }) => byteLength === 5000)!;
      for await (const { extent } of readMembers(source, [{ range: member, members: [member] }])) {
        const answer = format.extract(member, extent.subarray(0, 4000));
        assert.ok(isFault(answer, "bad-member", "crc-mismatch"), String(answer));
      }
    });
  });
}

/** Every member's content by path, read one by one. */
export async function contents(
  format: ArchiveFormat,
  source: ByteSource,
  directory: Directory,
): Promise<Map<string, Uint8Array | string>> {
  const found = new Map<string, Uint8Array | string>();
  const reads = allMembers(directory).map((member: Member) => ({
    range: { start: member.start, end: member.end },
    members: [member],
  }));
  for await (const { member, extent } of readMembers(source, reads)) {
    const content = format.extract(member, extent);
    found.set(member.path, isFault(content) ? content.fault.kind : Uint8Array.from(content as Uint8Array));
  }
  return found;
}
