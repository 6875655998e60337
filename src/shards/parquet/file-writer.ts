import { ByteWriter, type Writer } from "hyparquet-writer";
import type { Sink } from "../shard-file.ts";

/** Above this a cell is handed to the file as it is; below, it is copied into the buffer with its neighbours. */
const COPY_BELOW_BYTES = 1 << 16;

/** hyparquet-writer's sink over a file: large cells are not copied, `flush` waits for the disk. */
export function fileWriter(sink: Sink): Writer & ByteWriter {
  const writer = new ByteWriter(1 << 20);
  let queue: Uint8Array[] = [];
  const cut = () => {
    if (writer.index === 0) return;
    queue.push(new Uint8Array(writer.buffer, 0, writer.index));
    writer.buffer = new ArrayBuffer(COPY_BELOW_BYTES);
    writer.view = new DataView(writer.buffer);
    writer.index = 0;
  };
  const append = writer.appendBytes.bind(writer);
  const flush = async () => {
    cut();
    const full = queue;
    queue = [];
    for (const bytes of full) await sink.write(bytes);
  };
  return Object.assign(writer, {
    appendBytes(bytes: Uint8Array) {
      if (bytes.byteLength <= COPY_BELOW_BYTES) return append(bytes);
      cut();
      queue.push(bytes);
      writer.offset += bytes.byteLength;
    },
    flush,
    finish: flush,
  }) as Writer & ByteWriter;
}
