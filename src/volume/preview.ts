import type { Stack } from "./stack.ts";

/** Tiles along each side of the montage. */
const TILES = 3;
/** Longest side of a tile, in pixels: nine of them make a thumbnail that a viewer shows whole. */
const TILE_PIXELS = 96;

/** Nine slices at even distances, each averaged down to a tile: what the series shows at a glance. */
export function montage({ count, height, width, pixels }: Stack): {
  height: number;
  width: number;
  pixels: Uint8Array;
} {
  const step = Math.max(1, Math.ceil(Math.max(height, width) / TILE_PIXELS));
  const [tileHeight, tileWidth] = [Math.max(1, Math.floor(height / step)), Math.max(1, Math.floor(width / step))];
  const out = new Uint8Array(TILES * tileHeight * TILES * tileWidth);
  for (let tile = 0; tile < TILES * TILES; tile++) {
    const slice = pixels[Math.floor(((2 * tile + 1) * count) / (2 * TILES * TILES))]!;
    const corner = Math.floor(tile / TILES) * tileHeight * TILES * tileWidth + (tile % TILES) * tileWidth;
    for (let y = 0; y < tileHeight; y++)
      for (let x = 0; x < tileWidth; x++)
        out[corner + y * TILES * tileWidth + x] = mean(slice, y * step, x * step, step, height, width);
  }
  return { height: TILES * tileHeight, width: TILES * tileWidth, pixels: out };
}

function mean(slice: Uint8Array, y0: number, x0: number, step: number, height: number, width: number): number {
  let [sum, count] = [0, 0];
  for (let y = y0; y < Math.min(height, y0 + step); y++)
    for (let x = x0; x < Math.min(width, x0 + step); x++) {
      sum += slice[y * width + x]!;
      count += 1;
    }
  return Math.round(sum / count);
}
