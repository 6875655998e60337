import path from "node:path";
import { audit } from "../audit/audit.ts";
import { countsOf, kindsNamed } from "../audit/fail-on.ts";
import type { Finding } from "../audit/finding.ts";
import { folderRows, shardsIn } from "../audit/read-rows.ts";
import { EtlError } from "../errors.ts";
import type { Row } from "../model/row.ts";
import { planConversion } from "../run/plan-conversion.ts";
import { readSeries } from "../run/read-series.ts";
import { workers } from "../workers/workers.ts";
import type { Result } from "./commands.ts";
import { openFor, type Session, stoppable } from "./session.ts";

export async function auditCommand(session: Session): Promise<Result> {
  const { given, progress, signal } = session;
  const [target] = given.positionals;
  if (target === undefined)
    throw new EtlError(
      "usage",
      "no folder or source: give a conversion's folder, or owner/name[@revision] or a folder",
    );
  const failOn = kindsNamed(given.text("fail-on"));
  const sample = { most: given.count("sample", 1, null), seed: given.count("seed", 0, 0) };
  const isFolder = (await shardsIn(target)).length > 0;
  const out = given.text("out") ?? (isFolder ? path.join(target, "audit") : "audit");
  const rows = isFolder ? folderRows(target, sample) : sourceRows(session, target, sample);
  const onSeries = (done: number) => progress.show("audit", done, done, "series");
  const { series, findings } = await audit(rows, { out, title: target, signal, onSeries });
  const failed = findings.filter(({ kind }) => failOn.has(kind)).length;
  const found = countsOf(findings);
  const document = { target, out, series: series.length, findings: findings.length, found, failed };
  const lines = Object.entries(found).map(
    ([kind, number]) => `${kind.padEnd(26)} ${describe(findings, kind, number)}\n`,
  );
  const text = `${series.length} series, ${findings.length} findings\n${lines.join("")}look: ${path.join(out, "report.html")}\n`;
  return { document, text, exitCode: failed > 0 ? 65 : 0 };
}

function describe(findings: readonly Finding[], kind: string, number: number): string {
  const high = findings.filter((finding) => finding.kind === kind && finding.severity === "high").length;
  return `${number}${high > 0 ? `, ${high} of high severity` : ""}`;
}

/** Straight from the archives: every slice as it is, and nothing written but the report. */
async function* sourceRows(
  session: Session,
  target: string,
  { most, seed }: { most: number | null; seed: number },
): AsyncGenerator<Row> {
  const { signal, connections, progress } = session;
  const source = await openFor(session, target);
  const executor = stoppable(workers(session.workers), signal);
  try {
    const selection = { sample: most, seed, unlisted: true };
    const { plan, index } = await planConversion(source, { selection, output: { volume: "native" }, signal });
    for (const { detail } of index.unreadable) progress.note(`unreadable archive: ${detail}`);
    for await (const row of readSeries(plan, source, { executor, signal, ...(connections && { connections }) }))
      yield row;
  } finally {
    await executor.close();
    await source.close();
  }
}
