import type { Plan } from "../model/plan.ts";

/** What `plan --json` prints. */
export function planSummary(plan: Plan) {
  const rows: Record<string, number> = {};
  for (const { split, subsets } of plan.rows) {
    for (const name of [split ?? "unlisted", ...subsets]) rows[name] = (rows[name] ?? 0) + 1;
  }
  const rejected: Record<string, number> = {};
  for (const { reason } of plan.rejects) rejected[reason] = (rejected[reason] ?? 0) + 1;
  const { fetch, sourceBytes, outputBytes, unread } = plan;
  const { id: source, revision } = plan.source;
  const summary = {
    source,
    revision,
    rows,
    rejected,
    shards: plan.shards.length,
    fetch,
    sourceBytes,
    outputBytes,
    unread,
  };
  return { ...summary, ...(plan.joined && { vqa: vqaCounts(plan, plan.joined) }) };
}

/** Rows with and without a question, and questions with and without a row. */
function vqaCounts({ rows }: Plan, { questions, matched }: NonNullable<Plan["joined"]>) {
  const asked = rows.filter((row) => row.vqa).length;
  return {
    rows: { matched: asked, unmatched: rows.length - asked },
    questions: { matched, unmatched: questions - matched },
  };
}
