import { gzipSync } from "fflate";
import { EtlError } from "../errors.ts";
import type { ExportFormat } from "./export-format.ts";
import { imagePath, listedIn, TREE_COLUMNS } from "./npy.ts";
import { unitFloats, type Voxels, voxelsOf } from "./volume-cell.ts";

const HEADER_BYTES = 348;
/** The header, and four zeros that say that nothing is between it and the voxels. */
const VOXELS_AT = 352;
const DATATYPE = { float32: 16, uint8: 2 } as const;
/** At most 79 letters. The source is 8-bit pictures in an unknown window: what a scanner knew is lost. */
const DESCRIPTION = "M3D-Cap 8-bit pictures: spacing, orientation and HU are unknown";

/** A NIfTI-1 file. The last side of the array is the first of the file: both change fastest along it. */
export function niftiFile({ bytes, shape, dtype }: Voxels & { readonly dtype: keyof typeof DATATYPE }): Uint8Array {
  const sides = [...shape].reverse();
  const head = Buffer.alloc(VOXELS_AT);
  head.writeInt32LE(HEADER_BYTES, 0);
  for (const [at, side] of [sides.length, ...sides, 1, 1, 1, 1, 1, 1, 1].slice(0, 8).entries())
    head.writeInt16LE(side, 40 + 2 * at);
  head.writeInt16LE(DATATYPE[dtype], 70);
  head.writeInt16LE(dtype === "uint8" ? 8 : 32, 72);
  for (let at = 0; at < 8; at++) head.writeFloatLE(1, 76 + 4 * at);
  head.writeFloatLE(VOXELS_AT, 108);
  head.writeFloatLE(1, 112);
  // Units, and the codes of both ways to tell an orientation, stay 0: unknown.
  head.write(DESCRIPTION, 148, "latin1");
  head.write("n+1\0", 344, "latin1");
  return Buffer.concat([head, bytes]);
}

/** Not node:zlib: its bytes are another's with another Node. */
const zipped = (file: Uint8Array) => gzipSync(file, { level: 4, mtime: 0 });

/** Which shapes a recipe takes, in words and as a check. */
interface Recipe {
  readonly name: string;
  readonly wants: string;
  takes(voxels: Voxels): boolean;
}

function recipeOf({ name, wants, takes }: Recipe): ExportFormat {
  return {
    name: `nifti-${name}`,
    columns: TREE_COLUMNS,
    made(row) {
      const voxels = voxelsOf(row);
      if (!takes(voxels))
        throw new EtlError(
          "usage",
          `${row.id}: ${voxels.dtype} [${voxels.shape}], where --recipe ${name} takes ${wants}, or a source itself`,
        );
      const image = imagePath(row).replace(/\.npy$/, ".nii.gz");
      const array = name === "native" ? voxels : unitFloats(voxels);
      // The channel of the m3d array is no side of a picture.
      const shape = array.shape.slice(-3);
      const dtype = array.dtype === "uint8" ? "uint8" : "float32";
      return listedIn(row, image, zipped(niftiFile({ bytes: array.bytes, shape, dtype })));
    },
  };
}

const isM3d = ({ shape }: Voxels) => shape.length === 4 && shape[0] === 1;
export const niftiM3d = recipeOf({ name: "m3d", wants: "shards of --volume m3d", takes: isM3d });
export const niftiNative = recipeOf({
  name: "native",
  wants: "shards of --volume native",
  takes: ({ shape, dtype }) => shape.length === 3 && dtype === "uint8",
});
/** As Med3DVLM prepares the data set: the authors' arithmetic at depth 128. */
export const niftiMed3dvlm = recipeOf({
  name: "med3dvlm",
  wants: "shards of --size 128,256,256",
  takes: (voxels) => isM3d(voxels) && voxels.shape.join() === "1,128,256,256",
});
