#!/usr/bin/env bash
# Builds src/kernels/kernels.wasm from src/kernels/c with Debian's clang and lld. With --check it builds beside and
# compares: the committed bytes must be what the committed C gives.
set -euo pipefail
cd "$(dirname "$0")/.."
wanted=src/kernels/kernels.wasm
built=$wanted
if [ "${1:-}" = --check ]; then
  built=$(mktemp --suffix=.wasm)
  trap 'rm -f "$built"' EXIT
fi
# Base SIMD alone: the relaxed kind may differ from machine to machine. No products fused into sums, for the same reason.
clang --target=wasm32 -std=c11 -O3 -msimd128 -mbulk-memory -ffreestanding -nostdlib -ffp-contract=off \
  -Wall -Wextra -Werror -Wl,--no-entry -Wl,--strip-all -Wl,--export=__heap_base -o "$built" src/kernels/c/*.c
chmod 644 "$built"
if [ "$built" != "$wanted" ]; then
  cmp "$built" "$wanted" || { echo "$wanted is not what $(clang --version | head -n 1) makes of src/kernels/c" >&2; exit 1; }
  echo "$wanted is what src/kernels/c gives"
fi
