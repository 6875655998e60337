import type { Plan, Reject } from "../model/plan.ts";
import type { Receipt } from "../model/receipt.ts";
import { partOfPlan, wholeShard } from "../plan/part-of-plan.ts";

/**
 * What is shared of a plan: the rows that became rows, each by its place. No question of M3D-VQA, no detail that might
 * quote a file, and not where a local copy lay.
 */
export function recipePlan(plan: Plan, receipts: readonly Receipt[]): Plan {
  const wanted = plan.shards.map((shard, at) => {
    const made = new Set(receipts[at]!.ids);
    const { rows, ...named } = wholeShard(plan, shard);
    return { ...named, rows: rows.filter(({ id }) => made.has(id)).map(({ vqa: _, ...row }) => row) };
  });
  const rejects = [...plan.rejects, ...receipts.flatMap((receipt) => receipt.rejects)];
  return {
    ...partOfPlan(plan, wanted),
    source: { ...plan.source, ...(plan.source.kind === "local" && { id: "a-local-copy" }) },
    rejects: rejects.map(plain),
    unread: [],
  };
}

const plain = (reject: Reject): Reject => ({ ...reject, detail: `${reject.id}: ${reject.reason}` });
