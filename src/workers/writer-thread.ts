import { MessageChannel, Worker } from "node:worker_threads";
import { EtlError, type FaultKind } from "../errors.ts";
import type { Written } from "../files/written-file.ts";
import { buffersOf, payloadsOf } from "../memory/transfer.ts";
import type { Row } from "../model/row.ts";
import type { Output } from "../model/selection.ts";
import type { NextRow, WriteFailure, WriterAnswer, WriteTask } from "./shard-writer.ts";

/** Writes shards in a thread of its own: compressing a row group takes longer than the main thread may stand still. */
export interface WriterThread {
  write(path: string, rows: AsyncIterable<Row>, output: Output): Promise<Written>;
  close(): Promise<void>;
}

/** `onSpare` is given the memory of volumes that are written. */
export function writerThread(onSpare: (memory: readonly ArrayBuffer[]) => void): WriterThread {
  let thread: Worker | undefined;
  return {
    async write(path, rows, output) {
      thread ??= new Worker(new URL("./shard-writer.js", import.meta.url)).once("exit", () => {
        thread = undefined;
      });
      return feed(thread, { path, rows, output, onSpare });
    },
    async close() {
      await thread?.terminate();
    },
  };
}

interface Feed {
  readonly path: string;
  readonly rows: AsyncIterable<Row>;
  readonly output: Output;
  readonly onSpare: (memory: readonly ArrayBuffer[]) => void;
}

/** Gives the thread a row each time that it asks for one, and no sooner: so it holds one row group, as any writer. */
function feed(thread: Worker, { path, rows, output, onSpare }: Feed): Promise<Written> {
  const { port1, port2 } = new MessageChannel();
  const iterator = rows[Symbol.asyncIterator]();
  let failed: { readonly error: unknown } | undefined;
  const give = async () => {
    try {
      const { value, done } = await iterator.next();
      port1.postMessage((done ? "end" : { row: value }) satisfies NextRow, done ? [] : buffersOf(payloadsOf(value)));
    } catch (error) {
      failed = { error };
      port1.postMessage("failed" satisfies NextRow);
    }
  };
  return new Promise<Written>((resolve, reject) => {
    const died = (cause: unknown) =>
      reject(
        failed
          ? failed.error
          : new EtlError("interrupted", "the thread that writes died; run the same command again", cause),
      );
    thread.once("error", died).once("exit", died);
    port1.on("message", (answer: WriterAnswer) => {
      if (answer === "ask") return void give();
      if ("spare" in answer) return onSpare(answer.spare);
      thread.off("error", died).off("exit", died);
      if ("written" in answer) resolve(answer.written);
      else reject(failed ? failed.error : errorOf(answer.failure));
    });
    thread.postMessage({ path, output, port: port2 } satisfies WriteTask, [port2]);
  }).finally(async () => {
    port1.close();
    await iterator.return?.();
  });
}

function errorOf({ message, code, kind }: WriteFailure): Error {
  return kind ? new EtlError(kind as FaultKind, message) : Object.assign(new Error(message), { code });
}
