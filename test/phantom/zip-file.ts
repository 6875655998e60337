import { open } from "node:fs/promises";
import { crc32, deflateRawSync } from "node:zlib";

export interface ZipEntry {
  readonly name: string;
  readonly data: Uint8Array;
  readonly deflate?: boolean;
  /** Bytes of hole before the entry: a large archive that takes no disk. */
  readonly holeBefore?: number;
}

/** Writes a ZIP archive entry by entry. Plain ZIP: below 4 GiB and 65,536 entries. */
export async function writeZip(path: string, entries: AsyncIterable<ZipEntry> | Iterable<ZipEntry>): Promise<void> {
  const file = await open(path, "w");
  const central: Buffer[] = [];
  let offset = 0;
  for await (const { name, data, deflate = false, holeBefore = 0 } of entries) {
    offset += holeBefore;
    const stored = deflate ? deflateRawSync(data) : data;
    const bytes = Buffer.from(name);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(0x800, 2);
    fields.writeUInt16LE(deflate ? 8 : 0, 4);
    fields.writeUInt32LE(crc32(data), 10);
    fields.writeUInt32LE(stored.byteLength, 14);
    fields.writeUInt32LE(data.byteLength, 18);
    fields.writeUInt16LE(bytes.byteLength, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), fields, bytes]);
    await file.write(local, 0, local.byteLength, offset);
    await file.write(stored, 0, stored.byteLength, offset + local.byteLength);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    central.push(Buffer.from("PK\x01\x02\x14\x00", "latin1"), fields, tail, bytes);
    offset += local.byteLength + stored.byteLength;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  const count = central.length / 4;
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(directory.byteLength, 12);
  end.writeUInt32LE(offset, 16);
  await file.write(directory, 0, directory.byteLength, offset);
  await file.write(end, 0, end.byteLength, offset + directory.byteLength);
  await file.close();
}
