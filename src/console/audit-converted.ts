import path from "node:path";
import type { Result } from "./commands.ts";
import type { Session } from "./session.ts";

export type Audited = Pick<Result, "document" | "text">;

/** What `convert --audit` adds: a look through the shards that were made, into the folder's audit/. */
export async function auditConverted(session: Session, folder: string): Promise<Audited | undefined> {
  if (!session.given.on("audit")) return undefined;
  const [{ auditFolder }, { countsOf }] = await Promise.all([
    import("../audit/audit-folder.ts"),
    import("../audit/kinds.ts"),
  ]);
  const out = path.join(folder, "audit");
  const { findings } = await auditFolder(folder, {
    out,
    signal: session.signal,
    onSeries: (done, total) => session.progress.show("audit", done, total, "series"),
  });
  const grave = findings.filter(({ severity }) => severity === "high").length;
  return {
    document: { out, findings: findings.length, grave, found: countsOf(findings) },
    text: `audit: ${findings.length} findings, ${grave} of them grave: ${path.join(out, "report.html")}\n`,
  };
}
