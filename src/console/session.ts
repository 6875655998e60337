import { availableParallelism } from "node:os";
import { Transport } from "../bytes/http/transport.ts";
import { openIndexed } from "../coordinates/open-index.ts";
import { EtlError } from "../errors.ts";
import { cacheFolder, distrusted } from "../files/cache-folder.ts";
import type { Plan } from "../model/plan.ts";
import type { Executor } from "../series/executor.ts";
import { accessOf, openSource } from "../source/open-source.ts";
import { type KnownArchive, plannedSource } from "../source/planned-source.ts";
import type { Source } from "../source/source.ts";
import { layoutOf } from "./choices.ts";
import type { Given } from "./flags.ts";
import { type Progress, progressOn, silent } from "./progress.ts";

/** What a command works with: where it reports, its counters, and the signal of Ctrl-C. */
export interface Session {
  readonly given: Given;
  readonly progress: Progress;
  readonly transport: Transport;
  readonly signal: AbortSignal;
  /** As the flag has it; undefined where as many are used as bring more. */
  readonly connections: number | undefined;
  readonly workers: number;
}

export function startSession(given: Given, signal: AbortSignal): Session {
  const connections = given.count("connections", 1, undefined);
  const workers = given.count("workers", 1, availableParallelism());
  const progress = given.on("quiet") ? silent : progressOn(process.stderr);
  return { given, progress, transport: new Transport({ connections }), signal, connections, workers };
}

/** Ends what the executor is busy with as soon as the command is to stop: a shard half made is dropped. */
export function stoppable(executor: Executor, signal: AbortSignal): Executor {
  signal.addEventListener("abort", () => void executor.close(), { once: true });
  return executor;
}

/** As the command's flags have them, waits shown on the progress line. */
function optionsOf({ given, progress, transport, signal }: Session) {
  return { endpoint: given.text("endpoint"), transport, signal, retry: { onWait: progress.wait } };
}

/** Opens what a plan's parts know of a Hub's data set: no request is made. */
export function openKnown(session: Session, { source }: Plan, archives: readonly KnownArchive[]): Source {
  return plannedSource(source, archives, accessOf(optionsOf(session)));
}

/** Opens the command's source. */
export async function openFor(session: Session, text: string | undefined): Promise<Source> {
  if (text === undefined) throw new EtlError("usage", "no source: give owner/name[@revision] or a folder; see --help");
  const { given, progress } = session;
  const options = { ...optionsOf(session), layout: layoutOf(given) };
  const index = given.text("index");
  const source = await (index === undefined ? openSource(text, options) : openIndexed(text, index, options));
  const others = await distrusted(cacheFolder(source.name, source.revision));
  if (others !== undefined)
    progress.note(`${others}: other users can write there, so the cache is not used; chmod it, or set VOXSHARD_CACHE`);
  return source;
}
