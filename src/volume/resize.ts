import type { Arena } from "../kernels/arena.ts";
import type { Address } from "../kernels/kernels.ts";
import { type Axis, resampleAxis } from "./axis.ts";
import type { Box, Range } from "./geometry.ts";
import type { Stack } from "./stack.ts";

const f32 = Math.fround;
export type Size = readonly [depth: number, height: number, width: number];

/** Bytes of a float32, and of what the kernel keeps of four outputs along x (resize.c: Four). */
const [FLOAT, FOUR] = [4, 36];

/**
 * The box of the stack, normalised and resampled to `size`: float32, C order, in `memory` where that has the very length.
 * Only planes that count are computed.
 */
export function resize(
  stack: Stack,
  { box, range, size }: { readonly box: Box; readonly range: Range; readonly size: Size },
  arena: Arena,
  memory?: ArrayBuffer,
): Float32Array {
  const [z0, z1, y0, y1, x0, x1] = box;
  const [depth, height, width] = size;
  const area = height * width;
  const byteLength = depth * area * FLOAT;
  const out = new Float32Array(memory?.byteLength === byteLength ? memory : new ArrayBuffer(byteLength));
  return arena.scratch(() => {
    const { call } = arena;
    const z = resampleAxis(z1 - z0, depth);
    const [x, y] = [placeAxis(resampleAxis(x1 - x0, width), arena), placeAxis(resampleAxis(y1 - y0, height), arena)];
    const fours = arena.alloc(Math.ceil(width / 4) * FOUR);
    const normal = placeNormal(range, arena);
    const lines = arena.alloc(2 * Math.ceil(width / 4) * 4 * FLOAT);
    const blended = arena.alloc(area * FLOAT);
    call.resize_prepare(x, fours, normal);
    const planes = twoPlanes([arena.alloc(area * FLOAT), arena.alloc(area * FLOAT)], (at, into) =>
      arena.scratch(() => {
        const corner = arena.place(stack.slice(z0 + at)) + y0 * stack.width + x0;
        call.resize_plane(corner, stack.width, x, y, fours, normal, into, lines);
      }),
    );
    for (let i = 0; i < depth; i++) {
      const [lower, upper] = planes(z.lower[i]!, z.upper[i]!);
      call.blend(lower, upper, z.lowerWeight[i]!, z.upperWeight[i]!, blended, area);
      out.set(new Float32Array(call.memory.buffer, blended, area), i * area);
    }
    return out;
  });
}

/** The addresses of the two source planes that an output plane lies between; each is made once. */
function twoPlanes(room: readonly [Address, Address], make: (at: number, into: Address) => void) {
  const held = [-1, -1];
  const plane = (at: number, keep: number): Address => {
    if (!held.includes(at)) {
      const slot = held[0] === keep ? 1 : 0;
      make(at, room[slot]!);
      held[slot] = at;
    }
    return room[held[0] === at ? 0 : 1];
  };
  return (lower: number, upper: number) => [plane(lower, upper), plane(upper, lower)] as const;
}

/** As resize.c has it: Axis. */
function placeAxis({ length, lower, upper, lowerWeight, upperWeight }: Axis, arena: Arena): Address {
  const arrays = [lower, upper, lowerWeight, upperWeight].map((array) => arena.place(array));
  return arena.place(Uint32Array.of(...arrays, length));
}

/**
 * What each 8-bit value becomes: v/255, then min-max over the whole stack, each step rounded to float32. As a table and
 * as numbers, and with room for two integers more, as resize.c has it: Normal.
 */
function placeNormal([low, high]: Range, arena: Arena): Address {
  const unit = (value: number) => f32(value / 255);
  const least = unit(low);
  const spread = Math.max(f32(unit(high) - least), f32(1e-8));
  const levels = Array.from({ length: 256 }, (_, value) => f32(unit(value) - least) / spread);
  return arena.place(Float32Array.of(...levels, least, spread, 0, 0));
}
