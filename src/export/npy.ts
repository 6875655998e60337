import { transliterate } from "../m3d-cap/transliterate.ts";
import type { Row } from "../model/row.ts";
import type { ExportFormat, Listed, TreeFile } from "./export-format.ts";
import { unitFloats, type Voxels, voxelsOf } from "./volume-cell.ts";

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

/** Where the authors' code expects the array. */
export function imagePath(row: Row): string {
  const own = () => `M3D_Cap_npy/${row.collection}/${row.case_id}/${transliterate(row.series)}.npy`;
  return row.image ?? own();
}

/** What these trees read of a row. */
export const TREE_COLUMNS: ExportFormat["columns"] = [
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
];

/** The row's array under its name, its case's text, and its places in M3D_Cap.json. */
export function listedIn(row: Row, image: string, bytes: Uint8Array): ReturnType<ExportFormat["made"]> {
  const files: TreeFile[] = [{ path: image, bytes }];
  if (row.report === null) return { files, lists: [] };
  const text = `${image.slice(0, image.lastIndexOf("/"))}/text.txt`;
  files.push({ path: text, bytes: Buffer.from(row.report) });
  const entry = JSON.stringify({ image, text });
  const names = [row.split ?? "unlisted", ...(row.subsets ?? [])];
  return { files, lists: names.map((list): Listed => ({ file: "M3D_Cap.json", list, entry })) };
}

/** The tree that the authors' script makes, and its CapDataset reads. */
export const npy: ExportFormat = {
  name: "npy",
  columns: TREE_COLUMNS,
  made(row) {
    const voxels = voxelsOf(row);
    const array = voxels.dtype === "uint8" ? unitFloats(voxels) : voxels;
    return listedIn(row, imagePath(row), npyFile(array));
  },
};
