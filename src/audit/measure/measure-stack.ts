import type { StackFacts } from "../facts.ts";
import { burntInLines } from "./burnt-in.ts";
import { grayCube, type Voxels } from "./gray-cube.ts";
import { moments, orderFacts, repeatedSlices } from "./order.ts";
import { perceptualHash } from "./perceptual-hash.ts";
import { keptPlanes, middlePlanes } from "./planes.ts";

/** All that is kept of a stack. What its order and its repetitions tell is asked only of a series' own slices. */
export function measureStack(voxels: Voxels): StackFacts {
  const { count, isWhole } = voxels;
  const cube = grayCube(voxels);
  const planes = middlePlanes(cube, count);
  return { isWhole, hash: perceptualHash(planes), planes: keptPlanes(planes), ...order(cube, voxels) };
}

function order(cube: Float32Array, voxels: Voxels) {
  if (!voxels.isWhole) return { interleaving: 0, breaks: 0, windowJumps: 0, burntInLines: 0, blank: 0, duplicates: 0 };
  const of = moments(cube, voxels.count);
  return { ...orderFacts(cube, of), burntInLines: burntInLines(voxels), ...repeatedSlices(of, voxels) };
}
