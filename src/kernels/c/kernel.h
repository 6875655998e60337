// What every kernel shares. There is no C library here: a kernel sees the memory that it is given, and nothing else.
#pragma once
#include <stdint.h>
#include <wasm_simd128.h>

typedef uint8_t u8;
typedef int16_t i16;
typedef uint16_t u16;
typedef int32_t i32;
typedef uint32_t u32;
typedef uint64_t u64;

// Makes a function callable from outside, under its own name.
#define EXPORT(name) __attribute__((export_name(#name)))
// Lets a constant argument choose the code at compile time.
#define INLINE static inline __attribute__((always_inline))
