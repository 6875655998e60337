import { type ByteSource, EtlError } from "voxshard";
import { byteSourceSuite } from "voxshard/testing";

/** A source of one's own: here a Blob, which a browser gets from a file that somebody picked. */
function blobSource(name: string, blob: Blob): ByteSource {
  return {
    name,
    byteLength: blob.size,
    async *read({ start, end }, { signal } = {}) {
      if (end > blob.size) throw new EtlError("source-changed", `${name}: ends at byte ${blob.size}`);
      signal?.throwIfAborted();
      for await (const chunk of blob.slice(start, end).stream()) {
        yield chunk;
        signal?.throwIfAborted();
      }
    },
  };
}

byteSourceSuite("a Blob", async (bytes) => ({ source: blobSource("blob", new Blob([Buffer.from(bytes)])) }));
