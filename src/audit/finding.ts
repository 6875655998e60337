import type { SeriesFacts } from "./facts.ts";
import { grouped } from "./grouped.ts";

export const severities = ["high", "medium", "low"] as const;
export type Severity = (typeof severities)[number];
/** leaks: what more than one split or case has; series and reports: what is wrong with one. */
export const groups = ["leaks", "series", "reports"] as const;
export type Group = (typeof groups)[number];

/** A line of findings.jsonl. */
export interface Finding {
  readonly kind: string;
  readonly severity: Severity;
  /** Series, sorted; of a report, the first series of each case that has it. */
  readonly ids: readonly string[];
  /** What was measured, and what it was held against. */
  readonly value: number;
  readonly threshold: number;
  /** The splits that the series are in, sorted. */
  readonly splits: readonly string[];
  readonly detail: string;
}

/** Finds one kind of fault. One file each; the list is in detectors.ts. */
export interface Detector {
  readonly kind: string;
  readonly group: Group;
  /** What such a finding means, and what to do about it. */
  readonly meaning: string;
  /** `earlier` is what the detectors before it in the list have found. */
  find(series: readonly SeriesFacts[], earlier: readonly Finding[]): Iterable<Omit<Finding, "kind">>;
}

const sorted = (names: Iterable<string>) => [...new Set(names)].sort();

export function splitsOf(series: readonly Pick<SeriesFacts, "split">[]): string[] {
  return sorted(series.map(({ split }) => split ?? "unlisted"));
}

/** A finding about several series. What joins two official splits is a leak; the rest are repetitions. */
export function aboutGroup(
  series: readonly SeriesFacts[],
  { value, threshold, detail }: Pick<Finding, "value" | "threshold" | "detail">,
): Omit<Finding, "kind"> {
  const splits = splitsOf(series);
  const severity = splits.filter((split) => split !== "unlisted").length > 1 ? "high" : "low";
  return { severity, ids: sorted(series.map(({ id }) => id)), value, threshold, splits, detail };
}

type Verdict = Pick<Finding, "severity" | "value" | "threshold" | "detail">;

/** A detector that looks at one series at a time. */
export function ofEachSeries(
  told: Pick<Detector, "kind" | "group" | "meaning">,
  judge: (series: SeriesFacts) => Verdict | undefined,
): Detector {
  return {
    ...told,
    *find(all) {
      for (const one of all) {
        const verdict = judge(one);
        if (verdict) yield { ids: [one.id], splits: splitsOf([one]), ...verdict };
      }
    },
  };
}

/** A detector that looks at one report at a time: cases have one each, which all their series share. */
export function ofEachCase(
  told: Pick<Detector, "kind" | "meaning">,
  judge: (series: SeriesFacts) => Verdict | undefined,
): Detector {
  return {
    ...told,
    group: "reports",
    *find(all) {
      for (const [, series] of grouped(all, ({ caseKey }) => caseKey)) {
        const verdict = judge(series[0]!);
        if (verdict) yield { ids: [series[0]!.id], splits: splitsOf(series), ...verdict };
      }
    },
  };
}
