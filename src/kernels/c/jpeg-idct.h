// The inverse cosine transform of libjpeg-turbo's "islow" method: 13-bit constants, the same roundings and the same
// 16-bit wrap-around as its SIMD code has, so that the pixels are the same bits.
#pragma once
#include "kernel.h"

// The constants of Loeffler, Ligtenberg and Moschytz, times 2^13.
enum {
  F_0_298 = 2446,
  F_0_390 = 3196,
  F_0_541 = 4433,
  F_0_765 = 6270,
  F_0_899 = 7373,
  F_1_175 = 9633,
  F_1_501 = 12299,
  F_1_847 = 15137,
  F_1_961 = 16069,
  F_2_053 = 16819,
  F_2_562 = 20995,
  F_3_072 = 25172,
};

typedef struct {
  v128_t low, high;  // eight sums of 32 bits
} Wide;

INLINE v128_t pairs_low(v128_t a, v128_t b) { return wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11); }
INLINE v128_t pairs_high(v128_t a, v128_t b) { return wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15); }

// a·by_a + b·by_b in each of eight lanes.
INLINE Wide rotated(v128_t a, v128_t b, i16 by_a, i16 by_b) {
  v128_t by = wasm_i16x8_make(by_a, by_b, by_a, by_b, by_a, by_b, by_a, by_b);
  return (Wide){wasm_i32x4_dot_i16x8(pairs_low(a, b), by), wasm_i32x4_dot_i16x8(pairs_high(a, b), by)};
}

INLINE Wide plus(Wide a, Wide b) { return (Wide){wasm_i32x4_add(a.low, b.low), wasm_i32x4_add(a.high, b.high)}; }
INLINE Wide minus(Wide a, Wide b) { return (Wide){wasm_i32x4_sub(a.low, b.low), wasm_i32x4_sub(a.high, b.high)}; }

// value · 2^13, and half a unit of the later shift for rounding.
INLINE Wide scaled(v128_t value, const int shift) {
  v128_t half = wasm_i32x4_splat(1 << (shift - 1));
  return (Wide){wasm_i32x4_add(wasm_i32x4_shl(wasm_i32x4_extend_low_i16x8(value), 13), half),
                wasm_i32x4_add(wasm_i32x4_shl(wasm_i32x4_extend_high_i16x8(value), 13), half)};
}

INLINE v128_t descaled(Wide sum, const int shift) {
  return wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(sum.low, shift), wasm_i32x4_shr(sum.high, shift));
}

// Eight transforms of eight values, side by side: lane by lane down the rows.
INLINE void transform(v128_t r[8], const int shift) {
  Wide even3 = rotated(r[2], r[6], F_0_541 + F_0_765, F_0_541);
  Wide even2 = rotated(r[2], r[6], F_0_541, F_0_541 - F_1_847);
  Wide even0 = scaled(wasm_i16x8_add(r[0], r[4]), shift);
  Wide even1 = scaled(wasm_i16x8_sub(r[0], r[4]), shift);
  Wide a0 = plus(even0, even3), a3 = minus(even0, even3), a1 = plus(even1, even2), a2 = minus(even1, even2);

  v128_t sum3 = wasm_i16x8_add(r[7], r[3]), sum4 = wasm_i16x8_add(r[5], r[1]);
  Wide z3 = rotated(sum3, sum4, F_1_175 - F_1_961, F_1_175);
  Wide z4 = rotated(sum3, sum4, F_1_175, F_1_175 - F_0_390);
  Wide b0 = plus(rotated(r[7], r[1], F_0_298 - F_0_899, -F_0_899), z3);
  Wide b1 = plus(rotated(r[5], r[3], F_2_053 - F_2_562, -F_2_562), z4);
  Wide b2 = plus(rotated(r[5], r[3], -F_2_562, F_3_072 - F_2_562), z3);
  Wide b3 = plus(rotated(r[7], r[1], -F_0_899, F_1_501 - F_0_899), z4);

  r[0] = descaled(plus(a0, b3), shift), r[7] = descaled(minus(a0, b3), shift);
  r[1] = descaled(plus(a1, b2), shift), r[6] = descaled(minus(a1, b2), shift);
  r[2] = descaled(plus(a2, b1), shift), r[5] = descaled(minus(a2, b1), shift);
  r[3] = descaled(plus(a3, b0), shift), r[4] = descaled(minus(a3, b0), shift);
}

INLINE void transpose(v128_t r[8]) {
  v128_t a[8], b[8];
  for (int i = 0; i < 4; i++) {
    a[2 * i] = pairs_low(r[2 * i], r[2 * i + 1]);
    a[2 * i + 1] = pairs_high(r[2 * i], r[2 * i + 1]);
  }
  for (int half = 0; half < 8; half += 4)
    for (int i = 0; i < 2; i++) {
      b[half + 2 * i] = wasm_i32x4_shuffle(a[half + i], a[half + i + 2], 0, 4, 1, 5);
      b[half + 2 * i + 1] = wasm_i32x4_shuffle(a[half + i], a[half + i + 2], 2, 6, 3, 7);
    }
  for (int i = 0; i < 4; i++) {
    r[2 * i] = wasm_i64x2_shuffle(b[i], b[i + 4], 0, 2);
    r[2 * i + 1] = wasm_i64x2_shuffle(b[i], b[i + 4], 1, 3);
  }
}

// Dequantises a block and writes its 8 × 8 pixels, `stride` bytes from row to row.
INLINE void idct(const i16 block[64], const i16 steps[64], u8 *out, u32 stride) {
  v128_t r[8];
  for (int i = 0; i < 8; i++) r[i] = wasm_i16x8_mul(wasm_v128_load(block + 8 * i), wasm_v128_load(steps + 8 * i));
  transform(r, 11);  // 13 bits of the constants, less 2 that are kept for the second pass
  transpose(r);
  transform(r, 18);  // those 2 as well, and 3 of the two-dimensional transform
  transpose(r);
  const v128_t centre = wasm_i8x16_splat(-128);
  for (int i = 0; i < 8; i += 2) {
    v128_t rows = wasm_v128_xor(wasm_i8x16_narrow_i16x8(r[i], r[i + 1]), centre);
    wasm_v128_store64_lane(out + i * stride, rows, 0);
    wasm_v128_store64_lane(out + (i + 1) * stride, rows, 1);
  }
}

// The same of a block that has but its mean.
INLINE void flat(i32 mean, u8 *out, u32 stride) {
  i32 value = ((mean * 4 + 16) >> 5) + 128;
  v128_t row = wasm_u8x16_splat((u8)(value < 0 ? 0 : value > 255 ? 255 : value));
  for (int i = 0; i < 8; i++) wasm_v128_store64_lane(out + i * stride, row, 0);
}
