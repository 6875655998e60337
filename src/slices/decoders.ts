import { grayJpeg } from "./gray-jpeg.ts";
import { plainPng } from "./plain-png.ts";
import { sharpDecoder } from "./sharp-decoder.ts";
import type { SliceDecoder } from "./slice-decoder.ts";

/** The first that is certain wins, the quick ones before the slow. */
export const sliceDecoders: readonly SliceDecoder[] = [grayJpeg, plainPng, sharpDecoder];
