// A tile of the preview: a slice averaged down.
#include "kernel.h"

// Means of step × step pixels, rounded half up, to rows × columns bytes with `stride` from row to row. Where the slice
// is smaller than a step, the mean is of what is there.
EXPORT(tile) void tile(const u8 *pixels, u32 height, u32 width, u32 step, u8 *out, u32 rows, u32 columns, u32 stride) {
  for (u32 row = 0; row < rows; row++)
    for (u32 column = 0; column < columns; column++) {
      u32 top = row * step, left = column * step, sum = 0;
      u32 bottom = top + step < height ? top + step : height, right = left + step < width ? left + step : width;
      for (u32 y = top; y < bottom; y++)
        for (u32 x = left; x < right; x++) sum += pixels[y * width + x];
      u32 count = (bottom - top) * (right - left);
      out[row * stride + column] = (u8)((2 * sum + count) / (2 * count));
    }
}
