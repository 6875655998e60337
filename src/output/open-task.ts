import { stat } from "node:fs/promises";
import path from "node:path";
import { EtlError } from "../errors.ts";
import { readPlainFile } from "../files/read-file.ts";
import { MAX_STATE_BYTES, planPath } from "./layout.ts";
import { parsePlan, refuseSwitching } from "./output-folder.ts";
import { type Parts, readHead, readParts } from "./read-parts.ts";

/** Shards of a folder to be made, and what making them needs of its plan. */
export interface PlannedTask extends Parts {
  readonly folder: string;
  readonly shards: readonly number[];
  /** The folder is known to be the plan's own. */
  readonly isClaimed: boolean;
}

/**
 * Opens the folder of a plan's file for some of its shards: by their parts where the folder has them, which takes no time
 * and little memory whatever the size of the plan, else by the whole plan.
 */
export async function openTask(file: string, choose: (count: number) => readonly number[]): Promise<PlannedTask> {
  const folder = path.dirname(path.dirname(path.resolve(file)));
  await refuseSwitching(folder);
  const { size } = await stat(file).catch((error) => {
    throw unreadable(file, error);
  });
  const head = path.resolve(file) === planPath(folder) ? await readHead(folder) : undefined;
  if (head && head.planBytes === size) {
    const shards = choose(head.plan.shards.length);
    const parts = await readParts(folder, head, shards);
    if (parts) return { folder, shards, isClaimed: true, ...parts };
  }
  const text = await readPlainFile(file, MAX_STATE_BYTES).catch((error) => {
    throw unreadable(file, error);
  });
  const plan = parsePlan(text, file);
  return { folder, plan, archives: undefined, shards: choose(plan.shards.length), isClaimed: false };
}

function unreadable(file: string, error: NodeJS.ErrnoException): EtlError {
  return new EtlError("source-not-found", `${file}: cannot be read (${error.code ?? error.message})`, error);
}
