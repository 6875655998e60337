import { type MessagePort, parentPort } from "node:worker_threads";
import { isFault } from "../errors.ts";
import type { Written } from "../files/written-file.ts";
import { collectEvery, collectGarbage, collectWhenMuch, collectYoung } from "../memory/collect-garbage.ts";
import { buffersOf, payloadsOf } from "../memory/transfer.ts";
import type { Row } from "../model/row.ts";
import type { Output } from "../model/selection.ts";
import { writeShard } from "../series/write-shard.ts";

/** A shard to write; its rows come through the port, one for each time that the thread asks. */
export interface WriteTask {
  readonly path: string;
  readonly output: Output;
  readonly port: MessagePort;
}
/** What comes for an "ask": a row, the end, or the news that there will be no end. */
export type NextRow = { readonly row: Row } | "end" | "failed";
/** What the thread says: that it has room for a row, that it needs the memory of volumes no more, or how it ended. */
export type WriterAnswer =
  | "ask"
  | { readonly spare: readonly ArrayBuffer[] }
  | { readonly written: Written }
  | { readonly failure: WriteFailure };
/** An error as it crosses threads: `code` is the system's, `kind` that of a fault. */
export interface WriteFailure {
  readonly message: string;
  readonly code: string | undefined;
  readonly kind: string | undefined;
}

/** What is written leaves pages behind, plain and compressed: they are given back now and then, not after each small row. */
const COLLECT_EVERY_BYTES = 32 << 20;

parentPort?.on("message", async ({ path, output, port }: WriteTask) => {
  const answer = (what: WriterAnswer) => port.postMessage(what);
  // Volumes of other types are not made in memory that is given.
  const isReused = output.volume === "m3d" && output.dtype === "float32";
  // Once the rows are out of reach.
  const released = collectEvery(COLLECT_EVERY_BYTES, () =>
    setImmediate(() => {
      if (!isReused) return collectGarbage();
      collectYoung();
      collectWhenMuch();
    }),
  );
  const release = (cells: Partial<Pick<Row, "volume" | "slices">>) => {
    const byteLength = payloadsOf(cells).reduce((sum, cell) => sum + cell.byteLength, 0);
    const spare = isReused && cells.volume ? buffersOf([cells.volume]) : [];
    if (spare.length > 0) port.postMessage({ spare } satisfies WriterAnswer, spare);
    released(byteLength);
  };
  try {
    const written = await writeShard(path, rowsFrom(port), output, release);
    // A row group's memory, before the next shard has its own.
    collectGarbage();
    answer({ written });
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    answer({ failure: { message, code, kind: isFault(error) ? error.fault.kind : undefined } });
  }
  port.close();
});

async function* rowsFrom(port: MessagePort): AsyncGenerator<Row> {
  for (;;) {
    const next = new Promise<NextRow>((resolve) => port.once("message", resolve));
    port.postMessage("ask" satisfies WriterAnswer);
    const answer = await next;
    if (answer === "end") return;
    if (answer === "failed") throw new Error("the rows ended early");
    yield answer.row;
  }
}
