// The range of values, and the box of what is not background, a slice at a time.
#include "kernel.h"

// Smallest value in bits 0-7 and largest in bits 8-15, of `count` bytes and of what was found before.
EXPORT(min_max) u32 min_max(const u8 *pixels, u32 count, u32 before) {
  u32 low = before & 255, high = before >> 8 & 255, i = 0;
  v128_t lows = wasm_u8x16_splat((u8)low), highs = wasm_u8x16_splat((u8)high);
  for (; i + 16 <= count; i += 16) {
    v128_t values = wasm_v128_load(pixels + i);
    lows = wasm_u8x16_min(lows, values);
    highs = wasm_u8x16_max(highs, values);
  }
  u8 lanes[32];
  wasm_v128_store(lanes, lows);
  wasm_v128_store(lanes + 16, highs);
  for (int k = 0; k < 16; k++) {
    if (lanes[k] < low) low = lanes[k];
    if (lanes[16 + k] > high) high = lanes[16 + k];
  }
  for (; i < count; i++) {
    if (pixels[i] < low) low = pixels[i];
    if (pixels[i] > high) high = pixels[i];
  }
  return low | high << 8;
}

INLINE u32 others(const u8 *sixteen, v128_t low) {
  return wasm_i8x16_bitmask(wasm_i8x16_ne(wasm_v128_load(sixteen), low));
}

// The place of the first byte that is not `low`; `count` where there is none.
static i32 first_other(const u8 *bytes, i32 count, u8 low) {
  const v128_t lows = wasm_u8x16_splat(low);
  i32 i = 0;
  for (; i + 16 <= count; i += 16) {
    u32 found = others(bytes + i, lows);
    if (found) return i + __builtin_ctz(found);
  }
  while (i < count && bytes[i] == low) i++;
  return i;
}

// The place after the last byte that is not `low`; 0 where there is none.
static i32 last_other(const u8 *bytes, i32 count, u8 low) {
  const v128_t lows = wasm_u8x16_splat(low);
  i32 i = count;
  for (; i >= 16; i -= 16) {
    u32 found = others(bytes + i - 16, lows);
    if (found) return i - __builtin_clz(found << 16);
  }
  while (i > 0 && bytes[i - 1] == low) i--;
  return i;
}

typedef struct {
  i32 top, bottom, left, right;  // half open; top ≥ bottom while nothing is in it
} Box;

// Whether one of `count` pixels is not `low`.
EXPORT(box_any) u32 box_any(const u8 *pixels, i32 count, u32 low) { return first_other(pixels, count, (u8)low) < count; }

// Grows the box by a slice that has a pixel other than `low`. It starts as {height, 0, width, 0}.
EXPORT(box_grow) void box_grow(const u8 *pixels, i32 height, i32 width, u32 low, Box *box) {
  i32 top = 0, bottom = height;
  while (top < box->top && first_other(pixels + top * width, width, (u8)low) == width) top++;
  while (bottom > box->bottom && bottom > top && first_other(pixels + (bottom - 1) * width, width, (u8)low) == width)
    bottom--;
  if (top < box->top) box->top = top;
  if (bottom > box->bottom) box->bottom = bottom;
  for (i32 y = top; y < bottom; y++) {
    const u8 *row = pixels + y * width;
    if (box->left > 0) box->left = first_other(row, box->left, (u8)low);
    if (box->right < width) box->right += last_other(row + box->right, width - box->right, (u8)low);
  }
}
