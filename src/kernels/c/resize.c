// Normalising and linear resampling in the reference's float32 arithmetic: every rounding happens where torch's kernel
// rounds. An axis is made outside, of any length; lines are padded to whole fours of floats.
#include "kernel.h"

// For each output index along one axis: the two source indices and their weights.
typedef struct {
  const i32 *lower, *upper;
  const float *lower_weight, *upper_weight;
  i32 length;
} Axis;

// How four outputs at a time find their sources in sixteen bytes of a row.
typedef struct {
  i32 start;
  u8 lower[16], upper[16];  // swizzles: the source byte to the lowest byte of each output's 32 bits
} Four;

typedef struct {
  float levels[256];    // what each 8-bit value becomes, for rows whose fours span more than sixteen bytes
  float least, spread;  // the same as arithmetic
  i32 wide, halves;     // set by resize_prepare
} Normal;

// float32(a·wa + float32(b·wb)): the first product unrounded, the second rounded, as the reference's FMA does.
INLINE float blended(float a, float b, float wa, float wb) {
  float second = b * wb;
  return (float)((double)a * (double)wa + (double)second);
}

INLINE v128_t upper_half(v128_t v) { return wasm_i32x4_shuffle(v, v, 2, 3, 2, 3); }

INLINE v128_t blended_4(v128_t a, v128_t b, v128_t wa, v128_t wb) {
  v128_t second = wasm_f32x4_mul(b, wb);
  v128_t low = wasm_f64x2_mul(wasm_f64x2_promote_low_f32x4(a), wasm_f64x2_promote_low_f32x4(wa));
  v128_t high = wasm_f64x2_mul(wasm_f64x2_promote_low_f32x4(upper_half(a)), wasm_f64x2_promote_low_f32x4(upper_half(wa)));
  low = wasm_f64x2_add(low, wasm_f64x2_promote_low_f32x4(second));
  high = wasm_f64x2_add(high, wasm_f64x2_promote_low_f32x4(upper_half(second)));
  return wasm_i64x2_shuffle(wasm_f32x4_demote_f64x2_zero(low), wasm_f32x4_demote_f64x2_zero(high), 0, 2);
}

// With two weights of a half both products are exact: one rounding is left, that of the sum.
INLINE v128_t mean_4(v128_t a, v128_t b) { return wasm_f32x4_mul(wasm_f32x4_add(a, b), wasm_f32x4_splat(0.5f)); }

EXPORT(blend) void blend(const float *a, const float *b, float wa, float wb, float *out, i32 count) {
  i32 i = 0;
  if (wa == 0.5f && wb == 0.5f)
    for (; i + 4 <= count; i += 4) wasm_v128_store(out + i, mean_4(wasm_v128_load(a + i), wasm_v128_load(b + i)));
  const v128_t was = wasm_f32x4_splat(wa), wbs = wasm_f32x4_splat(wb);
  for (; i + 4 <= count; i += 4)
    wasm_v128_store(out + i, blended_4(wasm_v128_load(a + i), wasm_v128_load(b + i), was, wbs));
  for (; i < count; i++) out[i] = blended(a[i], b[i], wa, wb);
}

// Fills `fours`, one for each four outputs along x; x's tables are padded to whole fours by repeating the last.
EXPORT(resize_prepare) void resize_prepare(const Axis *x, Four *fours, Normal *normal) {
  normal->wide = 0;
  normal->halves = 1;
  for (i32 i = 0; i < x->length; i += 4) {
    Four *four = &fours[i / 4];
    four->start = x->lower[i];
    for (i32 k = 0; k < 16; k++) four->lower[k] = four->upper[k] = 255;
    for (i32 k = 0; k < 4; k++) {
      i32 lower = x->lower[i + k] - four->start, upper = x->upper[i + k] - four->start;
      if (upper > 15) normal->wide = 1;
      if (x->lower_weight[i + k] != 0.5f || x->upper_weight[i + k] != 0.5f) normal->halves = 0;
      four->lower[4 * k] = (u8)lower;
      four->upper[4 * k] = (u8)upper;
    }
  }
}

INLINE v128_t normalised_4(v128_t values, v128_t least, v128_t spread, const int whole) {
  v128_t unit = wasm_f32x4_div(wasm_f32x4_convert_i32x4(values), wasm_f32x4_splat(255.0f));
  return whole ? unit : wasm_f32x4_div(wasm_f32x4_sub(unit, least), spread);
}

// Reads up to 15 bytes past the box's last pixel of a row: slices have as many behind them.
INLINE void row_of_fours(const u8 *row, const Axis *x, const Four *fours, const Normal *normal, float *out,
                         const int whole, const int halves) {
  const v128_t least = wasm_f32x4_splat(normal->least), spread = wasm_f32x4_splat(normal->spread);
  for (i32 i = 0; i < x->length; i += 4) {
    const Four *four = &fours[i / 4];
    v128_t bytes = wasm_v128_load(row + four->start);
    v128_t a = normalised_4(wasm_i8x16_swizzle(bytes, wasm_v128_load(four->lower)), least, spread, whole);
    v128_t b = normalised_4(wasm_i8x16_swizzle(bytes, wasm_v128_load(four->upper)), least, spread, whole);
    v128_t value = halves ? mean_4(a, b)
                          : blended_4(a, b, wasm_v128_load(x->lower_weight + i), wasm_v128_load(x->upper_weight + i));
    wasm_v128_store(out + i, value);
  }
}

static void resize_row(const u8 *row, const Axis *x, const Four *fours, const Normal *normal, float *out) {
  if (normal->wide) {
    for (i32 i = 0; i < x->length; i++)
      out[i] = blended(normal->levels[row[x->lower[i]]], normal->levels[row[x->upper[i]]], x->lower_weight[i],
                       x->upper_weight[i]);
    return;
  }
  const int whole = normal->least == 0.0f && normal->spread == 1.0f;
  if (whole && normal->halves) row_of_fours(row, x, fours, normal, out, 1, 1);
  else if (whole) row_of_fours(row, x, fours, normal, out, 1, 0);
  else if (normal->halves) row_of_fours(row, x, fours, normal, out, 0, 1);
  else row_of_fours(row, x, fours, normal, out, 0, 0);
}

// One source plane, from the box's corner, to y.length × x.length floats. `lines` has room for two padded lines of x.
EXPORT(resize_plane) void resize_plane(const u8 *corner, i32 stride, const Axis *x, const Axis *y, const Four *fours,
                                       const Normal *normal, float *out, float *lines) {
  float *line[2] = {lines, lines + (x->length + 3) / 4 * 4};
  i32 held[2] = {-1, -1};
  for (i32 i = 0; i < y->length; i++, out += x->length) {
    i32 lower = y->lower[i], upper = y->upper[i];
    // Most often the lower line of now is the upper line of before.
    if (held[0] != lower) {
      float *spare = line[0];
      i32 was = held[0];
      line[0] = line[1], held[0] = held[1];
      line[1] = spare, held[1] = was;
    }
    if (held[0] != lower) resize_row(corner + lower * stride, x, fours, normal, line[0]), held[0] = lower;
    if (upper != lower && held[1] != upper)
      resize_row(corner + upper * stride, x, fours, normal, line[1]), held[1] = upper;
    blend(line[0], upper == lower ? line[0] : line[1], y->lower_weight[i], y->upper_weight[i], out, x->length);
  }
}
