/** A blob whose bytes come from a stream, made anew each time they are sent; a blob, so that its length is known beforehand. */
export function streamedBody(byteLength: number, stream: () => ReadableStream<Uint8Array>): Blob {
  return Object.defineProperties(new Blob([]), { size: { value: byteLength }, stream: { value: stream } });
}

const PIECE_BYTES = 1 << 18;

/**
 * Bytes to be sent piece by piece. In one piece, a slow line that takes longer for all of them than a server may be silent
 * would look like a server that is.
 */
export function inPieces(bytes: Uint8Array): Blob {
  const stream = () => {
    let at = 0;
    return new ReadableStream<Uint8Array>({
      pull(controller) {
        if (at >= bytes.byteLength) return controller.close();
        controller.enqueue(bytes.subarray(at, (at += PIECE_BYTES)));
      },
    });
  };
  return streamedBody(bytes.byteLength, stream);
}
