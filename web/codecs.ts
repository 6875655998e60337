import { decompress } from "fzstd";
import { decompressLz4Raw } from "hyparquet-compressors/src/lz4.js";
import { gunzip } from "./inflate.ts";

type Decompress = (bytes: Uint8Array, byteLength: number) => Uint8Array;

/** By Parquet's names; snappy, which most shards have, is hyparquet's own. A bundle apart: few data sets ask for it. */
export const codecs: Readonly<Record<"GZIP" | "LZ4_RAW" | "ZSTD", Decompress>> = {
  GZIP: gunzip,
  // A page of nulls has no bytes, and its block a single zero.
  LZ4_RAW: (bytes, byteLength) => (byteLength === 0 ? new Uint8Array(0) : decompressLz4Raw(bytes, byteLength)),
  ZSTD: (bytes, byteLength) => decompress(bytes, new Uint8Array(byteLength)),
};
