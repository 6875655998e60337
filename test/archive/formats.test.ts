import { gzipSync } from "node:zlib";
import tar from "tar-stream";
import { memorySource } from "../../devkit/bytes/memory-source.ts";
import { type ArchiveFile, archiveFormatSuite } from "../../devkit/conformance/archive-format.ts";
import { type ZipEntry, type ZipOptions, zipBuffer } from "../../devkit/phantoms/zip-writer.ts";
import { looseFiles } from "../../src/archive/loose.ts";
import { gzippedTarball, tarball } from "../../src/archive/tar/tar.ts";
import { zip } from "../../src/archive/zip/zip.ts";
import { gunzipped } from "../../src/bytes/gunzipped.ts";

const variants: readonly (readonly [string, Partial<ZipEntry>, ZipOptions])[] = [
  ["stored ZIP", {}, {}],
  ["deflated ZIP", { method: "deflate" }, {}],
  ["ZIP with data descriptors", { descriptor: true }, {}],
  ["ZIP64", { zip64: true }, { zip64: true }],
  ["ZIP with holes and a long comment", { gapBefore: 9000 }, { comment: "c".repeat(65_535), sparseGapBytes: 100 }],
  ["ZIP behind other bytes", {}, { prefix: new Uint8Array(5000).fill(80) }],
];
for (const [name, entry, options] of variants)
  archiveFormatSuite(name, async (files) => {
    const entries = files.map(({ path, data }) => ({ name: path, data, ...entry }));
    return { format: zip, source: memorySource("a.zip", zipBuffer(entries, options)) };
  });

archiveFormatSuite("loose files", async (files) =>
  looseFiles(
    "loose files",
    files.map(({ path, data }) => memorySource(path, data)),
  ),
);

archiveFormatSuite("tar", async (files) => ({ format: tarball, source: memorySource("a.tar", await packed(files)) }));

archiveFormatSuite("tar.gz", async (files) => ({
  format: gzippedTarball,
  source: gunzipped(memorySource("a.tar.gz", gzipSync(await packed(files)))),
}));

async function packed(files: readonly ArchiveFile[]): Promise<Buffer> {
  const packer = tar.pack();
  for (const { path, data } of files) packer.entry({ name: path }, Buffer.from(data));
  packer.finalize();
  const parts: Uint8Array[] = [];
  for await (const part of packer) parts.push(part as Uint8Array);
  return Buffer.concat(parts);
}
