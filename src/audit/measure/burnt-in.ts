import type { Voxels } from "./gray-cube.ts";

/** Slices that are held against each other, from a tenth of the stack to nine tenths. */
const LOOKED_AT = 5;
/** Gray levels within two pixels that make an edge. */
const EDGE = 110;
/** Edges at the same places of a line of pixels in every slice: a table has 15 at most, a dozen letters 16 and more. */
const EDGES = 16;

/**
 * Lines of pixels, one below the other, that are crossed by many edges at the same places in every slice: letters, which
 * do not move as anatomy does. Gives the most in a row.
 */
export function burntInLines({ count, height, width, cells }: Voxels): number {
  const area = height * width;
  const starts = Array.from(
    { length: LOOKED_AT },
    (_, nth) => Math.floor(count * (0.1 + (0.8 * nth) / LOOKED_AT)) * area,
  );
  const [first, ...others] = starts as [number, ...number[]];
  // Of slices that are the same, everything stays in its place.
  if (new Set(starts).size < LOOKED_AT || isRepeated(cells, first, others.at(-1)!, area)) return 0;
  let [most, inARow] = [0, 0];
  for (let line = 0; line < area; line += width) {
    let edges = 0;
    for (let at = line + 2; at < line + width; at++) {
      const step = cells[first + at]! - cells[first + at - 2]!;
      if (step < EDGE && step > -EDGE) continue;
      const stays = others.every((start) => {
        const other = cells[start + at]! - cells[start + at - 2]!;
        return step > 0 ? other >= EDGE : other <= -EDGE;
      });
      // The next pixel has the same edge.
      if (stays) at += 1;
      if (stays) edges += 1;
    }
    inARow = edges >= EDGES ? inARow + 1 : 0;
    most = Math.max(most, inARow);
  }
  return most;
}

function isRepeated(cells: Voxels["cells"], one: number, other: number, area: number): boolean {
  for (let at = 0; at < area; at++) if (cells[one + at] !== cells[other + at]) return false;
  return true;
}
