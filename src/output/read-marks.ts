import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { archiveFor, type DirectoryCache } from "../catalogue/directories.ts";
import { EtlError } from "../errors.ts";
import { readPlainFile } from "../files/read-file.ts";
import type { Plan } from "../model/plan.ts";
import { caseNameOf } from "../model/series.ts";
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

/** Notes what a shard of a local copy was made from. A commit needs no mark: what it names never changes. */
export async function markRead(shard: number, tools: MarkTools): Promise<void> {
  if (tools.source.kind === "local")
    await writeInto(tools.folder, readMarkPath(tools.folder, shard), await markOf(shard, tools));
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
    const made = await readPlainFile(readMarkPath(folder, shard), MAX_STATE_BYTES).catch(() => undefined);
    if (made !== undefined && made !== (await markOf(shard, tools))) changed.push(shard);
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

/**
 * All that tells a shard's series from others: in a ZIP the names, places and CRCs of their cases' members; elsewhere their
 * files' sizes and times, since nothing else tells it without reading them.
 */
async function markOf(shard: number, { plan, source, directories }: MarkTools): Promise<string> {
  const hash = createHash("sha256");
  const { first, end } = plan.shards[shard]!;
  for (const row of plan.rows.slice(first, end)) {
    const archive = archiveFor(source, plan.archives[row.archive]!);
    const caseName = caseNameOf(row);
    hash.update(`${archive.path}\0${caseName}\0`);
    if (archive.format.name !== "zip") hash.update(`${archive.stampOf?.(caseName)}\0`);
    for (const { path, start, names, numbers } of (await directories.get(archive)).get(caseName) ?? [])
      hash.update(`${path}\0${start}\0`).update(names).update("\0").update(numbers);
  }
  return hash.digest("hex");
}
