import type { Job } from "./job.ts";

export interface EngineFile {
  readonly name: string;
  readonly text: string;
}

export interface HandOver {
  readonly signal: AbortSignal;
  /** Told how many tasks have ended, by an engine that waits for them. */
  readonly onTask: (done: number) => void;
}

/** What came of it, for people, and the exit code of an engine that waited for the end. */
export interface HandedOver {
  readonly text: string;
  readonly exitCode: number;
}

/** What runs a folder's tasks. It gives each task its number; what is done and what is missing, receipts tell. */
export interface Engine {
  readonly name: string;
  /** Where its tasks can bring their shards: a folder that all machines share, a store. */
  readonly takes: readonly ("folder" | "store")[];
  /** What lies in DIR/.voxshard/engine/ for the engine, and for people who hand it over themselves. Begins nothing. */
  files(job: Job): Promise<readonly EngineFile[]>;
  /** Hands over a job whose files are written, all of it or nothing. */
  handOver(job: Job, options: HandOver): Promise<HandedOver>;
}
