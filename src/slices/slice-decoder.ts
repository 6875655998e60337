/** A decoded slice: 8-bit luma, row by row. `pixels` may be a view of memory that moves: read it anew each time. */
export interface Slice {
  readonly height: number;
  readonly width: number;
  /** height × width bytes. */
  readonly pixels: Uint8Array;
}

/** Turns an encoded image into the pixels that Pillow's convert("L") gives; null where Pillow cannot read it. */
export interface SliceDecoder {
  readonly name: string;
  decode(bytes: Uint8Array): Promise<Slice | null>;
}
