// PNG's five filters undone, for one byte (gray, palette) and three bytes (RGB) a pixel.
#include "kernel.h"

INLINE i32 distance(i32 value) { return value < 0 ? -value : value; }

INLINE u8 paeth(i32 left, i32 above, i32 corner) {
  i32 to_left = distance(above - corner), to_above = distance(left - corner);
  i32 to_corner = distance(left + above - 2 * corner);
  return (u8)(to_left <= to_above && to_left <= to_corner ? left : to_above <= to_corner ? above : corner);
}

static void copy(const u8 *in, u8 *out, u32 row) {
  u32 i = 0;
  for (; i + 16 <= row; i += 16) wasm_v128_store(out + i, wasm_v128_load(in + i));
  for (; i < row; i++) out[i] = in[i];
}

static void up(const u8 *in, const u8 *above, u8 *out, u32 row) {
  u32 i = 0;
  for (; i + 16 <= row; i += 16)
    wasm_v128_store(out + i, wasm_i8x16_add(wasm_v128_load(in + i), wasm_v128_load(above + i)));
  for (; i < row; i++) out[i] = (u8)(in[i] + above[i]);
}

// Moves the bytes of a vector up by `count` lanes, zeros after them.
#define MOVED(v, count)                                                                                           \
  wasm_i8x16_shuffle(wasm_i8x16_splat(0), v, 16 - count, 17 - count, 18 - count, 19 - count, 20 - count, 21 - count, \
                     22 - count, 23 - count, 24 - count, 25 - count, 26 - count, 27 - count, 28 - count, 29 - count, \
                     30 - count, 31 - count)

// A running sum: of sixteen bytes in four steps.
static void sub_1(const u8 *in, u8 *out, u32 row) {
  v128_t before = wasm_i8x16_splat(0);
  u8 last = 0;
  u32 i = 0;
  for (; i + 16 <= row; i += 16) {
    v128_t sum = wasm_v128_load(in + i);
    sum = wasm_i8x16_add(sum, MOVED(sum, 1));
    sum = wasm_i8x16_add(sum, MOVED(sum, 2));
    sum = wasm_i8x16_add(sum, MOVED(sum, 4));
    sum = wasm_i8x16_add(sum, MOVED(sum, 8));
    sum = wasm_i8x16_add(sum, before);
    wasm_v128_store(out + i, sum);
    last = wasm_u8x16_extract_lane(sum, 15);
    before = wasm_u8x16_splat(last);
  }
  for (; i < row; i++) out[i] = last = (u8)(in[i] + last);
}

static void average_1(const u8 *in, const u8 *above, u8 *out, u32 row) {
  u32 left = 0;
  for (u32 i = 0; i < row; i++) out[i] = left = (u8)(in[i] + ((left + above[i]) >> 1));
}

static void paeth_1(const u8 *in, const u8 *above, u8 *out, u32 row) {
  u8 left = 0, corner = 0;
  for (u32 i = 0; i < row; i++) {
    out[i] = left = (u8)(in[i] + paeth(left, above[i], corner));
    corner = above[i];
  }
}

// Three bytes a pixel, a pixel at a time: 4 bytes are read and written, so the last pixel goes byte by byte.
static void sub_3(const u8 *in, u8 *out, u32 row) {
  v128_t left = wasm_i8x16_splat(0);
  u32 i = 0;
  for (; i + 4 <= row; i += 3) {
    left = wasm_i8x16_add(left, wasm_v128_load32_zero(in + i));
    wasm_v128_store32_lane(out + i, left, 0);
  }
  for (; i < row; i++) out[i] = (u8)(in[i] + (i < 3 ? 0 : out[i - 3]));
}

static void average_3(const u8 *in, const u8 *above, u8 *out, u32 row) {
  v128_t left = wasm_i8x16_splat(0);
  const v128_t one = wasm_i8x16_splat(1);
  u32 i = 0;
  for (; i + 4 <= row; i += 3) {
    v128_t over = wasm_v128_load32_zero(above + i);
    // avgr rounds up; PNG rounds down.
    v128_t odd = wasm_v128_and(wasm_v128_xor(left, over), one);
    v128_t mean = wasm_i8x16_sub(wasm_u8x16_avgr(left, over), odd);
    left = wasm_i8x16_add(wasm_v128_load32_zero(in + i), mean);
    wasm_v128_store32_lane(out + i, left, 0);
  }
  for (; i < row; i++) out[i] = (u8)(in[i] + (((i < 3 ? 0 : out[i - 3]) + above[i]) >> 1));
}

static void paeth_3(const u8 *in, const u8 *above, u8 *out, u32 row) {
  v128_t left = wasm_i16x8_splat(0), corner = left;
  const v128_t byte = wasm_i16x8_splat(255);
  u32 i = 0;
  for (; i + 4 <= row; i += 3) {
    v128_t over = wasm_u16x8_extend_low_u8x16(wasm_v128_load32_zero(above + i));
    v128_t add = wasm_u16x8_extend_low_u8x16(wasm_v128_load32_zero(in + i));
    v128_t across = wasm_i16x8_sub(over, corner), down = wasm_i16x8_sub(left, corner);
    v128_t to_corner = wasm_i16x8_abs(wasm_i16x8_add(across, down));
    v128_t to_left = wasm_i16x8_abs(across), to_above = wasm_i16x8_abs(down);
    v128_t nearest = wasm_i16x8_min(to_corner, wasm_i16x8_min(to_left, to_above));
    v128_t guess = wasm_v128_bitselect(over, corner, wasm_i16x8_eq(nearest, to_above));
    guess = wasm_v128_bitselect(left, guess, wasm_i16x8_eq(nearest, to_left));
    corner = over;
    left = wasm_v128_and(wasm_i16x8_add(add, guess), byte);
    wasm_v128_store32_lane(out + i, wasm_u8x16_narrow_i16x8(left, left), 0);
  }
  for (; i < row; i++)
    out[i] = (u8)(in[i] + (i < 3 ? above[i] : paeth(out[i - 3], above[i], above[i - 3])));
}

// `raw` has `height` rows, each a filter's number and `row` bytes; `out` gets height × row bytes; `zeros` are `row`
// zeros, for what is above the first row. `pixel` is 1 or 3, and divides `row`.
// Returns 0, or 1 where a filter's number is none of the five.
EXPORT(png_unfilter) u32 png_unfilter(const u8 *raw, u8 *out, u32 row, u32 height, u32 pixel, const u8 *zeros) {
  const u8 *above = zeros;
  for (u32 y = 0; y < height; y++, raw += row + 1, above = out, out += row) {
    const u8 *in = raw + 1;
    switch (*raw) {
      case 0: copy(in, out, row); break;
      case 1: (pixel == 1 ? sub_1 : sub_3)(in, out, row); break;
      case 2: up(in, above, out, row); break;
      case 3: (pixel == 1 ? average_1 : average_3)(in, above, out, row); break;
      case 4: (pixel == 1 ? paeth_1 : paeth_3)(in, above, out, row); break;
      default: return 1;
    }
  }
  return 0;
}
