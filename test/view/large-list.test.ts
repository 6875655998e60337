import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { reportText } from "../../devkit/phantoms/report-text.ts";
import { planeAndPhase } from "../../src/m3d-cap/series-name.ts";
import type { IndexRow } from "../../src/model/row.ts";
import { Output } from "../../src/model/selection.ts";
import { indexColumns } from "../../src/shards/columns.ts";
import { shardFormat } from "../../src/shards/formats.ts";
import { openViewed } from "../../src/view/open-viewed.ts";
import { converted, phantomRepo } from "../publish/phantom-output.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { Browser, type Counted, serveCounted, until, withoutBrowser } from "./browser.ts";

/** As many series as M3D-Cap has, and as many reports, of the length that theirs have. */
const [SERIES, REPORTS] = [120_092, 42_496];
const NAMES = ["Axial_C__portal_venous_phase", "Coronal_bone_window", "Sagittal_non_contrast", "Axial_lung_window"];
/** Entries in the page: those in sight, and a few beyond either edge. */
const MOST_ENTRIES = 24;
const parquet = shardFormat("parquet", "hyparquet-writer");

const folder = temporaryFolder("large");
let browser: Browser;
let server: Counted;
before(async () => {
  if ("skip" in withoutBrowser) return;
  const out = path.join(folder, "out");
  await converted(out, await phantomRepo(folder));
  const file = path.join(out, "index.parquet");
  const own: IndexRow[] = [];
  for await (const row of (await parquet.open(file)).rows()) own.push(row as unknown as IndexRow);
  await rm(file);
  const options = { columns: indexColumns(Output.parse({})), rowGroupBytes: 8_000_000, codec: "snappy" } as const;
  await parquet.write(file, longIndex(own), options);
  server = await serveCounted(await openViewed(out));
  browser = await Browser.start();
});
after(async () => {
  if ("skip" in withoutBrowser) return;
  await browser.close();
  await server.close();
});

/** Rows of a whole data set; their pictures are those of a small one, again and again. */
async function* longIndex(own: readonly IndexRow[]): AsyncGenerator<IndexRow> {
  const reports = Array.from({ length: REPORTS }, (_, at) => {
    const raw = Array.from({ length: 4 }, (_, part) => reportText(`${at} ${part}`).split("study_findings:\n")[1]!);
    return raw.join(" ").replace(/\s+/g, " ");
  });
  for (let at = 0; at < SERIES; at++) {
    const nth = Math.floor((at * REPORTS) / SERIES);
    const [series, case_id] = [NAMES[at % NAMES.length]!, String(nth).padStart(6, "0")];
    const names = { id: `ct_case/${case_id}/${series}_${at}`, collection: "ct_case" as const, case_id, series };
    const split = at % 40 === 0 ? "test" : "train";
    yield {
      ...own[at % own.length]!,
      ...names,
      ...planeAndPhase(series),
      split,
      report: reports[nth]!,
      report_raw: null,
    };
  }
}

const count = async (page: Page) => Number(/^[\d,]+/.exec((await page.textContent(".count"))!)![0].replace(/,/g, ""));
const measured = (page: Page) =>
  page.evaluate(`({
    entries: document.querySelectorAll(".entry").length,
    nodes: document.querySelectorAll("*").length,
    last: Math.max(...[...document.querySelectorAll(".entry")].map((one) => Number(one.getAttribute("aria-posinset")))),
    heap: performance.memory.usedJSHeapSize,
  })`) as Promise<{ entries: number; nodes: number; last: number; heap: number }>;

/** Frames while the list is scrolled by so many screens, one a frame: how long each took, and the most entries there were. */
const scrolled = (page: Page, screens: number, step: number) =>
  page.evaluate(`(async () => {
    const list = document.querySelector("main.list");
    const frames = [];
    let most = 0;
    let before = performance.now();
    for (let at = 0; at < ${screens}; at++) {
      list.scrollTop += ${step} * list.clientHeight;
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      frames.push(now - before);
      before = now;
      most = Math.max(most, document.querySelectorAll(".entry").length);
    }
    return { frames: frames.sort((a, b) => a - b), most };
  })()`) as Promise<{ frames: number[]; most: number }>;

test(
  "120,092 series: as few entries in the page as fit it, and pictures of what is in sight",
  withoutBrowser,
  async (t) => {
    const started = performance.now();
    const { page, errors } = await browser.open(server.url);
    await page.waitForSelector(".entry");
    const ms = performance.now() - started;
    assert.equal(await count(page), SERIES);
    const reads = server.reads.filter(({ path }) => path === "index.parquet");
    assert.equal(reads.length, 1);
    const first = await measured(page);
    assert.ok(first.entries <= MOST_ENTRIES, `${first.entries} entries`);

    server.reads.length = 0;
    const slow = await scrolled(page, 120, 0.2);
    const fast = await scrolled(page, 240, 20);
    assert.ok(Math.max(slow.most, fast.most) <= MOST_ENTRIES, `${slow.most}, ${fast.most} entries`);
    await page.keyboard.press("End");
    await until(page, `document.querySelector('.entry[aria-posinset="${SERIES}"]')`);
    const end = await measured(page);
    assert.equal(end.last, SERIES);
    assert.ok(end.nodes <= first.nodes + 40 * 8, `${end.nodes} elements, ${first.nodes} at first`);
    // One group of previews and one footer a shard at most, however much has gone by.
    await until(page, "[...document.querySelectorAll('.thumbnail img')].some((image) => image.naturalWidth > 0)");
    const shards = new Set(server.reads.map(({ path }) => path));
    assert.ok(server.reads.length <= 3 * shards.size, `${server.reads.length} reads of ${shards.size} shards`);

    const asked = performance.now();
    await page.fill('input[type="search"]', "calcified focus kidney");
    await until(page, "location.hash.includes('q=')");
    const found = await count(page);
    const searched = performance.now() - asked;
    assert.ok(found > 0 && found < SERIES);
    await page.selectOption('select[aria-label="split"]', "test");
    await until(page, "location.hash.includes('split=test')");
    assert.ok((await count(page)) < found);
    assert.ok((await measured(page)).entries <= MOST_ENTRIES);
    assert.deepEqual(errors, []);

    const at = (frames: number[], part: number) => frames[Math.floor(part * frames.length)]!.toFixed(0);
    const told = ({ frames }: { frames: number[] }) =>
      `half of the frames within ${at(frames, 0.5)} ms, 95 % within ${at(frames, 0.95)}`;
    t.diagnostic(
      `listed after ${(ms / 1000).toFixed(1)} s, ${(reads[0]!.bytes / 1e6).toFixed(1)} MB, ${first.entries} entries, ${first.nodes} elements, heap ${(end.heap / 1e6).toFixed(0)} MB`,
    );
    t.diagnostic(`scrolled a fifth of a screen a frame: ${told(slow)}; 20 screens a frame: ${told(fast)}`);
    t.diagnostic(`a search of three words: ${(searched / 1000).toFixed(2)} s, its pause of 0.18 s included`);
    await page.close();
  },
);
