import { EtlError } from "../errors.ts";
import type { Row } from "../model/row.ts";

export interface Voxels {
  readonly bytes: Uint8Array;
  readonly shape: readonly number[];
  readonly dtype: "float32" | "float16" | "uint8";
}

/** The row's array. Its cell is the bytes themselves, or a struct of bytes and path, by the layout of the shards. */
export function voxelsOf(row: Row): Voxels {
  const cell = row.volume as Uint8Array | { readonly bytes: Uint8Array | null } | null;
  const bytes = cell instanceof Uint8Array ? cell : cell?.bytes;
  if (!bytes || !row.volume_shape || !row.volume_dtype)
    throw new EtlError("usage", `${row.id}: has no volume; convert without --volume none, or export from the source`);
  return { bytes, shape: row.volume_shape, dtype: row.volume_dtype };
}
