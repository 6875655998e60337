// Colours to gray as Pillow's convert("L") does it: ITU-R 601-2 in 16-bit fixed point, rounded.
#include "kernel.h"

enum { RED = 19595, GREEN = 38470, BLUE = 7471, HALF = 0x8000 };

// The products of every third byte, from `first`, with its weight.
INLINE v128_t weighed(v128_t bytes, const int first, i32 weight) {
  const v128_t which = wasm_i8x16_make(first, -1, -1, -1, first + 3, -1, -1, -1, first + 6, -1, -1, -1, first + 9, -1,
                                       -1, -1);
  return wasm_i32x4_mul(wasm_i8x16_swizzle(bytes, which), wasm_i32x4_splat(weight));
}

// `count` pixels of three bytes to `count` bytes.
EXPORT(luma_rgb) void luma_rgb(const u8 *rgb, u8 *out, u32 count) {
  u32 i = 0;
  // Four pixels a turn; sixteen bytes are read, so six pixels must be there.
  for (; i + 6 <= count; i += 4, rgb += 12) {
    v128_t bytes = wasm_v128_load(rgb);
    v128_t sum = wasm_i32x4_add(wasm_i32x4_add(weighed(bytes, 0, RED), weighed(bytes, 1, GREEN)),
                                wasm_i32x4_add(weighed(bytes, 2, BLUE), wasm_i32x4_splat(HALF)));
    v128_t gray = wasm_u32x4_shr(sum, 16);
    gray = wasm_i16x8_narrow_i32x4(gray, gray);
    wasm_v128_store32_lane(out + i, wasm_u8x16_narrow_i16x8(gray, gray), 0);
  }
  for (; i < count; i++, rgb += 3) out[i] = (u8)((rgb[0] * RED + rgb[1] * GREEN + rgb[2] * BLUE + HALF) >> 16);
}

// Indices to gray, in place, by a palette of `entries` colours of three bytes. Returns 0, or 1 where an index is beyond.
EXPORT(luma_palette) u32 luma_palette(u8 *pixels, u32 count, const u8 *palette, u32 entries) {
  u8 gray[256] = {0};
  luma_rgb(palette, gray, entries);
  u32 beyond = 0;
  for (u32 i = 0; i < count; i++) {
    beyond |= pixels[i] >= entries;
    pixels[i] = gray[pixels[i]];
  }
  return beyond;
}
