import { EtlError } from "../errors.ts";

/** Schedulers follow SIGTERM with SIGKILL after 10 s or more; people lose attempts sooner. */
const DEADLINE_MS = 4_000;

/**
 * Aborts on the first SIGINT or SIGTERM and ignores the rest, for schedulers send them twice. What does not end by
 * itself, a thread in the middle of a decode or a file system that hangs, ends with the process.
 */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  const onSignal = () => {
    if (stop.signal.aborted) return;
    const reason = new EtlError("interrupted", "stopped; the same command goes on where it stopped");
    stop.abort(reason);
    const end = () => {
      process.stderr.write(`voxshard: ${reason.message}\n`);
      process.exit(reason.exitCode);
    };
    setTimeout(end, DEADLINE_MS).unref();
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  return stop.signal;
}
