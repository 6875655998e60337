const MAGIC = 0x184d2204;

/** What an LZ4 frame holds, of `length` bytes; checksums of the frame are left to the hash of what comes out. */
export function lz4Frame(frame: Buffer, length: number): Buffer {
  if (frame.readUInt32LE(0) !== MAGIC) throw new Error("no LZ4 frame");
  const flags = frame[4]!;
  const [hasBlockSums, hasLength, hasDictionary] = [flags & 16, flags & 8, flags & 1];
  // Magic, flags, block size and the header's checksum.
  let at = 7 + (hasLength ? 8 : 0) + (hasDictionary ? 4 : 0);
  const out = Buffer.alloc(length);
  for (let filled = 0; ; ) {
    const size = frame.readUInt32LE(at);
    at += 4;
    if (size === 0) {
      if (filled !== length) throw new Error(`${filled} of ${length} bytes`);
      return out;
    }
    const block = frame.subarray(at, (at += size & 0x7fffffff));
    filled = size >>> 31 ? filled + block.copy(out, filled) : lz4Block(block, out, filled);
    if (hasBlockSums) at += 4;
  }
}

/** Unpacks a block behind what is in `out` already, which it may refer to; gives where it ends. */
function lz4Block(block: Buffer, out: Buffer, start: number): number {
  let [at, to] = [0, start];
  const lengthOf = (nibble: number) => {
    let length = nibble;
    if (nibble === 15)
      for (let more = 255; more === 255; length += more) {
        if (at >= block.length) throw new Error("a length is cut off");
        more = block[at++]!;
      }
    return length;
  };
  for (;;) {
    const token = block[at++]!;
    const literals = lengthOf(token >> 4);
    if (at + literals > block.length || to + literals > out.length) throw new Error("literals beyond the end");
    block.copy(out, to, at, (at += literals));
    to += literals;
    if (at === block.length) return to;
    const distance = block.readUInt16LE(at);
    at += 2;
    const end = to + lengthOf(token & 15) + 4;
    if (distance === 0 || distance > to || end > out.length) throw new Error("a match beyond the ends");
    // Byte by byte: it may overlap what it writes.
    for (; to < end; to++) out[to] = out[to - distance]!;
  }
}
