import { mkdir } from "node:fs/promises";
import path from "node:path";
import { sweepTemporaries, temporaryName } from "../files/temporary-files.ts";
import { writeFault, writeWhole } from "../files/whole-file.ts";
import type { Reject } from "../model/plan.ts";
import type { Row } from "../model/row.ts";
import { findAll } from "./detectors.ts";
import type { SeriesFacts } from "./facts.ts";
import type { Finding } from "./finding.ts";
import { gather } from "./gather.ts";
import { reportPage } from "./report/page.ts";
import { Pictures } from "./report/pictures.ts";
import { Spool } from "./spool.ts";
import { writeFindings } from "./write-findings.ts";

export interface AuditOptions {
  /** Where findings and report go. */
  readonly out: string;
  /** What the report calls the data. */
  readonly title: string;
  readonly signal?: AbortSignal | undefined;
  readonly onSeries?: ((done: number) => void) | undefined;
  /** What is no row; filled while the rows are read. */
  readonly rejects?: readonly Reject[];
}

export interface Audit {
  readonly series: readonly SeriesFacts[];
  readonly findings: readonly Finding[];
}

/** Reads the rows once, finds what is wrong with them, and writes it down. */
export async function audit(
  rows: AsyncIterable<Row>,
  { out, title, rejects = [], ...watch }: AuditOptions,
): Promise<Audit> {
  await sweepTemporaries(out);
  const spool = await newSpool(out);
  try {
    const series = await gather(rows, { spool, ...watch });
    const findings = findAll(series);
    await writeFindings(path.join(out, "findings"), findings);
    const page = await reportPage({ series, findings, rejects, pictures: new Pictures(spool) }, title);
    await writeWhole(path.join(out, "report.html"), page);
    return { series, findings };
  } finally {
    await spool.close();
  }
}

async function newSpool(out: string): Promise<Spool> {
  try {
    await mkdir(out, { recursive: true });
    return await Spool.at(path.join(out, temporaryName("spool")));
  } catch (error) {
    throw writeFault(error, out);
  }
}
