import type { Arena } from "../kernels/arena.ts";

/** A decoded slice: 8-bit luma, row by row. `pixels` may be a view of memory that moves: read it anew each time. */
export interface Slice {
  readonly height: number;
  readonly width: number;
  /** height × width bytes. */
  readonly pixels: Uint8Array;
}

/**
 * Turns an encoded image into the pixels that Pillow's convert("L") gives. Null says that Pillow cannot read it,
 * undefined that this decoder is not certain: then another has the file.
 */
export type SliceDecoder = QuickDecoder | SlowDecoder;
type Decoded = Slice | null | undefined;

/** At once, in this thread, into the arena. */
export interface QuickDecoder {
  readonly name: string;
  readonly slow: false;
  decode(file: Uint8Array, arena: Arena): Decoded;
}

/** Several times as long, in threads of its own: it has what every quick one has left, several files side by side. */
export interface SlowDecoder {
  readonly name: string;
  readonly slow: true;
  decode(file: Uint8Array): Promise<Decoded>;
}
