// The bits of an entropy-coded segment, read from 32-bit words whose first bit is the highest.
#pragma once
#include "kernel.h"

typedef struct {
  u64 window;       // the next `filled` bits, from the top; zeros below
  i32 filled;
  const u32 *next;  // the word to take next
} BitReader;

// Afterwards 32 bits are there: enough for a code (16) and its value (15).
INLINE void refill(BitReader *in) {
  if (in->filled >= 32) return;
  in->window |= (u64)*in->next++ << (32 - in->filled);
  in->filled += 32;
}

INLINE void drop(BitReader *in, u32 bits) {
  in->window <<= bits;
  in->filled -= (i32)bits;
}

// `bits` is 1 to 15.
INLINE u32 take(BitReader *in, u32 bits) {
  u32 value = (u32)(in->window >> (64 - bits));
  drop(in, bits);
  return value;
}
