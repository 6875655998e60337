import { readFileSync } from "node:fs";

/** An address in the kernels' memory. */
export type Address = number;

/** What the module exports; the C beside says what each does. Addresses and lengths are in bytes. */
export interface Kernels {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  /** The first byte that the module does not use itself. */
  readonly __heap_base: { readonly value: Address };
  readonly jpeg_quantiser: (steps: Address) => number;
  readonly jpeg_table: (kind: number, spec: Address, available: number) => number;
  readonly jpeg_work: (length: number) => number;
  readonly jpeg_scan: JpegScan;
  readonly png_unfilter: PngUnfilter;
  readonly luma_rgb: (rgb: Address, out: Address, count: number) => void;
  readonly luma_palette: (pixels: Address, count: number, palette: Address, entries: number) => number;
  readonly min_max: (pixels: Address, count: number, before: number) => number;
  readonly box_any: (pixels: Address, count: number, low: number) => number;
  readonly box_grow: (pixels: Address, height: number, width: number, low: number, box: Address) => void;
  readonly resize_prepare: (x: Address, fours: Address, normal: Address) => void;
  readonly resize_plane: ResizePlane;
  readonly blend: (a: Address, b: Address, weightA: number, weightB: number, out: Address, count: number) => void;
  readonly tile: Tile;
}
type JpegScan = (scan: Address, length: number, work: Address, out: Address, columns: number, rows: number) => number;
type PngUnfilter = (raw: Address, out: Address, row: number, height: number, pixel: number, zeros: Address) => number;
type ResizePlane = (
  corner: Address,
  stride: number,
  x: Address,
  y: Address,
  fours: Address,
  normal: Address,
  out: Address,
  lines: Address,
) => void;
type Tile = (
  pixels: Address,
  height: number,
  width: number,
  step: number,
  out: Address,
  rows: number,
  columns: number,
  stride: number,
) => void;

/** Beside the C that it is built from (scripts/build-kernels.sh); the package holds src/ as well as dist/src/. */
const file = new URL("../../../src/kernels/kernels.wasm", import.meta.url);
let compiled: object | undefined;

/** What is used of a global that Node's types leave out. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
};

/** An instance with a memory of its own. The module is compiled once a thread, when it is first needed. */
export function newKernels(): Kernels {
  compiled ??= new WebAssembly.Module(readFileSync(file));
  return new WebAssembly.Instance(compiled).exports as Kernels;
}
