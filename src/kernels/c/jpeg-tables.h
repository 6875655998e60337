// The tables that one scan is read with; set before it by jpeg_table and jpeg_quantiser.
#pragma once
#include "jpeg-huffman.h"

enum { DC = 0, AC = 1 };
extern HuffmanTable jpeg_tables[2];
extern i16 jpeg_steps[64];  // of the quantiser, row by row

// The row-by-row place of each coefficient in zigzag order.
extern const u8 jpeg_zigzag[64];
