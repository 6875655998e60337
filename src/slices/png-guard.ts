import { crc32 } from "node:zlib";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

export const isPng = (bytes: Uint8Array) => bytes.byteLength > 8 && SIGNATURE.equals(bytes.subarray(0, 8));

/** The colour type, or undefined where a chunk before the pixels fails its checksum: Pillow refuses such a file. */
export function pngColourType(bytes: Uint8Array): number | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < 33 || view.toString("latin1", 12, 16) !== "IHDR") return undefined;
  for (let at = 8; at + 12 <= view.byteLength; ) {
    const [size, type] = [view.readUInt32BE(at), view.toString("latin1", at + 4, at + 8)];
    if (type === "IDAT") return view[25];
    const end = at + 12 + size;
    if (end > view.byteLength || crc32(view.subarray(at + 4, end - 4)) !== view.readUInt32BE(end - 4)) return undefined;
    at = end;
  }
  return undefined;
}
