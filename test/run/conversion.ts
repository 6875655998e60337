import path from "node:path";
import type { Plan } from "../../src/model/plan.ts";
import type { Receipt } from "../../src/model/receipt.ts";
import type { Row } from "../../src/model/row.ts";
import { convert } from "../../src/run/convert.ts";
import { type PlanOptions, planConversion } from "../../src/run/plan-conversion.ts";
import { shardFormat } from "../../src/shards/formats.ts";
import { type OpenOptions, openSource } from "../../src/source/open-source.ts";
import { workers } from "../../src/workers/workers.ts";

export interface Conversion {
  readonly plan: Plan;
  readonly receipts: readonly Receipt[];
  readonly rows: ReadonlyMap<string, Row>;
  /** `id: reason` of every reject, sorted. */
  readonly rejects: readonly string[];
}

/** The whole way: opens the source, plans, converts into `folder`, reads the shards back. */
export async function conversion(
  text: string,
  folder: string,
  options: PlanOptions & { readonly open?: OpenOptions; readonly threads?: number; readonly connections?: number } = {},
): Promise<Conversion> {
  const source = await openSource(text, options.open);
  const executor = workers(options.threads ?? 2);
  try {
    const { plan } = await planConversion(source, options);
    const connections = options.connections ?? 4;
    const { receipts } = await convert(plan, source, { folder, executor, connections });
    const rejects = [...plan.rejects, ...receipts.flatMap((receipt) => receipt.rejects)];
    return {
      plan,
      receipts,
      rows: await rowsOf(folder, plan),
      rejects: rejects.map(({ id, reason }) => `${id}: ${reason}`).sort(),
    };
  } finally {
    await executor.close();
    await source.close();
  }
}

async function rowsOf(folder: string, plan: Plan): Promise<Map<string, Row>> {
  const rows = new Map<string, Row>();
  for (const shard of plan.shards) {
    const open = await shardFormat(plan.output.format, plan.output.engine).open(path.join(folder, shard.path));
    for await (const row of open.rows()) rows.set(row.id, row);
  }
  return rows;
}
