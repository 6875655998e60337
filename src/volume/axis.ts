const f32 = Math.fround;

/** For each output index along one axis: the two source indices and their float32 weights. */
export interface Axis {
  /** How many outputs there are; the arrays go on to a whole four by repeating the last. */
  readonly length: number;
  readonly lower: Int32Array;
  readonly upper: Int32Array;
  readonly lowerWeight: Float32Array;
  readonly upperWeight: Float32Array;
}

/** Linear resampling of `from` samples to `to`, corners not aligned, in the reference's float32 arithmetic. */
export function resampleAxis(from: number, to: number): Axis {
  const padded = Math.ceil(to / 4) * 4;
  const axis = {
    length: to,
    lower: new Int32Array(padded),
    upper: new Int32Array(padded),
    lowerWeight: new Float32Array(padded),
    upperWeight: new Float32Array(padded),
  };
  const scale = f32(from / to);
  for (let at = 0; at < padded; at++) {
    const i = Math.min(at, to - 1);
    // One fused multiply-add: the product of two float32 is exact in a double, so one rounding remains.
    const place = from === to ? i : Math.max(0, f32(scale * (i + 0.5) - 0.5));
    const lower = Math.min(Math.floor(place), from - 1);
    axis.lower[at] = lower;
    axis.upper[at] = lower + (from !== to && lower < from - 1 ? 1 : 0);
    axis.upperWeight[at] = Math.min(1, Math.max(0, f32(place - lower)));
    axis.lowerWeight[at] = f32(1 - axis.upperWeight[at]!);
  }
  return axis;
}
