import path from "node:path";
import { EtlError } from "../errors.ts";
import type { Plan } from "../model/plan.ts";
import type { Receipt } from "../model/receipt.ts";
import type { Updated } from "../model/updated.ts";
import { exists, readPlan } from "../output/output-folder.ts";
import { receiptOrWhy } from "../output/receipts.ts";
import { allSent } from "../output/sent-marks.ts";
import { finishSwitch, type KeptShard, lastUpdate, switchPlan } from "../output/switch-plan.ts";
import { whatChanged } from "../output/what-changed.ts";
import { keepCuts, type Stayed, stayedShards } from "../plan/keep-cuts.ts";
import { planHash } from "../plan/plan-hash.ts";
import { isRebuilt } from "../recipe/recipe-source.ts";
import type { Source } from "../source/source.ts";
import { claim } from "./convert.ts";

export interface UpdateOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onNote?: ((line: string) => void) | undefined;
}
export interface UpdatePlan {
  /** What the folder is claimed for: the given plan, its rows cut where the folder's shards are. */
  readonly plan: Plan;
  /** What has changed in the folder; undefined where it held nothing before. */
  readonly updated: Updated | undefined;
}

/**
 * Claims a folder for a plan of another revision, and keeps every shard of it whose series have not changed. What is to be
 * made is missing then, as after a run that was stopped. Stopped anywhere itself, the same call goes on.
 */
export async function claimUpdate(
  folder: string,
  fresh: Plan,
  source: Source,
  { signal, onNote }: UpdateOptions = {},
): Promise<UpdatePlan> {
  await finishSwitch(folder);
  const old = await readPlan(folder);
  if (!old) {
    await claim(folder, fresh);
    return { plan: fresh, updated: undefined };
  }
  refuseOther(folder, old, fresh);
  const changes = await whatChanged(folder, old, fresh, source, signal);
  const isSame = ({ first, end }: Stayed) =>
    old.tool === fresh.tool && fresh.rows.slice(first, end).every(({ id }) => changes.same.has(id));
  const kept = new Map<number, KeptShard>();
  const sent = await allSent(folder, old);
  for (const [first, stayed] of stayedShards(fresh, old)) {
    const receipt = isSame(stayed) ? await standingReceipt(folder, old, stayed.old, sent) : undefined;
    if (!receipt) continue;
    const marks = fresh.rows.slice(first, stayed.end).map(({ id }) => changes.marks.get(id)!);
    kept.set(first, { receipt, shard: -1, marks, sent: sent.get(stayed.old) });
  }
  const plan = keepCuts(fresh, old, (stayed) => {
    if (!kept.has(stayed.first) && !(changes.isOneRevision && isSame(stayed))) return undefined;
    const { revision = old.source.revision } = old.shards[stayed.old]!;
    return revision === fresh.source.revision ? undefined : revision;
  });
  if (planHash(plan) === planHash(old)) return { plan, updated: await lastUpdate(folder, plan) };
  if (changes.unknown > 0)
    onNote?.(`nothing tells any more what ${changes.unknown} series were made from: their shards are made anew`);
  const placed = plan.shards.flatMap(({ first }, shard) => (kept.has(first) ? [{ ...kept.get(first)!, shard }] : []));
  const updated: Updated = {
    from: old.source.revision,
    to: fresh.source.revision,
    series: changes.series,
    shards: {
      kept: placed.length,
      made: plan.shards.length - placed.length,
      gone: old.shards.length - placed.length,
    },
  };
  await claim(folder, old);
  await switchPlan(folder, old, plan, placed, updated);
  await claim(folder, plan);
  return { plan, updated };
}

function refuseOther(folder: string, old: Plan, fresh: Plan): void {
  if (isRebuilt(folder))
    throw new EtlError("usage", `--update: ${folder} was rebuilt by a recipe; convert into a new folder`);
  const differing = Object.entries(fresh.output).find(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(old.output[name as keyof Plan["output"]]),
  );
  if (differing)
    throw new EtlError(
      "other-plan",
      `${folder}: was converted with another ${differing[0]}; give --update the output options that its README.md has, or choose a new --out`,
    );
}

/** Of bytes that another revision may have whole, though its directory is the same. */
const DAMAGE = ["crc-mismatch", "bad-member", "unreadable-archive", "other-bytes"];

/** The receipt of a shard that can stay: it is whole, here or where it was sent, and nothing was damaged when it was made. */
async function standingReceipt(
  folder: string,
  plan: Plan,
  shard: number,
  sent: Awaited<ReturnType<typeof allSent>>,
): Promise<Receipt | undefined> {
  const receipt = await receiptOrWhy(folder, shard, planHash(plan));
  if (typeof receipt === "string" || receipt.rejects.some(({ reason }) => DAMAGE.includes(reason))) return undefined;
  const isThere = sent.get(shard)?.sha256 === receipt.sha256 || (await exists(path.join(folder, receipt.path)));
  return isThere ? receipt : undefined;
}
