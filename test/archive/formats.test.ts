import { looseFiles } from "../../src/archive/loose.ts";
import { zip } from "../../src/archive/zip/zip.ts";
import { archiveFormatSuite } from "../conformance/archive-format.ts";
import { type ZipEntry, type ZipOptions, zipBuffer } from "../phantoms/zip-writer.ts";
import { memorySource } from "./memory-source.ts";

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
