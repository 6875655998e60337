import assert from "node:assert/strict";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, test } from "node:test";
import { gunzipSync } from "node:zlib";
import sharp from "sharp";
import { writeZip } from "../../devkit/phantoms/zip-writer.ts";
import { sharedData, withoutSharedData } from "../../devkit/shared-data.ts";
import { transliterate } from "../../src/m3d-cap/transliterate.ts";
import type { Row } from "../../src/model/row.ts";
import { openSource } from "../../src/source/open-source.ts";
import { openArchives } from "../../src/view/archive-rows.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { type Conversion, conversion } from "./conversion.ts";

const folder = temporaryFolder("arrays");
process.env["VOXSHARD_CACHE"] = path.join(folder, "cache");
const golden = path.join(sharedData, "golden");
const unlisted = { selection: { unlisted: true }, output: { preview: false } };

/** The golden tree as the authors' script leaves it, and the name there of each series of ours. */
async function goldenTree() {
  const names = new Map<string, string>();
  const files: { name: string; data: Buffer }[] = [];
  const { cases } =
    "skip" in withoutSharedData
      ? { cases: [] }
      : JSON.parse(await readFile(path.join(golden, "manifest.json"), "utf8"));
  for (const one of cases) {
    for (const series of one.series.filter(({ expected }: { expected?: unknown }) => expected)) {
      const packed = await readFile(path.join(golden, series.expected.npy));
      files.push({ name: `M3D_Cap_npy/ct_case/${series.output}`, data: gunzipSync(packed) });
      names.set(`ct_case/${one.case}/${series.dir}`, `ct_case/${series.output.replace(/\.npy$/, "")}`);
    }
    for (const text of one.texts ?? [])
      if (text.file === "text.txt")
        files.push({ name: `M3D_Cap_npy/ct_case/${one.case}/text.txt`, data: Buffer.from(text.expected) });
  }
  return { names, files };
}

describe("the authors' own output as a source", withoutSharedData, async () => {
  const { files, names } = await goldenTree();
  let fromSlices: Conversion;
  const equalsSlices = ({ rows }: Conversion) => {
    assert.equal(rows.size, names.size);
    for (const [id, name] of names) {
      const own = rows.get(name)!;
      const known = (row: Row) => [
        row.collection,
        row.case_id,
        row.split,
        row.plane,
        transliterate(row.phase ?? ""),
        row.report,
      ];
      assert.deepEqual(known(own), known(fromSlices.rows.get(id)!), id);
      assert.ok(Buffer.from(own.volume!).equals(fromSlices.rows.get(id)!.volume!), id);
      const unknown = [own.crop_box, own.pixels_sha256, own.intensity_range, own.slice_count, own.report_raw];
      assert.deepEqual(unknown, [null, null, null, null, null]);
    }
  };

  test("as a tree gives the rows that its slices give, but for what can no longer be known", async () => {
    fromSlices = await conversion(golden, path.join(folder, "slices"), unlisted);
    const tree = path.join(folder, "tree");
    await write(tree, files);
    equalsSlices(await conversion(tree, path.join(folder, "from-tree"), unlisted));
  });

  test("is looked at plane by plane", async () => {
    const viewed = await openArchives(await openSource(path.join(folder, "tree")));
    const [id] = [...names.values()] as [string];
    const series = (await viewed.archives!.series(id, new AbortController().signal))!;
    assert.deepEqual([series.slices.length, series.row["slice_width"]], [32, 256]);
    const { data } = await sharp(series.slices[16]).toColourspace("b-w").raw().toBuffer({ resolveWithObject: true });
    const [, own] = [...fromSlices.rows].find(([one]) => names.get(one) === id)!;
    const floats = new Float32Array(own.volume!.slice(16 * 65_536 * 4, 17 * 65_536 * 4).buffer);
    assert.deepEqual(
      [...data],
      [...floats].map((value) => Math.round(value * 255)),
    );
    await viewed.close();
  });

  test("as a ZIP too", async () => {
    const zipped = path.join(folder, "zipped");
    await mkdir(zipped);
    await writeZip(path.join(zipped, "test_data.zip"), files);
    equalsSlices(await conversion(zipped, path.join(folder, "from-zip"), unlisted));
  });

  test("beside its slices is left out, and said", async () => {
    const both = path.join(folder, "both");
    const { rows } = fromSlices;
    await write(both, files);
    const other = files.map((file) => ({ ...file, name: file.name.replace("M3D_Cap_npy", "again") }));
    await writeZip(path.join(both, "other.zip"), other);
    const doubled = await conversion(both, path.join(folder, "from-both"), unlisted);
    equalsSlices(doubled);
    assert.ok(doubled.plan.unread.some(({ reason, count }) => reason === "copy" && count === names.size));
    const dir = path.join(golden, "ct_case");
    await cp(dir, path.join(both, "ct_case"), { recursive: true });
    const all = await conversion(both, path.join(folder, "from-all"), unlisted);
    assert.deepEqual([...all.rows.keys()].sort(), [...rows.keys()].sort());
    for (const [id, row] of all.rows) assert.equal(row.pixels_sha256, rows.get(id)!.pixels_sha256);
  });
});

async function write(home: string, files: readonly { name: string; data: Buffer }[]): Promise<void> {
  for (const { name, data } of files) {
    await mkdir(path.dirname(path.join(home, name)), { recursive: true });
    await writeFile(path.join(home, name), data);
  }
}

/** An array as np.save writes it, whatever stands in its header. */
function npy(descr: string, order: string, shape: string, data: Uint8Array, version = 1): Buffer {
  const header = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${shape}), }\n`;
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  length.writeUIntLE(header.length, 0, length.byteLength);
  const magic = Buffer.from([0x93, ...Buffer.from("NUMPY"), version, 0]);
  return Buffer.concat([magic, length, Buffer.from(header), data]);
}

test("an array that is not as the authors' script leaves it is rejected with what it is", async () => {
  const zeros = new Uint8Array(32 * 256 * 256 * 4);
  const nan = zeros.slice();
  new Float32Array(nan.buffer)[7] = Number.NaN;
  const good = "1, 32, 256, 256";
  const bad: Record<string, [Buffer, RegExp]> = {
    f8: [npy("<f8", "False", good, zeros), /<f8 \[1,32,256,256\]; <f4/],
    "big-endian": [npy(">f4", "False", good, zeros), />f4/],
    fortran: [npy("<f4", "True", good, zeros), /in Fortran order/],
    "128-deep": [npy("<f4", "False", "1, 128, 256, 256", zeros), /\[1,128,256,256\]/],
    cut: [npy("<f4", "False", good, zeros.subarray(1)), /8388607 bytes of voxels, its shape needs 8388608/],
    nan: [npy("<f4", "False", good, nan), /holds NaN; 0 to 1/],
    pointer: [Buffer.from("version https://git-lfs.github.com/spec/v1\n"), /not an array that np.save wrote/],
    "header-of-4GB": [Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 2, 0, 255, 255, 255, 255, 1]), /an array of \?/],
    empty: [Buffer.alloc(0), /not an array/],
  };
  const home = path.join(folder, "bad");
  const at = (name: string) => `ct_case/000001/${name}.npy`;
  await write(home, [
    ...Object.entries(bad).map(([name, [data]]) => ({ name: at(name), data })),
    { name: at("format-2"), data: npy("<f4", "False", good, zeros, 2) },
  ]);
  const { rows, receipts, plan } = await conversion(home, path.join(folder, "from-bad"), unlisted);
  assert.deepEqual([...rows.keys()], ["ct_case/000001/format-2"]);
  const rejects = [...plan.rejects, ...receipts.flatMap((receipt) => receipt.rejects)];
  assert.deepEqual(
    rejects.map(({ id }) => id).sort(),
    Object.keys(bad)
      .map((name) => `ct_case/000001/${name}`)
      .sort(),
  );
  for (const { id, reason, detail } of rejects) {
    assert.equal(reason, "bad-array", detail);
    assert.match(detail, bad[path.basename(id)]![1], id);
  }
  const native = await conversion(home, path.join(folder, "native"), { ...unlisted, output: { volume: "native" } });
  assert.equal(native.rejects.length, Object.keys(bad).length + 1);
  for (const reject of native.rejects) assert.match(reject, /: no-slices$/);
});
