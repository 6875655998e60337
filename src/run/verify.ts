import type { Plan } from "../model/plan.ts";
import type { Receipt } from "../model/receipt.ts";
import type { VerifiedFolder } from "../model/verified.ts";
import { indexRows, rejectLines } from "../output/finalize.ts";
import { planOf, sha256OfFile } from "../output/output-folder.ts";
import { receiptOrWhy } from "../output/receipts.ts";
import { allSent } from "../output/sent-marks.ts";
import { planHash } from "../plan/plan-hash.ts";
import { shardFormat } from "../shards/formats.ts";
import type { Problem } from "../verify/problem.ts";
import { type Verifiable, verifyFolder } from "../verify/verify.ts";

export interface Verification {
  readonly plan: Plan;
  readonly rows: number;
  readonly rejects: number;
  readonly shards: number;
  readonly bytes: number;
  /** Empty when all holds. */
  readonly problems: readonly Problem[];
  /** What would make the Hub's viewer quicker; nothing is wrong with it. */
  readonly advice: readonly Problem[];
  /** What `publish` takes; undefined where there is a problem. */
  readonly verified: VerifiedFolder | undefined;
}

/** Re-reads a conversion's folder and says what is wrong where. */
export async function verify(
  folder: string,
  options: Pick<Verifiable, "signal" | "onShard" | "withShard" | "dataFiles"> = {},
): Promise<Verification> {
  const plan = await planOf(folder);
  const hash = planHash(plan);
  const receipts = await Promise.all([...plan.shards.keys()].map((shard) => receiptOrWhy(folder, shard, hash)));
  const { format, engine } = plan.output;
  const there = receipts.filter((receipt) => typeof receipt !== "string");
  const verdict = await verifyFolder({
    folder,
    plan,
    receipts,
    format: shardFormat(format, engine),
    index: shardFormat("parquet", "hyparquet-writer"),
    indexRows: indexRows(folder, plan, there),
    rejectLines: rejectLines(plan, there),
    sha256OfFile,
    sent: await allSent(folder, plan),
    ...options,
  });
  const sum = (of: (receipt: Receipt) => number) => there.reduce((total, receipt) => total + of(receipt), 0);
  const rejects = plan.rejects.length + sum((receipt) => receipt.rejects.length);
  return {
    plan,
    rows: sum((one) => one.rows),
    rejects,
    shards: plan.shards.length,
    bytes: sum((one) => one.byteLength),
    ...verdict,
  };
}
