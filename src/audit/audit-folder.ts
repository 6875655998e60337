import { access, constants } from "node:fs/promises";
import path from "node:path";
import { markAudited } from "../output/audit-mark.ts";
import { writeCard } from "../output/finalize.ts";
import { planPath } from "../output/layout.ts";
import { exists, planOf } from "../output/output-folder.ts";
import { standing } from "../output/receipts.ts";
import { type Audit, type AuditOptions, audit } from "./audit.ts";
import { summaryOf } from "./kinds.ts";
import { folderRows, type Sample } from "./read-rows.ts";

export interface AuditFolderOptions extends Omit<AuditOptions, "title" | "onSeries"> {
  readonly sample?: Sample;
  readonly onSeries?: (done: number, total: number) => void;
}

/** Audits the shards of a folder. When all of a conversion's were looked at, its card says what was found. */
export async function auditFolder(folder: string, options: AuditFolderOptions): Promise<Audit> {
  const { sample = { most: null, seed: 0 }, onSeries, ...others } = options;
  const isOwn = sample.most === null && (await exists(planPath(folder))) && (await isWritable(folder));
  // Before anything is read: shards that change meanwhile are not those that the mark is of.
  const { receipts, missing } = isOwn ? await standing(folder, await planOf(folder)) : { receipts: [], missing: [0] };
  const { rows, count } = await folderRows(folder, sample);
  const done = await audit(rows, { ...others, title: folder, onSeries: (at) => onSeries?.(at, count) });
  const isWhole = missing.length === 0 && receipts.reduce((sum, one) => sum + one.rows, 0) === done.series.length;
  if (isWhole) await markAudited(folder, receipts, summaryOf(done));
  if (isWhole && (await exists(path.join(folder, "README.md"))))
    await writeCard(folder, await planOf(folder), receipts);
  return done;
}

const isWritable = (folder: string) =>
  access(path.join(folder, ".voxshard"), constants.W_OK).then(
    () => true,
    () => false,
  );
