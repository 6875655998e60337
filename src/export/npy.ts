import { transliterate } from "../m3d-cap/transliterate.ts";
import type { Row } from "../model/row.ts";
import type { ExportFormat, Listed, TreeFile } from "./export-format.ts";
import { type Voxels, voxelsOf } from "./volume-cell.ts";

const DESCR = { float32: "<f4", float16: "<f2", uint8: "|u1" } as const;
/** numpy aligns the data to this. */
const ALIGNMENT = 64;
/** numpy leaves room in the header for the first side to grow to any number of 21 digits. */
const GROWTH_DIGITS = 21;
const MAGIC = Buffer.from("\x93NUMPY\x01\x00", "latin1");

/** The bytes that np.save writes for an array in C order (format 1.0). */
export function npyFile({ bytes, shape, dtype }: Voxels): Uint8Array {
  const sides = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const header = `{'descr': '${DESCR[dtype]}', 'fortran_order': False, 'shape': (${sides}), }`;
  const growth = shape.length === 0 ? 0 : GROWTH_DIGITS - String(shape[0]).length;
  const fixed = MAGIC.byteLength + 2;
  const grown = fixed + header.length + growth + 1;
  const length = grown + ALIGNMENT - (grown % ALIGNMENT);
  const head = Buffer.alloc(fixed, MAGIC);
  head.writeUInt16LE(length - fixed, MAGIC.byteLength);
  const text = Buffer.from(`${header.padEnd(length - fixed - 1)}\n`, "latin1");
  return Buffer.concat([head, text, bytes]);
}

/** The authors' code takes what it reads for 0..1. */
function unitRange({ bytes, shape, dtype }: Voxels): Voxels {
  if (dtype !== "uint8") return { bytes, shape, dtype };
  const floats = new Float32Array(bytes.length);
  for (let at = 0; at < bytes.length; at++) floats[at] = bytes[at]! / 255;
  return { bytes: new Uint8Array(floats.buffer), shape, dtype: "float32" };
}

/** Where the authors' code expects the array. */
export function imagePath(row: Row): string {
  const own = () => `M3D_Cap_npy/${row.collection}/${row.case_id}/${transliterate(row.series)}.npy`;
  return row.image ?? own();
}

/** The tree that the authors' script makes, and its CapDataset reads. */
export const npy: ExportFormat = {
  name: "npy",
  columns: [
    "id",
    "image",
    "collection",
    "case_id",
    "series",
    "split",
    "subsets",
    "report",
    "volume",
    "volume_shape",
    "volume_dtype",
  ],
  made(row) {
    const image = imagePath(row);
    const text = `${image.slice(0, image.lastIndexOf("/"))}/text.txt`;
    const files: TreeFile[] = [{ path: image, bytes: npyFile(unitRange(voxelsOf(row))) }];
    if (row.report === null) return { files, lists: [] };
    files.push({ path: text, bytes: Buffer.from(row.report) });
    const entry = JSON.stringify({ image, text });
    const names = [row.split ?? "unlisted", ...(row.subsets ?? [])];
    return { files, lists: names.map((list): Listed => ({ file: "M3D_Cap.json", list, entry })) };
  },
};
