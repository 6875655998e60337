const f32 = Math.fround;

/** For each output index along one axis: the two source indices and their float32 weights. */
export interface Axis {
  readonly lower: Int32Array;
  readonly upper: Int32Array;
  readonly lowerWeight: Float32Array;
  readonly upperWeight: Float32Array;
}

/** Linear resampling of `from` samples to `to`, corners not aligned, in the reference's float32 arithmetic. */
export function resampleAxis(from: number, to: number): Axis {
  const axis = {
    lower: new Int32Array(to),
    upper: new Int32Array(to),
    lowerWeight: new Float32Array(to).fill(1),
    upperWeight: new Float32Array(to),
  };
  const scale = f32(from / to);
  for (let i = 0; i < to; i++) {
    // One fused multiply-add: the product of two float32 is exact in a double, so one rounding remains.
    const place = from === to ? i : Math.max(0, f32(scale * (i + 0.5) - 0.5));
    const lower = Math.min(Math.floor(place), from - 1);
    axis.lower[i] = lower;
    axis.upper[i] = lower + (from !== to && lower < from - 1 ? 1 : 0);
    axis.upperWeight[i] = Math.min(1, Math.max(0, f32(place - lower)));
    axis.lowerWeight[i] = f32(1 - axis.upperWeight[i]!);
  }
  return axis;
}

/** float32(a·wa + float32(b·wb)): the first product unrounded, the second rounded, as the reference's FMA does. */
export function blend(
  a: Float32Array,
  b: Float32Array,
  weightA: number,
  weightB: number,
  out: Float32Array,
  offset: number,
): void {
  for (let i = 0; i < a.length; i++) out[offset + i] = a[i]! * weightA + f32(b[i]! * weightB);
}
