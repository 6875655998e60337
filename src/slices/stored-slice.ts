import type { Arena } from "../kernels/arena.ts";
import type { Address } from "../kernels/kernels.ts";
import type { Slice } from "./slice-decoder.ts";

interface Shape {
  readonly height: number;
  readonly width: number;
}

/** A slice in the arena, that `fill` writes; undefined where it says that it could not. */
export function storeSlice(arena: Arena, { height, width }: Shape, fill: (at: Address) => boolean): Slice | undefined {
  const block = arena.keep(height * width, fill);
  return (
    block && {
      height,
      width,
      get pixels() {
        return block.bytes;
      },
    }
  );
}

/** A copy in the arena of a slice from elsewhere. */
export function copySlice(arena: Arena, slice: Slice): Slice {
  const { height, width } = slice;
  const copy = (at: Address) => {
    arena.bytes(at, height * width).set(slice.pixels);
    return true;
  };
  return storeSlice(arena, { height, width }, copy) ?? slice;
}
