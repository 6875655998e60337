import { crc32 } from "node:zlib";
import { MAX_MEMBERS } from "../limits.ts";
import { safe } from "./end-record.ts";

/** One entry of the central directory as it stands there. */
export interface Entry {
  readonly path: string;
  readonly flags: number;
  readonly method: number;
  readonly crc32: number;
  readonly storedBytes: number;
  readonly byteLength: number;
  readonly disk: number;
  readonly offset: number;
}

const ENTRY = 0x02014b50;
const UTF8_FLAG = 0x800;
/** The upper half of code page 437, which unmarked names are in. */
const CP437 =
  "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■ ";

/** Walks a central directory, not much further than MAX_MEMBERS; gives undefined where its bytes are not one. */
export function parseEntries(bytes: Buffer): Entry[] | undefined {
  const entries: Entry[] = [];
  let at = 0;
  while (at < bytes.byteLength && entries.length <= MAX_MEMBERS) {
    if (at + 46 > bytes.byteLength || bytes.readUInt32LE(at) !== ENTRY) return undefined;
    const [nameEnd, extraBytes, commentBytes] = [
      at + 46 + bytes.readUInt16LE(at + 28),
      bytes.readUInt16LE(at + 30),
      bytes.readUInt16LE(at + 32),
    ];
    const end = nameEnd + extraBytes + commentBytes;
    if (end > bytes.byteLength) return undefined;
    entries.push(
      parseEntry(bytes, at, bytes.subarray(at + 46, nameEnd), bytes.subarray(nameEnd, nameEnd + extraBytes)),
    );
    at = end;
  }
  return entries;
}

function parseEntry(bytes: Buffer, at: number, name: Buffer, extra: Buffer): Entry {
  const flags = bytes.readUInt16LE(at + 8);
  const fields = {
    byteLength: bytes.readUInt32LE(at + 24),
    storedBytes: bytes.readUInt32LE(at + 20),
    offset: bytes.readUInt32LE(at + 42),
  };
  const { unicode, ...wide } = readExtra(extra, name, fields, bytes.readUInt16LE(at + 34));
  return {
    path: unicode ?? decodeName(name, flags),
    flags,
    method: bytes.readUInt16LE(at + 10),
    crc32: bytes.readUInt32LE(at + 16),
    ...wide,
  };
}

/** ZIP64 sizes stand in the order of the fields that are full; the Unicode path counts if it is of this name. */
function readExtra(
  extra: Buffer,
  name: Buffer,
  narrow: { byteLength: number; storedBytes: number; offset: number },
  disk: number,
) {
  const found: { byteLength: number; storedBytes: number; offset: number; disk: number; unicode?: string } = {
    ...narrow,
    disk,
  };
  for (let at = 0; at + 4 <= extra.byteLength; ) {
    const [id, size] = [extra.readUInt16LE(at), extra.readUInt16LE(at + 2)];
    const body = extra.subarray(at + 4, at + 4 + size);
    at += 4 + size;
    if (id === 0x0001) {
      let place = 0;
      for (const field of ["byteLength", "storedBytes", "offset"] as const) {
        if (narrow[field] !== 0xffffffff || place + 8 > body.byteLength) continue;
        found[field] = safe(body.readBigUInt64LE(place));
        place += 8;
      }
      if (disk === 0xffff && place + 4 <= body.byteLength) found.disk = body.readUInt32LE(place);
    } else if (id === 0x7075 && body.byteLength > 5 && body[0] === 1 && body.readUInt32LE(1) === crc32(name))
      found.unicode = body.subarray(5).toString("utf8");
  }
  return found;
}

function decodeName(name: Buffer, flags: number): string {
  if (flags & UTF8_FLAG) return name.toString("utf8");
  // Joined, not added up: a string of a string of … takes thirty times its letters.
  return Array.from(name, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : CP437[byte - 0x80])).join("");
}
