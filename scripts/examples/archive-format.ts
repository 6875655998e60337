import { crc32 } from "node:zlib";
import { type ArchiveFormat, type ByteSource, EtlError, inFolders, type Member, readAll } from "voxshard";
import { archiveFormatSuite } from "voxshard/testing";

/** A format of one's own: a line of JSON that tells of each file [path, size, CRC-32], then their bytes. */
const listed: ArchiveFormat = {
  name: "listed",
  accepts: (path) => path.endsWith(".listed"),
  async directory(source, options) {
    const bytes = Buffer.from(await readAll(source, { start: 0, end: Math.min(source.byteLength, 1 << 20) }, options));
    let start = bytes.indexOf("\n") + 1;
    const files: [path: string, size: number, crc32: number][] = JSON.parse(bytes.toString("utf8", 0, start));
    const members = files.map(([path, byteLength, crc32]): Member => {
      const end = start + byteLength;
      const member = { path, start, end, storedBytes: byteLength, byteLength, crc32, method: "store" as const };
      start = end;
      return member;
    });
    return { folders: inFolders(members), refused: [] };
  },
  extract: ({ path, crc32: expected }, extent) =>
    crc32(extent) === expected ? extent : new EtlError("crc-mismatch", `${path}: other bytes than the list says`),
};

archiveFormatSuite("a list and its bytes", async (files) => {
  const list = files.map(({ path, data }) => [path, data.byteLength, crc32(data)]);
  const bytes = Buffer.concat([Buffer.from(`${JSON.stringify(list)}\n`), ...files.map(({ data }) => data)]);
  const read: ByteSource["read"] = async function* ({ start, end }) {
    yield bytes.subarray(start, end);
  };
  return { format: listed, source: { name: "a.listed", byteLength: bytes.byteLength, read } };
});
