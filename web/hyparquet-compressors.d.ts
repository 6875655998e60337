/** Of the main module the page would have all: Brotli, and another Snappy. */
declare module "hyparquet-compressors/src/lz4.js" {
  export function decompressLz4Raw(bytes: Uint8Array, byteLength: number): Uint8Array;
}
