import type { Arena } from "../kernels/arena.ts";
import type { Stack } from "./stack.ts";

/** Tiles along each side of the montage. */
const TILES = 3;
/** Longest side of a tile, in pixels: nine of them make a thumbnail that a viewer shows whole. */
const TILE_PIXELS = 96;

/** Nine slices at even distances, each averaged down to a tile: what the series shows at a glance. */
export function montage(
  { count, height, width, slice }: Stack,
  arena: Arena,
): { height: number; width: number; pixels: Uint8Array } {
  const step = Math.max(1, Math.ceil(Math.max(height, width) / TILE_PIXELS));
  const [rows, columns] = [Math.max(1, Math.floor(height / step)), Math.max(1, Math.floor(width / step))];
  const stride = TILES * columns;
  const size = TILES * rows * stride;
  return arena.scratch(() => {
    const out = arena.alloc(size);
    for (let tile = 0; tile < TILES * TILES; tile++) {
      const z = Math.floor(((2 * tile + 1) * count) / (2 * TILES * TILES));
      const corner = out + Math.floor(tile / TILES) * rows * stride + (tile % TILES) * columns;
      arena.scratch(() => arena.call.tile(arena.place(slice(z)), height, width, step, corner, rows, columns, stride));
    }
    return { height: TILES * rows, width: stride, pixels: arena.bytes(out, size).slice() };
  });
}
