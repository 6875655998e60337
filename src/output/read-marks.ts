import { rm } from "node:fs/promises";
import { z } from "zod";
import { archiveFor, type DirectoryCache } from "../catalogue/directories.ts";
import { contentOf, type Held } from "../catalogue/row-members.ts";
import { EtlError } from "../errors.ts";
import { readPlainFile } from "../files/read-file.ts";
import type { Plan } from "../model/plan.ts";
import type { Source } from "../source/source.ts";
import { MAX_STATE_BYTES, readMarkPath, receiptPath } from "./layout.ts";
import { writeInto } from "./output-folder.ts";
import { asArray } from "./receipts.ts";

export interface MarkTools {
  readonly plan: Plan;
  readonly folder: string;
  readonly source: Source;
  readonly directories: DirectoryCache;
}

/** Notes what a shard was made from: a local copy may change, and a later revision may have the same series still. */
export async function markRead(shard: number, tools: MarkTools): Promise<void> {
  await writeInto(tools.folder, readMarkPath(tools.folder, shard), await markOf(shard, tools));
}

/** The marks of a shard's rows, in order; undefined where it has none that can be read. */
export async function readMarks(folder: string, shard: number): Promise<readonly string[] | undefined> {
  const text = await readPlainFile(readMarkPath(folder, shard), MAX_STATE_BYTES).catch(() => "null");
  try {
    return Marks.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
const Marks = z.array(z.string());

/** The directories of a plan's archives, as its source has them. */
export function heldIn(plan: Plan, source: Source, directories: DirectoryCache) {
  return async (at: number): Promise<Held> => {
    const archive = archiveFor(source, plan.archives[at]!);
    const { above, files, stampOf } = archive;
    return { above, files, stampOf, cases: await directories.get(archive) };
  };
}

/**
 * Forgets the receipts of those shards whose series have changed in a local copy since they were made, so that no output holds
 * the old and the new; returns those shards. One without a mark stands. Where a changed one was sent already, what is
 * published cannot be made whole: "source-changed".
 */
export async function forgetChanged(
  shards: readonly number[],
  tools: MarkTools,
  sent: ReadonlyMap<number, unknown> | undefined,
): Promise<readonly number[]> {
  const { folder, source } = tools;
  const changed: number[] = [];
  if (source.kind !== "local") return changed;
  for (const shard of shards) {
    const made = await readMarks(folder, shard);
    if (made && JSON.stringify(made) !== (await markOf(shard, tools))) changed.push(shard);
  }
  const published = changed.filter((shard) => sent?.has(shard));
  if (published.length > 0)
    throw new EtlError(
      "source-changed",
      `${source.name}: has changed since shards ${asArray(published)} of ${folder} were sent; start anew in a new folder`,
    );
  for (const shard of changed) await rm(receiptPath(folder, shard), { force: true });
  return changed;
}

/** What each of a shard's rows is made from, in order, as `contentOf` tells it. */
async function markOf(shard: number, { plan, source, directories }: MarkTools): Promise<string> {
  const held = heldIn(plan, source, directories);
  const { first, end } = plan.shards[shard]!;
  const marks: string[] = [];
  for (const row of plan.rows.slice(first, end)) marks.push(await contentOf(row, held));
  return JSON.stringify(marks);
}
