import type { Voxels } from "./gray-cube.ts";

/** Slices that are held against each other, from a tenth of the stack to nine tenths. */
const LOOKED_AT = 5;
/** Gray levels within two pixels that make an edge. */
const EDGE = 110;
/** Edges at the same places of a line of pixels in every slice: a table has 15 at most, a dozen letters 16 and more. */
const EDGES = 16;
/** Lines from one that is looked at to the next: no letters that are to be found pass between two of them. */
const STEP = 4;

/**
 * Lines of pixels, one below the other, that are crossed by many edges at the same places in every slice: letters, which
 * do not move as anatomy does. Gives the most in a row, where they are more than a few.
 */
export function burntInLines(voxels: Voxels): number {
  const { count, height, width, cells } = voxels;
  const area = height * width;
  const starts = Array.from({ length: LOOKED_AT }, (_, nth) => Math.floor(count * (0.1 + 0.2 * nth)) * area);
  const [first, last] = [starts[0]!, starts.at(-1)!];
  // Of slices that are the same, everything stays in its place.
  if (new Set(starts).size < LOOKED_AT || isRepeated(cells, first, last, area)) return 0;
  const hasLetters = (line: number) => line >= 0 && line < height && edges(voxels, starts, line) >= EDGES;
  let most = 0;
  for (let line = 0; line < height; line += STEP) {
    if (!hasLetters(line)) continue;
    let [above, below] = [line, line];
    while (hasLetters(above - 1)) above -= 1;
    while (hasLetters(below + 1)) below += 1;
    most = Math.max(most, below - above + 1);
    line = below;
  }
  return most;
}

/** How many edges a line of pixels has that are there in every one of the slices. */
function edges({ width, cells }: Voxels, [first, ...others]: readonly number[], line: number): number {
  let found = 0;
  let before = cells[first! + line * width]!;
  let last = cells[first! + line * width + 1]!;
  for (let at = line * width + 2; at < (line + 1) * width; at++) {
    const now = cells[first! + at]!;
    const step = now - before;
    [before, last] = [last, now];
    if (step < EDGE && step > -EDGE) continue;
    const stays = others.every((start) => {
      const other = cells[start + at]! - cells[start + at - 2]!;
      return step > 0 ? other >= EDGE : other <= -EDGE;
    });
    if (!stays) continue;
    found += 1;
    // The next pixel has the same edge.
    at += 1;
    [before, last] = [last, cells[first! + at]!];
  }
  return found;
}

function isRepeated(cells: Voxels["cells"], one: number, other: number, area: number): boolean {
  for (let at = 0; at < area; at++) if (cells[one + at] !== cells[other + at]) return false;
  return true;
}
