import { crc32 } from "node:zlib";

/** A name as it stands in a directory's entry or in a local header, with what tells how to read it. */
export interface RawName {
  readonly bytes: Buffer;
  readonly extra: Buffer;
  readonly flags: number;
}

export const UTF8_FLAG = 0x800;
/** The upper half of code page 437, which unmarked names are in. */
const CP437 =
  "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0";

/** The name as text: the Unicode path where there is one of this name, else as its flag says. */
export const nameOf = (raw: RawName) => unicodePath(raw) ?? decoded(raw);

function decoded({ bytes, flags }: RawName): string {
  if (flags & UTF8_FLAG) return bytes.toString("utf8");
  return bytes.toString("latin1").replace(/[\x80-\xff]/g, (character) => CP437[character.charCodeAt(0) - 0x80]!);
}

/** The Unicode path counts if it is of this name. */
export function unicodePath({ bytes, extra }: RawName): string | undefined {
  const field = findExtra(extra, 0x7075);
  if (!field || field.byteLength <= 5 || field[0] !== 1) return undefined;
  return field.readUInt32LE(1) === crc32(bytes) ? field.toString("utf8", 5) : undefined;
}

/** The body of the last extra field of this kind, which may be cut short by the end of them all. */
export function findExtra(extra: Buffer, kind: number): Buffer | undefined {
  let found: Buffer | undefined;
  for (let at = 0; at + 4 <= extra.byteLength; ) {
    const next = at + 4 + extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === kind) found = extra.subarray(at + 4, next);
    at = next;
  }
  return found;
}
