import { inflateSync } from "node:zlib";
import type { Arena } from "../kernels/arena.ts";
import type { Address } from "../kernels/kernels.ts";
import { type PngParts, pngParts } from "./png-parts.ts";
import type { QuickDecoder, Slice } from "./slice-decoder.ts";
import { storeSlice } from "./stored-slice.ts";

/** Has an 8-bit gray, RGB or palette PNG; not certain of any other file, nor where there is any doubt about this one. */
export const plainPng: QuickDecoder = { name: "plain PNG", slow: false, decode };

function decode(file: Uint8Array, arena: Arena): Slice | undefined {
  const parts = pngParts(file);
  const raw = parts && inflated(parts);
  if (!raw) return undefined;
  return storeSlice(arena, parts, (at) => unfiltered(parts, raw, arena, at));
}

const bytesAPixel = ({ kind }: PngParts) => (kind === "rgb" ? 3 : 1);

/** The rows with their filters' numbers, if they are as many as the head says. */
function inflated(parts: PngParts): Uint8Array | undefined {
  const wanted = parts.height * (1 + parts.width * bytesAPixel(parts));
  try {
    // One chunk with room to spare, so that it is inflated in one go into one buffer.
    const raw = inflateSync(parts.data, { chunkSize: wanted + 64, maxOutputLength: wanted });
    return raw.length === wanted ? raw : undefined;
  } catch {
    return undefined;
  }
}

function unfiltered(parts: PngParts, raw: Uint8Array, arena: Arena, at: Address): boolean {
  const { height, width, kind, palette } = parts;
  const { call } = arena;
  const pixel = bytesAPixel(parts);
  const row = width * pixel;
  const filtered = arena.place(raw);
  const zeros = arena.alloc(row);
  const rows = kind === "rgb" ? arena.alloc(height * row) : at;
  const colours = arena.place(palette);
  arena.bytes(zeros, row).fill(0);
  if (call.png_unfilter(filtered, rows, row, height, pixel, zeros) !== 0) return false;
  if (kind === "rgb") call.luma_rgb(rows, at, height * width);
  return kind !== "palette" || call.luma_palette(at, height * width, colours, palette.length / 3) === 0;
}
