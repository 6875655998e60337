import { createHash } from "node:crypto";
import { EtlError } from "../errors.ts";

/** Slices of one shape, in order: count × height × width bytes of 8-bit luma. */
export interface Stack {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** The bytes of one slice; a view of memory that may move, so it is asked for anew each time. */
  readonly slice: (z: number) => Uint8Array;
}
interface Slice {
  readonly height: number;
  readonly width: number;
  readonly pixels: Uint8Array;
}

/**
 * Keeps the slices of the most frequent shape, of the first such shape where several are. `kept` holds their places in
 * `slices`; null stands for a slice that could not be read. Throws "no-readable-slice" where all are null.
 */
export function keepCommonShape(slices: readonly (Slice | null)[]): { stack: Stack; kept: readonly number[] } {
  const counts = new Map<string, number>();
  const shapeOf = ({ height, width }: Slice) => `${height}×${width}`;
  for (const slice of slices) if (slice) counts.set(shapeOf(slice), (counts.get(shapeOf(slice)) ?? 0) + 1);
  // Strictly more than what came before: of several, the first shape.
  const [common] = [...counts].reduce((best, one) => (one[1] > best[1] ? one : best), ["", 0]);
  const kept = [...slices.keys()].filter((at) => slices[at] && shapeOf(slices[at]) === common);
  const first = slices[kept[0] ?? -1];
  if (!first) throw new EtlError("no-readable-slice", `none of ${slices.length} slices can be decoded`);
  const { height, width } = first;
  return { stack: { count: kept.length, height, width, slice: (z) => slices[kept[z]!]!.pixels }, kept };
}

/** SHA-256 of the stack's bytes in C order, in hex. */
export function pixelsSha256({ count, slice }: Stack): string {
  const hash = createHash("sha256");
  for (let z = 0; z < count; z++) hash.update(slice(z));
  return hash.digest("hex");
}
