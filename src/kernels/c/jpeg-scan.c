// The one scan of a baseline gray JPEG. It takes what it is sure of; anything else has a code that is not 0.
#include "jpeg-bits.h"
#include "jpeg-idct.h"
#include "jpeg-tables.h"

enum {
  NO_END = 20,         // the data ends before the end marker
  OTHER_MARKER = 21,   // another marker than the end
  TOO_SHORT = 22,      // more blocks than bits
  NO_SUCH_CODE = 23,
  TOO_LARGE = 24,      // beyond what any picture has
  TOO_MANY_VALUES = 25,
  BLOCK_RUN = 26,      // a progressive file's code
  BITS_LEFT = 28,      // the blocks end before or after the bits
};

// A block takes at most 64 × 31 bits, 248 bytes. Zeros follow the data for that long, so that its end is looked for once
// a block; the reader's look-ahead (8 bytes) and the swapping in 16 bytes come on top.
enum { ZEROS = 288 };

// Beyond this, times 4, sixteen bits do not hold a dequantised value: decoders then differ in how they wrap.
enum { LARGEST = 8191 };

INLINE u32 magnitude(i32 value) { return (u32)(value < 0 ? -value : value); }

// Takes the stuffed zeros out of the segment. Writes at most `length` bytes, and ZEROS behind.
// Returns the end of what it wrote, or null with the reason in *reason.
static u8 *unstuffed(const u8 *in, u32 length, u8 *out, u32 *reason) {
  const u8 *end = in + length;
  const v128_t all_ones = wasm_u8x16_splat(0xFF);
  for (;;) {
    // `out` has never got further than `in`: sixteen bytes fit wherever sixteen can be read.
    while (end - in >= 16) {
      v128_t bytes = wasm_v128_load(in);
      wasm_v128_store(out, bytes);
      u32 marks = wasm_i8x16_bitmask(wasm_i8x16_eq(bytes, all_ones));
      u32 plain = marks ? (u32)__builtin_ctz(marks) : 16;
      in += plain, out += plain;
      if (marks) break;
    }
    while (in < end && *in != 0xFF) *out++ = *in++;
    if (end - in < 2) return *reason = NO_END, (u8 *)0;
    if (in[1] == 0xD9) return out;
    if (in[1] != 0) return *reason = OTHER_MARKER, (u8 *)0;
    *out++ = 0xFF, in += 2;
  }
}

// Turns bytes into words whose first byte is the highest. Works on whole 16 bytes.
static void swap_words(u8 *bytes, const u8 *end) {
  const v128_t order = wasm_u8x16_make(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
  for (; bytes < end; bytes += 16) wasm_v128_store(bytes, wasm_i8x16_swizzle(wasm_v128_load(bytes), order));
}

INLINE u32 read_mean(BitReader *in, i32 *mean) {
  const HuffmanTable *table = &jpeg_tables[DC];
  refill(in);
  u32 found = table->look[in->window >> (64 - LOOK_BITS)];
  if (KIND_OF(found) == LONG_CODE) found = long_code(table, in->window);
  if (!found) return NO_SUCH_CODE;
  drop(in, BITS_OF(found));
  if (KIND_OF(found) == VALUE) *mean += VALUE_OF(found);
  else if (VALUE_OF(found)) *mean += extended(take(in, (u32)VALUE_OF(found)), (u32)VALUE_OF(found));
  return 0;
}

// The 63 coefficients after the mean; no magnitude is above *bound, and it is 0 where there are none.
INLINE u32 read_rest(BitReader *in, i16 block[64], u32 *bound) {
  const HuffmanTable *table = &jpeg_tables[AC];
  for (u32 at = 0; at < 63;) {
    refill(in);
    u32 found = table->look[in->window >> (64 - LOOK_BITS)];
    if (KIND_OF(found) == VALUE) {
      drop(in, BITS_OF(found));
      at += FORWARD_OF(found);
      if (at > 63) return TOO_MANY_VALUES;
      block[jpeg_zigzag[at]] = (i16)VALUE_OF(found);
      *bound |= magnitude(VALUE_OF(found));
      continue;
    }
    if (KIND_OF(found) == LONG_CODE) found = long_code(table, in->window);
    if (!found) return NO_SUCH_CODE;
    drop(in, BITS_OF(found));
    u32 symbol = KIND_OF(found) == END ? 0 : (u32)VALUE_OF(found), run = symbol >> 4, size = symbol & 15;
    if (symbol == 0) return 0;
    if (size == 0 && run != 15) return BLOCK_RUN;
    at += run + 1;
    // Sixteen zeros must leave room for the value that follows them.
    if (at > (size ? 63 : 62)) return TOO_MANY_VALUES;
    if (size == 0) continue;
    i32 value = extended(take(in, size), size);
    block[jpeg_zigzag[at]] = (i16)value;
    *bound |= magnitude(value);
  }
  return 0;
}

static u32 fits(const i16 block[64]) {
  u32 largest = 0;
  for (int i = 1; i < 64; i++) {
    u32 value = magnitude(block[i] * jpeg_steps[i]);
    if (value > largest) largest = value;
  }
  return largest <= LARGEST;
}

static u32 read_blocks(BitReader *in, const u32 *limit, u8 *out, u32 columns, u32 rows) {
  i16 block[64] __attribute__((aligned(16)));
  const v128_t zeros = wasm_i8x16_splat(0);
  for (int i = 0; i < 64; i += 8) wasm_v128_store(block + i, zeros);
  const u32 stride = columns * 8;
  u32 largest_step = 0;
  for (int i = 0; i < 64; i++)
    if ((u32)jpeg_steps[i] > largest_step) largest_step = (u32)jpeg_steps[i];
  i32 mean = 0;
  for (u32 row = 0; row < rows; row++)
    for (u32 column = 0; column < columns; column++) {
      if (in->next > limit) return TOO_SHORT;
      u32 bound = 0, reason = read_mean(in, &mean);
      if (reason) return reason;
      if (magnitude(mean) > LARGEST || magnitude(mean * jpeg_steps[0]) > LARGEST) return TOO_LARGE;
      if ((reason = read_rest(in, block, &bound))) return reason;
      if (bound * largest_step > LARGEST && !fits(block)) return TOO_LARGE;
      u8 *corner = out + row * 8 * stride + column * 8;
      if (!bound) {
        flat(mean * jpeg_steps[0], corner, stride);
        continue;
      }
      block[0] = (i16)mean;
      idct(block, jpeg_steps, corner, stride);
      for (int i = 0; i < 64; i += 8) wasm_v128_store(block + i, zeros);
    }
  return 0;
}

// How many bytes `work` must have for a scan of `length` bytes.
EXPORT(jpeg_work) u32 jpeg_work(u32 length) { return length + ZEROS + 16; }

// Reads `length` bytes that follow the scan's header, to the end of the file. `out` has columns × rows blocks of 8 × 8
// pixels, row by row of the whole image; `work` has jpeg_work(length) bytes, at an address that 16 divides.
EXPORT(jpeg_scan) u32 jpeg_scan(const u8 *scan, u32 length, u8 *work, u8 *out, u32 columns, u32 rows) {
  if (!jpeg_tables[DC].spec_length || !jpeg_tables[AC].spec_length) return NO_SUCH_CODE;
  u32 reason = 0;
  u8 *end = unstuffed(scan, length, work, &reason);
  if (!end) return reason;
  for (u32 i = 0; i < ZEROS; i++) end[i] = 0;
  swap_words(work, end + ZEROS - 16);
  BitReader in = {0, 0, (const u32 *)work};
  u32 bytes = (u32)(end - work);
  // Past this word, what has been consumed is more than there was.
  const u32 *limit = (const u32 *)work + (bytes + 3) / 4 + 2;
  if ((reason = read_blocks(&in, limit, out, columns, rows))) return reason;
  i32 left = (i32)bytes * 8 - ((i32)((const u8 *)in.next - work) * 8 - in.filled);
  return left < 0 || left > 7 ? BITS_LEFT : 0;
}
