import path from "node:path";
import { audit } from "../audit/audit.ts";
import { auditFolder } from "../audit/audit-folder.ts";
import type { Finding } from "../audit/finding.ts";
import { countsOf, kindsNamed } from "../audit/kinds.ts";
import { type Sample, shardsIn } from "../audit/read-rows.ts";
import { type CertifiedLists, proposeSplit } from "../audit/split.ts";
import { EtlError } from "../errors.ts";
import { writeWhole } from "../files/whole-file.ts";
import type { Certificate } from "../model/certificate.ts";
import type { Reject } from "../model/plan.ts";
import { type Split, splits } from "../model/split.ts";
import { planConversion } from "../run/plan-conversion.ts";
import { readSeries } from "../run/read-series.ts";
import { workers } from "../workers/workers.ts";
import type { Result } from "./commands.ts";
import type { Given } from "./flags.ts";
import { openFor, type Session, stoppable } from "./session.ts";
import { counts } from "./source-commands.ts";

export async function auditCommand(session: Session): Promise<Result> {
  const { given } = session;
  const [target] = given.positionals;
  if (target === undefined)
    throw new EtlError("usage", "nothing to audit: give a conversion's folder, or a source; see --help");
  const failOn = kindsNamed(given.text("fail-on"));
  const wanted = splitWanted(given);
  const sample = { most: given.count("sample", 1, null), seed: given.count("seed", 0, 0) };
  const isFolder = (await shardsIn(target)).length > 0;
  const out = given.text("out") ?? (isFolder ? path.join(target, "audit") : "audit");
  const onSeries = (done: number, total: number) => session.progress.show("audit", done, total, "series");
  const { series, findings, rejects } = isFolder
    ? { ...(await auditFolder(target, { out, sample, signal: session.signal, onSeries })), rejects: [] }
    : await auditSource(session, target, { out, sample, onSeries });
  const certificate = wanted && (await writeSplit(wanted, proposeSplit(series, findings, wanted)));
  const failed = findings.filter(({ kind }) => failOn.has(kind)).length;
  const found = countsOf(findings);
  const document = {
    target,
    out,
    series: series.length,
    rejects: rejects.length,
    rejected: reasonsOf(rejects),
    findings: findings.length,
    found,
    failed,
    ...(certificate && { certificate }),
  };
  const lines = Object.entries(found).map(([kind, number]) => `${kind.padEnd(26)} ${told(findings, kind, number)}\n`);
  const unread = rejects.length > 0 ? `could not be read: ${counts(reasonsOf(rejects))}\n` : "";
  const head = `${series.length} series, ${findings.length} findings\n${unread}`;
  const text = `${head}${lines.join("")}${certificate ? splitLine(wanted!.file, certificate) : ""}look: ${path.join(out, "report.html")}\n`;
  // Where nothing could be looked at, nothing found is no good news.
  const [first] = series.length === 0 ? rejects : [];
  return {
    document,
    text,
    exitCode: failed > 0 || first ? 65 : 0,
    ...(first && { complaint: `nothing could be looked at: ${first.detail}` }),
  };
}

function reasonsOf(rejects: readonly Reject[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { reason } of rejects) found[reason] = (found[reason] ?? 0) + 1;
  return found;
}

interface WantedSplit {
  readonly file: string;
  readonly seed: number;
  readonly keep: Split | null;
}

function splitWanted(given: Given): WantedSplit | undefined {
  const [file, keep] = [given.text("write-split"), given.text("keep")];
  if (given.text("seed") !== undefined && given.text("sample") === undefined && file === undefined)
    throw new EtlError("usage", "--seed goes with --sample or --write-split");
  if (keep !== undefined && file === undefined) throw new EtlError("usage", "--keep goes with --write-split");
  if (file === undefined) return undefined;
  if (given.text("sample") !== undefined)
    throw new EtlError(
      "usage",
      "--write-split and --sample: lists of a sample would lack all the rest; give one of them",
    );
  if (!/\.json$/i.test(file)) throw new EtlError("usage", `--write-split ${file}: a name that ends in .json is wanted`);
  const kept = splits.find((name) => name === keep) ?? null;
  if (keep !== undefined && kept === null)
    throw new EtlError("usage", `--keep ${keep}: ${splits.join(", ")} can be kept`);
  return { file, seed: given.count("seed", 0, 0), keep: kept };
}

async function writeSplit({ file }: WantedSplit, lists: CertifiedLists): Promise<Certificate> {
  await writeWhole(file, `${JSON.stringify(lists)}\n`);
  return lists.certificate;
}

const splitLine = (file: string, { clusters, parted, moved, dropped, proposed }: Certificate) =>
  `${file}: ${counts(proposed)}; of ${clusters} groups ${parted} were parted, ${moved} series moved, ${dropped} left out\nnext: voxshard convert SOURCE --split-file ${file} --out DIR\n`;

function told(findings: readonly Finding[], kind: string, number: number): string {
  const grave = findings.filter((finding) => finding.kind === kind && finding.severity === "high").length;
  return `${number}${grave > 0 ? `, ${grave} of them grave` : ""}`;
}

interface SourceAudit {
  readonly out: string;
  readonly sample: Sample;
  readonly onSeries: (done: number, total: number) => void;
}

/** Straight from the archives: every slice as it is, and nothing written but the report. */
async function auditSource(session: Session, target: string, { out, sample: { most, seed }, onSeries }: SourceAudit) {
  const { signal, connections, progress } = session;
  const source = await openFor(session, target);
  const executor = stoppable(workers(session.workers), signal);
  try {
    const selection = { sample: most, seed: most === null ? 0 : seed, unlisted: true };
    const { plan, index } = await planConversion(source, {
      selection,
      output: { volume: "native", slices: true },
      signal,
    });
    for (const { detail } of index.unreadable) progress.note(`unreadable archive: ${detail}`);
    const rejects: Reject[] = [];
    const onReject = (reject: Reject) => rejects.push(reject);
    const rows = readSeries(plan, source, { executor, signal, onReject, ...(connections && { connections }) });
    const onOne = (done: number) => onSeries(done, plan.rows.length);
    return { ...(await audit(rows, { out, title: target, signal, onSeries: onOne, rejects })), rejects };
  } finally {
    await executor.close();
    await source.close();
  }
}
