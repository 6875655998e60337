import type { Arena } from "../kernels/arena.ts";
import { grayJpeg } from "./gray-jpeg.ts";
import { plainPng } from "./plain-png.ts";
import type { Slice, SliceDecoder } from "./slice-decoder.ts";
import { copySlice } from "./stored-slice.ts";

export interface DecodedSlices {
  /** Null stands for a file that cannot be read. */
  readonly slices: readonly (Slice | null)[];
  /** How many the kernels were not sure of, so that the general decoder had them. */
  readonly slow: number;
}

/** Twice the threads that Node has for such work: none is idle, and no more pixels than those wait to be copied. */
const SIDE_BY_SIDE = 8;

/**
 * Decodes a series' files into the arena. The kernels take, at once and in this thread, what they are sure of; the
 * general decoder has the rest, and alone decides whether a file can be read.
 */
export async function decodeSlices(
  files: readonly Uint8Array[],
  { arena, decoder }: { readonly arena: Arena; readonly decoder: SliceDecoder },
): Promise<DecodedSlices> {
  const slices: (Slice | null | undefined)[] = files.map((file) => decodeExactly(file, arena));
  const rest = [...slices.keys()].filter((at) => !slices[at]);
  const left = rest.values();
  let failure: { readonly error: unknown } | undefined;
  const lane = async () => {
    for (const at of left) {
      try {
        const slice = await decoder.decode(files[at]!);
        if (failure) return;
        slices[at] = slice && copySlice(arena, slice);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  // All of them end before the arena goes to the next series.
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, lane));
  if (failure) throw failure.error;
  return { slices: slices.map((slice) => slice ?? null), slow: rest.length };
}

/** The pixels of a file that the kernels are sure of, in the arena; undefined for any other, readable or not. */
export function decodeExactly(file: Uint8Array, arena: Arena): Slice | undefined {
  return file[0] === 0xff ? grayJpeg(file, arena) : plainPng(file, arena);
}
