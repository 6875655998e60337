import type { Arena } from "../kernels/arena.ts";
import { sliceDecoders } from "./decoders.ts";
import type { Slice, SliceDecoder } from "./slice-decoder.ts";
import { declaredSize } from "./stack-limit.ts";
import { copySlice } from "./stored-slice.ts";

export interface DecodedSlices {
  /** Null stands for a file that cannot be read. */
  readonly slices: readonly (Slice | null)[];
  /** How many no quick decoder was certain of, so that the slow ones had them. */
  readonly slow: number;
}

/** Twice the threads that Node has for such work: none is idle, and no more pixels than those wait to be copied. */
const SIDE_BY_SIDE = 8;
/** Larger ones, and those whose head does not tell, are decoded one after the other. */
const ORDINARY_BYTES = 1 << 25;

/** Decodes a series' files into the arena. Where no decoder is certain, the file cannot be read. */
export async function decodeSlices(
  files: readonly Uint8Array[],
  arena: Arena,
  decoders: readonly SliceDecoder[] = sliceDecoders,
): Promise<DecodedSlices> {
  const slices = files.map((file) => decodeExactly(file, arena, decoders));
  const rest = [...slices.keys()].filter((at) => slices[at] === undefined);
  const isOrdinary = (at: number) => (declaredSize(files[at]!)?.bytes ?? Infinity) <= ORDINARY_BYTES;
  const ordinary = rest.filter(isOrdinary).values();
  const large = rest.filter((at) => !isOrdinary(at));
  let failure: { readonly error: unknown } | undefined;
  const lane = async (left: Iterable<number>) => {
    for (const at of left) {
      try {
        const slice = await decodeSlowly(files[at]!, decoders);
        if (failure) return;
        slices[at] = slice && copySlice(arena, slice);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  // All of them end before the arena goes to the next series.
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, () => lane(ordinary)));
  if (!failure) await lane(large);
  if (failure) throw failure.error;
  return { slices: slices.map((slice) => slice ?? null), slow: rest.length };
}

/** What the quick decoders make of a file, at once and in this thread; undefined where none of them is certain. */
export function decodeExactly(
  file: Uint8Array,
  arena: Arena,
  decoders: readonly SliceDecoder[] = sliceDecoders,
): Slice | null | undefined {
  for (const decoder of decoders) {
    const slice = decoder.slow ? undefined : decoder.decode(file, arena);
    if (slice !== undefined) return slice;
  }
  return undefined;
}

async function decodeSlowly(file: Uint8Array, decoders: readonly SliceDecoder[]): Promise<Slice | null | undefined> {
  for (const decoder of decoders) {
    const slice = decoder.slow ? await decoder.decode(file) : undefined;
    if (slice !== undefined) return slice;
  }
  return undefined;
}
