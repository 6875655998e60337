import { isFault } from "../errors.ts";

/** What the library's uploads are given of ours. */
export interface UploadAccess {
  readonly fetch: typeof globalThis.fetch;
  readonly abortSignal: AbortSignal;
}

/**
 * Runs an upload of the Hub's client library to its end, with `send` as its fetch, whose first error ends it: the library
 * loses an error that comes while its progress waits to be read, and then waits for ever.
 */
export async function driven(
  start: (access: UploadAccess) => AsyncIterator<unknown>,
  send: typeof globalThis.fetch,
  named: (error: NodeJS.ErrnoException) => Error,
  signal: AbortSignal | undefined,
): Promise<void> {
  const failed = new AbortController();
  const failure = new Promise<never>((_, reject) =>
    failed.signal.addEventListener("abort", () => reject(failed.signal.reason)),
  );
  failure.catch(() => {});
  const uploading = start({
    fetch: (input, init) =>
      send(input, init).catch((error) => {
        failed.abort(error);
        throw error;
      }),
    // The library never removes its listener; a signal of this call's own goes with it.
    abortSignal: AbortSignal.any([failed.signal, ...(signal ? [signal] : [])]),
  });
  try {
    while (!(await Promise.race([uploading.next(), failure])).done);
  } catch (error) {
    signal?.throwIfAborted();
    throw isFault(error) ? error : named(error as NodeJS.ErrnoException);
  }
}
