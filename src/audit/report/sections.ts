import type { Reject } from "../../model/plan.ts";
import { clustersOf } from "../clusters.ts";
import { detectors } from "../detectors.ts";
import type { SeriesFacts } from "../facts.ts";
import type { Detector, Finding } from "../finding.ts";
import { thresholdTable } from "../thresholds.ts";
import { html, type Markup } from "./markup.ts";
import { badge, type Pictures } from "./pictures.ts";

/** More would make a page that no one reads; all are in findings.jsonl. */
const [MAX_CLUSTERS, MAX_OF_CLUSTER, MAX_OF_KIND, MAX_UNREAD] = [30, 8, 12, 20];
const EXCERPT = 420;

export interface Audited {
  readonly series: readonly SeriesFacts[];
  readonly findings: readonly Finding[];
  readonly rejects: readonly Reject[];
  readonly pictures: Pictures;
}

const more = (all: number, shown: number) =>
  all > shown ? html`<p class="more">and ${all - shown} more, in findings.jsonl</p>` : null;

/** One line a kind: how many, how grave, what it means. */
export function summary({ findings }: Audited): Markup {
  const row = ({ kind, group, meaning }: Detector) => {
    const own = findings.filter((finding) => finding.kind === kind);
    const high = own.filter(({ severity }) => severity === "high").length;
    const link = own.length === 0 ? html`${kind}` : html`<a href="#${group === "leaks" ? "leaks" : kind}">${kind}</a>`;
    return html`<tr class="${own.length === 0 ? "zero" : ""}"><th scope="row">${link}</th><td class="number">${own.length}</td><td class="number">${high > 0 ? html`<b class="high">${high}</b>` : "–"}</td><td>${meaning}</td></tr>`;
  };
  return html`<div class="wide"><table><thead><tr><th scope="col">kind</th><th scope="col">found</th><th scope="col">grave</th><th scope="col">what it means</th></tr></thead><tbody>${detectors.map(row)}</tbody></table></div>`;
}

/** What was not looked at, for it could not be read; null where all could be. */
export function unread({ rejects }: Audited): Markup | null {
  if (rejects.length === 0) return null;
  const lines = rejects
    .slice(0, MAX_UNREAD)
    .map(({ id, reason, detail }) => html`<li><b>${reason}</b> ${detail.includes(id) ? "" : `${id}: `}${detail}</li>`);
  const head = html`<h3>Could not be read <small>${rejects.length}</small></h3><p>Nothing is known of these.</p>`;
  const rest = rejects.length - lines.length;
  const others = rest > 0 ? html`<p class="more">and ${rest} more: voxshard plan names each</p>` : null;
  return html`<article id="unread">${head}<ul>${lines}</ul>${others}</article>`;
}

/** Each cluster with its pictures side by side. */
export async function leaks({ series, findings, pictures }: Audited): Promise<Markup> {
  const clusters = clustersOf(series, findings);
  if (clusters.length === 0) return html`<p>No two splits, and no two cases, share a series or a report.</p>`;
  const shown: Markup[] = [];
  for (const cluster of clusters.slice(0, MAX_CLUSTERS)) {
    const faces = onePerCaseFirst(cluster.series).slice(0, MAX_OF_CLUSTER);
    const figures: Markup[] = [];
    for (const face of faces) figures.push(await pictures.figure(face));
    const reported = cluster.findings.some(({ kind }) => kind.endsWith("-report"));
    const texts: Markup[] = [];
    if (reported)
      for (const face of faces.slice(0, cluster.cases.length).slice(0, 3))
        texts.push(
          html`<blockquote><p>${await pictures.excerpt(face, EXCERPT)}</p><cite>${face.id}</cite></blockquote>`,
        );
    const why = cluster.findings.map((one) => html`<li><b>${one.kind}</b> ${one.detail}${likenessOf(one)}</li>`);
    shown.push(
      html`<article><h3>${cluster.cases.slice(0, 4).join(" · ")}${cluster.cases.length > 4 ? ` and ${cluster.cases.length - 4} more` : ""} ${cluster.splits.map(badge)}</h3><ul>${why}</ul><div class="sheet">${figures}</div>${more(cluster.series.length, faces.length)}${texts.length > 0 ? html`<div class="texts">${texts}</div>` : null}</article>`,
    );
  }
  return html`${shown}${more(clusters.length, shown.length)}`;
}

const likenessOf = ({ value, kind }: Finding) =>
  kind.startsWith("near-") ? html` <small>likeness ${value.toFixed(3)}</small>` : null;

function onePerCaseFirst(series: readonly SeriesFacts[]): readonly SeriesFacts[] {
  const seen = new Set<string>();
  const isFirst = series.map(({ caseKey }) => !seen.has(caseKey) && seen.add(caseKey) !== undefined);
  return [...series.filter((_, at) => isFirst[at]), ...series.filter((_, at) => !isFirst[at])];
}

/** Contact sheets of the worst of each kind of one group. */
export async function sheets({ series, findings, pictures }: Audited, group: "series" | "reports"): Promise<Markup> {
  const byId = new Map(series.map((one) => [one.id, one]));
  const parts: Markup[] = [];
  for (const { kind, meaning } of detectors.filter((one) => one.group === group)) {
    const own = findings.filter((finding) => finding.kind === kind);
    if (own.length === 0) continue;
    const shown: Markup[] = [];
    for (const finding of worst(own).slice(0, MAX_OF_KIND))
      shown.push(group === "series" ? await pictured(finding, byId, pictures) : await quoted(finding, byId, pictures));
    parts.push(
      html`<section id="${kind}"><h3>${kind} <small>${own.length}</small></h3><p>${meaning}</p><div class="${group === "series" ? "sheet" : "texts"}">${shown}</div>${more(own.length, shown.length)}</section>`,
    );
  }
  return parts.length === 0 ? html`<p>Nothing found.</p>` : html`${parts}`;
}

/** Farthest from the threshold first. */
const worst = (findings: readonly Finding[]) =>
  [...findings].sort((a, b) => Math.abs(b.value - b.threshold) - Math.abs(a.value - a.threshold));

async function pictured({ ids, detail }: Finding, byId: ReadonlyMap<string, SeriesFacts>, pictures: Pictures) {
  const figures: Markup[] = [];
  for (const id of ids) figures.push(await pictures.figure(byId.get(id)!, detail));
  return html`${figures}`;
}

async function quoted({ ids, detail, splits }: Finding, byId: ReadonlyMap<string, SeriesFacts>, pictures: Pictures) {
  const text = await pictures.excerpt(byId.get(ids[0]!)!, EXCERPT);
  return html`<blockquote><p class="said">${detail}</p>${text === "" ? null : html`<p>${text}</p>`}<cite>${ids[0]!} ${splits.map(badge)}</cite></blockquote>`;
}

export function thresholdsShown(): Markup {
  const rows = Object.entries(thresholdTable).map(
    ([name, { value, why }]) =>
      html`<tr><th scope="row">${name}</th><td class="number">${value}</td><td>${why}</td></tr>`,
  );
  return html`<div class="wide"><table><thead><tr><th scope="col">threshold</th><th scope="col">value</th><th scope="col">what it is, and what was measured</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}
