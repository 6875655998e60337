import { EtlError } from "../errors.ts";
import type { AuditSummary } from "../model/audit-summary.ts";
import { toolName } from "../plan/tool-version.ts";
import type { Audit } from "./audit.ts";
import { detectors } from "./detectors.ts";
import { type Finding, groups } from "./finding.ts";

/** The kinds that `--fail-on` names, each by its name or by its group's. */
export function kindsNamed(text: string | undefined): ReadonlySet<string> {
  if (text === undefined) return new Set();
  const named = text.split(",").flatMap((name) => {
    const kinds = detectors.filter(({ kind, group }) => kind === name || group === name).map(({ kind }) => kind);
    if (kinds.length > 0) return kinds;
    const known = [...groups, ...detectors.map(({ kind }) => kind)];
    throw new EtlError("usage", `--fail-on ${name}: no such kind; ${known.join(", ")} are known`);
  });
  return new Set(named);
}

/** What a card says of an audit. */
export function summaryOf({ series, findings }: Audit): Omit<AuditSummary, "shards"> {
  const found = detectors.map(({ kind, group, meaning }) => {
    const own = findings.filter((finding) => finding.kind === kind);
    const grave = own.filter(({ severity }) => severity === "high").length;
    return { kind, isLeak: group === "leaks", meaning, count: own.length, grave };
  });
  return { tool: toolName(), series: series.length, found: found.filter(({ count }) => count > 0) };
}

/** How many findings of each kind, in the detectors' order; kinds without any are left out. */
export function countsOf(findings: readonly Finding[]): Record<string, number> {
  const count = (kind: string) => findings.filter((finding) => finding.kind === kind).length;
  return Object.fromEntries(
    detectors.map(({ kind }) => [kind, count(kind)] as const).filter(([, number]) => number > 0),
  );
}
