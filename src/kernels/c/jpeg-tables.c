#include "jpeg-tables.h"

HuffmanTable jpeg_tables[2];
i16 jpeg_steps[64];

const u8 jpeg_zigzag[64] = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
    41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
};

// The entry of a short code whose next bits, as far as they are seen, are `rest` of `left` bits.
static u32 entry(u32 kind_of_table, u32 symbol, u32 length, u32 rest, u32 left) {
  u32 size = symbol & 15, run = symbol >> 4;
  if (kind_of_table == AC && symbol == 0) return ENTRY(length, 0, END, 0);
  if (kind_of_table == DC && size == 0) return ENTRY(length, 1, VALUE, 0);
  if (size == 0 || size > left) return ENTRY(length, 0, SYMBOL, symbol);
  i32 value = extended(rest >> (left - size), size);
  return ENTRY(length + size, run + 1, VALUE, (u16)value);
}

static void fill(HuffmanTable *table, u32 kind, u32 code, u32 length, u32 symbol) {
  u32 left = LOOK_BITS - length;
  for (u32 rest = 0; rest < 1u << left; rest++)
    table->look[code << left | rest] = entry(kind, symbol, length, rest, left);
}

// Takes a table as it stands in the file: 16 counts, then the symbols; `available` bytes of it are there.
// Returns 0, or 1 for what libjpeg refuses or a baseline file does not have.
EXPORT(jpeg_table) u32 jpeg_table(u32 kind, const u8 *spec, u32 available) {
  HuffmanTable *table = &jpeg_tables[kind & 1];
  if (available < LONGEST_CODE) return 1;
  u32 symbols = 0;
  for (u32 i = 0; i < LONGEST_CODE; i++) symbols += spec[i];
  u32 length_of_spec = LONGEST_CODE + symbols;
  if (symbols > MOST_SYMBOLS || length_of_spec > available) return 1;
  // The slices of a series share their tables nearly always.
  u32 same = 0;
  if (table->spec_length == length_of_spec)
    while (same < length_of_spec && table->spec[same] == spec[same]) same++;
  if (same == length_of_spec) return 0;

  table->spec_length = 0;
  for (u32 i = 0; i < length_of_spec; i++) table->spec[i] = spec[i];
  for (u32 i = 0; i < 1 << LOOK_BITS; i++) table->look[i] = 0;
  u32 code = 0, place = 0;
  for (u32 length = 1; length <= LONGEST_CODE; length++, code <<= 1) {
    u32 count = spec[length - 1];
    // No code may be all ones.
    if (count && code + count >= 1u << length) return 1;
    table->first[length] = code;
    table->count[length] = count;
    table->place[length] = place;
    for (u32 i = 0; i < count; i++, code++, place++) {
      u32 symbol = spec[LONGEST_CODE + place];
      // A difference of 8-bit samples' means has 11 bits at most.
      if (kind == DC && symbol > 11) return 1;
      if (length <= LOOK_BITS) fill(table, kind, code, length, symbol);
    }
  }
  table->spec_length = length_of_spec;
  return 0;
}

// Takes 64 steps of 8 bits in zigzag order. Returns 0, or 1 where one of them is 0.
EXPORT(jpeg_quantiser) u32 jpeg_quantiser(const u8 *steps) {
  u32 zero = 0;
  for (u32 i = 0; i < 64; i++) {
    jpeg_steps[jpeg_zigzag[i]] = steps[i];
    zero |= steps[i] == 0;
  }
  return zero;
}
