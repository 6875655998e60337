/** Gunzips in one go: what hyparquet asks for must be there at once, and the browser's own stream is not. */
export function gunzip(bytes: Uint8Array, outputLength: number): Uint8Array {
  return inflate(bytes.subarray(headerLength(bytes)), new Uint8Array(outputLength));
}

function headerLength(bytes: Uint8Array): number {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) throw new Error("not gzip");
  const flags = bytes[3]!;
  let at = 10;
  if (flags & 4) at += 2 + bytes[at]! + 256 * bytes[at + 1]!;
  for (const flag of [8, 16]) if (flags & flag) at = bytes.indexOf(0, at) + 1;
  return flags & 2 ? at + 2 : at;
}

interface Codes {
  /** How many codes have each length. */
  readonly counts: Uint16Array;
  readonly symbols: Uint16Array;
}

function codesOf(lengths: Uint8Array): Codes {
  const counts = new Uint16Array(16);
  for (const length of lengths) counts[length]!++;
  counts[0] = 0;
  const starts = new Uint16Array(16);
  for (let n = 1; n < 16; n++) starts[n] = starts[n - 1]! + counts[n - 1]!;
  const symbols = new Uint16Array(lengths.length);
  for (const [symbol, length] of lengths.entries()) if (length) symbols[starts[length]!++] = symbol;
  return { counts, symbols };
}

const lengthsOf = (...parts: [number, number][]) =>
  Uint8Array.from(parts.flatMap(([times, length]) => Array<number>(times).fill(length)));
const fixed = [codesOf(lengthsOf([144, 8], [112, 9], [24, 7], [8, 8])), codesOf(lengthsOf([30, 5]))] as const;
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

class Bits {
  at = 0;
  private held = 0;
  private count = 0;
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
  take(wanted: number): number {
    while (this.count < wanted) {
      if (this.at >= this.bytes.length) throw new Error("gzip ends early");
      this.held |= this.bytes[this.at++]! << this.count;
      this.count += 8;
    }
    const value = this.held & ((1 << wanted) - 1);
    this.held >>>= wanted;
    this.count -= wanted;
    return value;
  }
  symbol({ counts, symbols }: Codes): number {
    let [code, first, index] = [0, 0, 0];
    for (let length = 1; length < 16; length++) {
      code |= this.take(1);
      const count = counts[length]!;
      if (code - count < first) return symbols[index + code - first]!;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw new Error("gzip: a code that is none");
  }
  skipToByte(): void {
    this.at -= this.count >> 3;
    this.held = this.count = 0;
  }
}

function inflate(bytes: Uint8Array, out: Uint8Array): Uint8Array {
  const bits = new Bits(bytes);
  let at = 0;
  for (let last = 0; !last; ) {
    last = bits.take(1);
    const kind = bits.take(2);
    if (kind === 0) {
      bits.skipToByte();
      const length = bytes[bits.at]! + 256 * bytes[bits.at + 1]!;
      out.set(bytes.subarray(bits.at + 4, bits.at + 4 + length), at);
      bits.at += 4 + length;
      at += length;
    } else at = block(bits, kind === 1 ? fixed : dynamic(bits), out, at);
  }
  return out;
}

function dynamic(bits: Bits): readonly [Codes, Codes] {
  const [literals, distances, meta] = [bits.take(5) + 257, bits.take(5) + 1, bits.take(4) + 4];
  const first = new Uint8Array(19);
  for (let n = 0; n < meta; n++) first[ORDER[n]!] = bits.take(3);
  const codes = codesOf(first);
  const lengths = new Uint8Array(literals + distances);
  for (let n = 0; n < lengths.length; ) {
    const symbol = bits.symbol(codes);
    if (symbol < 16) lengths[n++] = symbol;
    else {
      const value = symbol === 16 ? lengths[n - 1]! : 0;
      const times = symbol === 16 ? 3 + bits.take(2) : symbol === 17 ? 3 + bits.take(3) : 11 + bits.take(7);
      lengths.fill(value, n, (n += times));
    }
  }
  return [codesOf(lengths.subarray(0, literals)), codesOf(lengths.subarray(literals))];
}

function block(bits: Bits, [literals, distances]: readonly [Codes, Codes], out: Uint8Array, from: number): number {
  let at = from;
  for (;;) {
    const symbol = bits.symbol(literals);
    if (symbol === 256) return at;
    if (symbol < 256) {
      out[at++] = symbol;
      continue;
    }
    const length = copied(symbol - 257, bits, 4, 3);
    const distance = copied(bits.symbol(distances), bits, 2, 1);
    for (let n = 0; n < length; n++, at++) out[at] = out[at - distance]!;
  }
}

/** Lengths begin at 3 and go up in groups of four codes, distances at 1 and in groups of two. */
function copied(code: number, bits: Bits, group: number, least: number): number {
  if (group === 4 && code === 28) return 258;
  if (code < 2 * group) return least + code;
  const extra = Math.floor(code / group) - 1;
  return least + ((group + (code % group)) << extra) + bits.take(extra);
}
