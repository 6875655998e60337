import { createHash } from "node:crypto";
import { readPlainFile } from "../files/read-file.ts";
import { AuditSummary } from "../model/audit-summary.ts";
import type { Receipt } from "../model/receipt.ts";
import { auditPath, MAX_STATE_BYTES } from "./layout.ts";
import { writeInto } from "./output-folder.ts";

const hashOf = (receipts: readonly Receipt[]) =>
  createHash("sha256")
    .update(receipts.map(({ sha256 }) => sha256).join("\n"))
    .digest("hex");

/** What an audit found in these very shards; undefined where none has looked at them as they are now. */
export async function auditOf(folder: string, receipts: readonly Receipt[]): Promise<AuditSummary | undefined> {
  const { data } = AuditSummary.safeParse(
    await readPlainFile(auditPath(folder), MAX_STATE_BYTES)
      .then(JSON.parse)
      .catch(() => null),
  );
  return data?.shards === hashOf(receipts) ? data : undefined;
}

export function markAudited(
  folder: string,
  receipts: readonly Receipt[],
  summary: Omit<AuditSummary, "shards">,
): Promise<void> {
  return writeInto(folder, auditPath(folder), JSON.stringify({ ...summary, shards: hashOf(receipts) }));
}
