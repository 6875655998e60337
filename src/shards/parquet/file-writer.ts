import { ByteWriter, type Writer } from "hyparquet-writer";
import type { Sink } from "../../files/written-file.ts";

/** Above this a cell goes to the file as it is; below, it is copied into the buffer with its neighbours. */
const COPY_BELOW_BYTES = 1 << 16;

/** hyparquet-writer's sink over a file: large cells are neither copied nor kept until their row group is done. */
export function fileWriter(sink: Sink): Writer & ByteWriter {
  const writer = new ByteWriter(1 << 20);
  const flush = () => {
    sink.writeNow(new Uint8Array(writer.buffer, 0, writer.index));
    writer.index = 0;
  };
  const append = writer.appendBytes.bind(writer);
  return Object.assign(writer, {
    appendBytes(bytes: Uint8Array) {
      if (bytes.byteLength <= COPY_BELOW_BYTES) return append(bytes);
      flush();
      sink.writeNow(bytes);
      writer.offset += bytes.byteLength;
    },
    flush,
    finish: flush,
  }) as Writer & ByteWriter;
}
