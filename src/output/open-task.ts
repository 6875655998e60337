import { stat } from "node:fs/promises";
import path from "node:path";
import { EtlError } from "../errors.ts";
import { readPlainFile } from "../files/read-file.ts";
import { MAX_STATE_BYTES, partPath, partsHeadPath, planPath } from "./layout.ts";
import { parsePlan, refuseSwitching } from "./output-folder.ts";
import { type Parts, readHead, readParts } from "./read-parts.ts";

/** Shards of a folder to be made, and what making them needs of its plan. */
export interface PlannedTask extends Parts {
  readonly folder: string;
  readonly shards: readonly number[];
  /** The folder is known to be the plan's own. */
  readonly isClaimed: boolean;
}

/** Where a task's files come from that are not in its folder yet. */
export interface TaskFiles {
  /** Bytes of a file; undefined where it is not. */
  sizeOf(file: string): Promise<number | undefined>;
  /** Puts a file into the folder, where there is one. */
  bring(file: string): Promise<unknown>;
}
const onDisk: TaskFiles = { sizeOf: async (file) => (await stat(file)).size, bring: async () => {} };

/**
 * Opens the folder of a plan's file for some of its shards: by their parts where the folder has them, which takes no time
 * and little memory whatever the size of the plan, else by the whole plan.
 */
export async function openTask(
  file: string,
  choose: (count: number) => readonly number[],
  files: TaskFiles = onDisk,
): Promise<PlannedTask> {
  const folder = path.dirname(path.dirname(path.resolve(file)));
  await refuseSwitching(folder);
  const size = await files.sizeOf(file).catch((error) => {
    throw error instanceof EtlError ? error : unreadable(file, error);
  });
  await files.bring(partsHeadPath(folder));
  const head = path.resolve(file) === planPath(folder) ? await readHead(folder) : undefined;
  if (head && head.planBytes === size) {
    const shards = choose(head.plan.shards.length);
    for (const shard of shards) await files.bring(partPath(folder, shard));
    const parts = await readParts(folder, head, shards);
    if (parts) return { folder, shards, isClaimed: true, ...parts };
  }
  await files.bring(file);
  const text = await readPlainFile(file, MAX_STATE_BYTES).catch((error) => {
    throw unreadable(file, error);
  });
  const plan = parsePlan(text, file);
  return { folder, plan, archives: undefined, shards: choose(plan.shards.length), isClaimed: false };
}

function unreadable(file: string, error: NodeJS.ErrnoException): EtlError {
  return new EtlError("source-not-found", `${file}: cannot be read (${error.code ?? error.message})`, error);
}
