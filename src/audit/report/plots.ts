import type * as PlotLibrary from "@observablehq/plot";
import type { SeriesFacts } from "../facts.ts";
import { asMarkup, html, type Markup } from "./markup.ts";

/** In the order of reading; each has its colour in the page's style. */
export const splitNames = ["train", "validation", "test", "unlisted"] as const;
const WIDTH = 460;
const MAX_BARS = 15;

interface Plotted {
  readonly title: string;
  readonly marks: PlotLibrary.Markish[];
  readonly options?: PlotLibrary.PlotOptions;
}

/** The shape of the data, drawn when the report is written: SVG that needs no script. */
export async function plots(series: readonly SeriesFacts[]): Promise<readonly Markup[]> {
  const [Plot, { parseHTML }] = await Promise.all([import("@observablehq/plot"), import("linkedom")]);
  const { document } = parseHTML("<html></html>");
  const rows = series.map((one) => ({ ...one, split: one.split ?? "unlisted", words: one.report?.words ?? 0 }));
  const size = { width: WIDTH, height: 260, marginLeft: 50 };
  const domain = splitNames.filter((name) => rows.some(({ split }) => split === name));
  const color = { domain, range: domain.map((name) => `var(--${name})`) };
  const draw = ({ title, marks, options }: Plotted) => {
    const svg = Plot.plot({
      ...size,
      document: document as never,
      color,
      ariaLabel: title,
      ...options,
      marks,
    });
    // One picture with one name: its parts' own names would be read out one by one.
    svg.setAttribute("role", "img");
    for (const part of svg.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
    return html`<figure>${asMarkup(svg.outerHTML)}<figcaption>${title}</figcaption></figure>`;
  };
  return [...histograms(Plot, rows), ...bars(Plot, rows)].map(draw);
}

type PlotRow = Omit<SeriesFacts, "split"> & { readonly split: string; readonly words: number };

function histograms(Plot: typeof PlotLibrary, rows: readonly PlotRow[]): readonly Plotted[] {
  const counted = (title: string, x: (row: PlotRow) => number, label: string): Plotted => ({
    title,
    marks: [
      Plot.rectY(
        rows,
        Plot.binX<PlotLibrary.RectYOptions>(
          { y: "count" },
          { x: { value: x, thresholds: 20 }, fill: "split", order: splitNames as never, inset: 0.5 },
        ),
      ),
      Plot.ruleY([0]),
    ],
    options: { x: { label }, y: { label: "series", tickFormat: "d", grid: true } },
  });
  return [
    counted("Slices of a series", ({ slice_count }) => slice_count ?? Number.NaN, "slices"),
    counted("Words of its report", ({ words }) => words, "words"),
    counted("Gray levels from darkest to brightest", ({ lowest, highest }) => highest - lowest, "gray levels"),
    {
      title: "Sides of a slice, in pixels",
      marks: [Plot.dot(rows, Plot.group({ r: "count" }, { x: "slice_width", y: "slice_height", stroke: "split" }))],
      options: {
        x: { label: "width", nice: true },
        y: { label: "height", nice: true, grid: true },
        r: { range: [3, 16] },
      },
    },
  ];
}

function bars(Plot: typeof PlotLibrary, rows: readonly PlotRow[]): readonly Plotted[] {
  const counted = (title: string, y: (row: PlotRow) => string): Plotted => {
    const counts = new Map<string, number>();
    for (const row of rows) counts.set(y(row), (counts.get(y(row)) ?? 0) + 1);
    const domain = [...counts]
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
      .map(([name]) => name)
      .slice(0, MAX_BARS);
    const shown = rows.filter((row) => domain.includes(y(row)));
    return {
      title: counts.size > MAX_BARS ? `${title}: the ${MAX_BARS} most frequent of ${counts.size}` : title,
      marks: [
        Plot.barX(shown, Plot.groupY({ x: "count" }, { y, fill: "split", order: splitNames as never })),
        Plot.ruleX([0]),
      ],
      options: {
        marginLeft: 150,
        height: 60 + 24 * domain.length,
        y: { domain, label: null },
        x: { label: "series", tickFormat: "d", grid: true },
      },
    };
  };
  return [
    counted("Planes, as the series' names tell them", ({ plane }) => plane ?? "not told"),
    counted("Phases and windows, as the names tell them", ({ phase }) => phase ?? "not told"),
  ];
}
