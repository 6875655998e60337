import type { Arena } from "../kernels/arena.ts";
import { jpegHead } from "./jpeg-head.ts";
import type { QuickDecoder, Slice } from "./slice-decoder.ts";
import { storeSlice } from "./stored-slice.ts";

const [DC, AC] = [0, 1];

/** Has a baseline gray JPEG; not certain of any other file, nor where there is any doubt about this one. */
export const grayJpeg: QuickDecoder = { name: "gray JPEG", slow: false, decode };

function decode(file: Uint8Array, arena: Arena): Slice | undefined {
  const head = jpegHead(file);
  if (!head) return undefined;
  const { height, width, quantiser, dc, ac, scan } = head;
  const [columns, rows] = [Math.ceil(width / 8), Math.ceil(height / 8)];
  const whole = columns * 8 === width && rows * 8 === height;
  return storeSlice(arena, head, (at) => {
    const { call } = arena;
    const encoded = arena.place(file);
    if (call.jpeg_quantiser(encoded + quantiser) !== 0) return false;
    if (call.jpeg_table(DC, encoded + dc.at, dc.available) !== 0) return false;
    if (call.jpeg_table(AC, encoded + ac.at, ac.available) !== 0) return false;
    const length = file.byteLength - scan;
    const work = arena.alloc(call.jpeg_work(length));
    const blocks = whole ? at : arena.alloc(columns * rows * 64);
    if (call.jpeg_scan(encoded + scan, length, work, blocks, columns, rows) !== 0) return false;
    if (!whole) {
      const memory = arena.bytes(0, arena.call.memory.buffer.byteLength);
      for (let y = 0; y < height; y++) {
        const row = blocks + y * columns * 8;
        memory.copyWithin(at + y * width, row, row + width);
      }
    }
    return true;
  });
}
