import { Worker } from "node:worker_threads";
import { consequences, EtlError, type FaultKind } from "../errors.ts";
import { buffersOf } from "../memory/transfer.ts";
import type { Executor, Outcome } from "../series/executor.ts";
import type { SeriesTask } from "../series/series-task.ts";
import { writerThread } from "./writer-thread.ts";

interface DecodingThread {
  readonly worker: Worker;
  settle: { resolve: (outcome: Outcome) => void; reject: (error: unknown) => void } | undefined;
  /** What it died of. */
  dead?: unknown;
}
/** A small nursery: decoded slices lie outside the heap, and are given back only when their handles are collected. */
const YOUNG_MB = 2;
/** What a worker answers: an outcome, or the fault that stops the run. */
export type WorkerAnswer = { readonly outcome: Outcome } | { readonly kind: string; readonly detail: string };

/** A few volumes: what is written, but not made by these threads, must not pile up. */
const MAX_SPARE_BYTES = 32 << 20;
const bytesOf = (memory: readonly ArrayBuffer[]) => memory.reduce((sum, { byteLength }) => sum + byteLength, 0);

function startThread(free: (one: DecodingThread) => void): DecodingThread {
  const one: DecodingThread = {
    worker: new Worker(new URL("./series-worker.js", import.meta.url), {
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    }),
    settle: undefined,
  };
  // A dead one takes no task any more; whoever waits for one hears of it.
  const fail = (error: unknown) => {
    one.dead ??= error;
    one.settle?.reject(one.dead);
    free(one);
  };
  one.worker.on("message", (answer: WorkerAnswer) => {
    const settle = one.settle;
    one.settle = undefined;
    free(one);
    if ("outcome" in answer) settle?.resolve(answer.outcome);
    else
      settle?.reject(
        answer.kind in consequences ? new EtlError(answer.kind as FaultKind, answer.detail) : new Error(answer.detail),
      );
  });
  one.worker.on("error", (error) => fail(diedOf(error)));
  one.worker.on("messageerror", (error) => fail(diedOf(error)));
  one.worker.on("exit", () => fail(diedOf(undefined)));
  return one;
}

/** `count` threads, one series each, and one that writes; bytes go to a thread uncopied, and the finished row comes back so. */
export function workers(count: number): Executor {
  const all: DecodingThread[] = [];
  const idle: DecodingThread[] = [];
  const waiting: ((one: DecodingThread) => void)[] = [];
  // Memory of volumes that are written, for those to come: a fresh page costs more than to fill it.
  const spare: ArrayBuffer[] = [];
  const writer = writerThread((memory) => {
    spare.push(...memory);
    for (let held = bytesOf(spare); held > MAX_SPARE_BYTES; ) held -= spare.shift()!.byteLength;
  });

  const free = (one: DecodingThread) => {
    const next = waiting.shift();
    if (next) next(one);
    else idle.push(one);
  };
  return {
    width: count,
    async run(task: SeriesTask): Promise<Outcome> {
      if (idle.length === 0 && all.length < count) {
        const one = startThread(free);
        all.push(one);
        idle.push(one);
      }
      const one = idle.pop() ?? (await new Promise<DecodingThread>((resolve) => waiting.push(resolve)));
      if (one.dead) {
        free(one);
        throw one.dead;
      }
      return new Promise((resolve, reject) => {
        one.settle = { resolve, reject };
        try {
          const memory = spare.pop();
          const moved = buffersOf(task.slices.map(({ bytes }) => bytes));
          one.worker.postMessage({ ...task, memory } satisfies SeriesTask, memory ? [...moved, memory] : moved);
        } catch (error) {
          one.settle = undefined;
          free(one);
          reject(error);
        }
      });
    },
    write: writer.write,
    async close() {
      spare.length = 0;
      await Promise.all([writer.close(), ...all.map((one) => one.worker.terminate())]);
    },
  };
}

/** A thread that runs out of memory, or is ended. The series at hand is not to blame: with fewer at once it may fit. */
function diedOf(error: unknown): EtlError {
  const why = error instanceof Error ? error.message : "it was ended";
  return new EtlError(
    "interrupted",
    `a worker thread died (${why}); run the same command again, with fewer --workers`,
    error,
  );
}
