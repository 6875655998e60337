import type { Content, Markup } from "./markup.ts";
import { asMarkup, html } from "./markup.ts";
import { badge } from "./pictures.ts";
import { plots, splitNames } from "./plots.ts";
import { type Audited, leaks, sheets, summary, thresholdsShown, unread } from "./sections.ts";
import { style } from "./style.ts";

const number = (value: number) => value.toLocaleString("en");

/** The whole report as one page: it opens from disk, loads nothing and runs nothing. */
export async function reportPage(audited: Audited, title: string): Promise<string> {
  const { series, findings, rejects } = audited;
  const grave = findings.filter(({ severity }) => severity === "high").length;
  const fact = (name: string, value: string, kind = "") =>
    html`<div class="${kind}"><dt>${name}</dt><dd>${value}</dd></div>`;
  const facts = [
    fact("series", number(series.length)),
    fact("cases", number(new Set(series.map(({ caseKey }) => caseKey)).size)),
    fact("findings", number(findings.length)),
    fact("of them grave", number(grave), grave > 0 ? "grave" : ""),
    ...(rejects.length > 0 ? [fact("could not be read", number(rejects.length), "grave")] : []),
  ];
  const splits = splitNames.map(
    (name) => [name, series.filter((one) => (one.split ?? "unlisted") === name).length] as const,
  );
  const key = html`<p class="key">${splits.filter(([, count]) => count > 0).map(([name, count]) => html`<span>${badge(name)} ${number(count)}</span>`)}</p>`;
  const part = (id: string, heading: string, ...content: Content[]) =>
    html`<section id="${id}"><h2>${heading}</h2>${content}</section>`;
  const body = html`<header><h1>Audit of ${title}</h1>${key}<dl class="facts">${facts}</dl>
<nav aria-label="Parts of this page"><ul><li><a href="#summary">Summary</a></li><li><a href="#leaks">Leaks</a></li><li><a href="#series">Series</a></li><li><a href="#reports">Reports</a></li><li><a href="#shape">Shape of the data</a></li><li><a href="#thresholds">Thresholds</a></li></ul></nav></header>
<main>
${part("summary", "Summary", unread(audited), summary(audited))}
${part("leaks", "Leaks", html`<p>Series that belong together: one case, one volume or one report. Where they span splits, a score on the one is partly memory of the other.</p>`, await leaks(audited))}
${part("series", "Series", wholeness(audited), await sheets(audited, "series"))}
${part("reports", "Reports", html`<p>One of each case. What looks like personal data is masked, here and in the findings.</p>`, await sheets(audited, "reports"))}
${part("shape", "Shape of the data", key, html`<div class="plots">${await plots(series)}</div>`)}
${part("thresholds", "Thresholds", html`<p>A near-equal volume is missed when it was cropped by more than some 2 % a side or lost a tenth of its slices at one end.</p>`, thresholdsShown())}
</main>`;
  return `<!doctype html>\n${html`<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"><title>Audit of ${title}</title><style>${asMarkup(style)}</style></head><body>${body}</body></html>`.markup}\n`;
}

/** What could not be looked at is said, not passed over. */
function wholeness({ series }: Audited): Markup | null {
  const resampled = series.filter(({ stack }) => stack && !stack.isWhole).length;
  const none = series.filter(({ stack }) => !stack).length;
  const gray = series.filter(({ colour }) => colour === null).length;
  if (resampled + none + gray === 0) return null;
  return html`<p>${resampled > 0 ? `${number(resampled)} of ${number(series.length)} series are resampled volumes: the order of their slices, duplicates, blank slices, windows and text in the pixels were not looked at. Audit the source, or shards with native volumes. ` : ""}${gray > 0 ? `Of ${number(gray)} series there are no encoded slices that would tell colour. ` : ""}${none > 0 ? `${number(none)} series have no picture at all.` : ""}</p>`;
}
