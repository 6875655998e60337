// Huffman tables of a baseline JPEG, laid out so that most coefficients cost one look-up.
#pragma once
#include "kernel.h"

enum {
  LOOK_BITS = 12,       // Two tables of 4096 words fill a level-1 cache and hold nearly every code of real files.
  LONGEST_CODE = 16,
  MOST_SYMBOLS = 256,
};

// What the next LOOK_BITS bits hold.
enum {
  LONG_CODE = 0,  // a code longer than that, or none
  VALUE = 1,      // a code and its whole value
  END = 2,        // the end of the block
  SYMBOL = 3,     // a code alone: its value does not fit, or it has none
};

// An entry: bits 0-7 bits taken, 8-13 coefficients to go forward, 14-15 kind, 16-31 value or symbol.
#define ENTRY(bits, forward, kind, value) ((u32)(bits) | (u32)(forward) << 8 | (u32)(kind) << 14 | (u32)(value) << 16)
#define BITS_OF(entry) ((entry) & 255)
#define FORWARD_OF(entry) ((entry) >> 8 & 63)
#define KIND_OF(entry) ((entry) >> 14 & 3)
#define VALUE_OF(entry) ((i32)(entry) >> 16)

typedef struct {
  u32 look[1 << LOOK_BITS];
  u32 first[LONGEST_CODE + 1];  // by length: the first code,
  u32 count[LONGEST_CODE + 1];  // how many there are,
  u32 place[LONGEST_CODE + 1];  // and where their symbols start
  u8 spec[LONGEST_CODE + MOST_SYMBOLS];  // as in the file: 16 counts, then the symbols
  u32 spec_length;              // 0: no table
} HuffmanTable;

// A magnitude of `size` bits (1 to 15): values below half are negative.
INLINE i32 extended(u32 bits, u32 size) {
  return (i32)bits - (bits >> (size - 1) ? 0 : (1 << size) - 1);
}

// The symbol of a code longer than LOOK_BITS at the top of `window`, as an entry; 0 where there is none.
static inline u32 long_code(const HuffmanTable *table, u64 window) {
  for (u32 length = LOOK_BITS + 1; length <= LONGEST_CODE; length++) {
    u32 offset = (u32)(window >> (64 - length)) - table->first[length];
    if (offset < table->count[length])
      return ENTRY(length, 0, SYMBOL, table->spec[LONGEST_CODE + table->place[length] + offset]);
  }
  return 0;
}
