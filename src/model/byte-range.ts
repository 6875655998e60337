/** Half open: `end` is the first byte not read. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}
