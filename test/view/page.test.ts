import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import sharp from "sharp";
import { writePhantomRepo } from "../../devkit/phantoms/phantom-repo.ts";
import { selectionOf } from "../../src/console/choices.ts";
import { understand } from "../../src/console/command-line.ts";
import type { IndexRow } from "../../src/model/row.ts";
import { shardFormat } from "../../src/shards/formats.ts";
import { openViewed } from "../../src/view/open-viewed.ts";
import { converted } from "../publish/phantom-output.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import {
  Browser,
  type Counted,
  drawn,
  seriousFaults,
  serveCounted,
  type Tab,
  until,
  withoutBrowser,
} from "./browser.ts";

const parquet = shardFormat("parquet", "hyparquet-writer");
/** Encoded slices of some 150 kB a series, and as much again and more of voxels. */
const phantoms = { casesPerArchive: 4, seriesPerCase: 3, slices: 40, height: 144, width: 160 };
const outputs = {
  native: { volume: "native", slices: true, codec: "lz4" },
  m3d: { volume: "m3d", dtype: "float32", size: [8, 96, 96], codec: "zstd" },
  half: { volume: "m3d", dtype: "float16", size: [8, 96, 96], codec: "gzip" },
};
type Kind = keyof typeof outputs;

const folder = temporaryFolder("page");
let browser: Browser;
const servers = {} as Record<Kind, Counted>;
const rows = {} as Record<Kind, IndexRow[]>;
before(async () => {
  if ("skip" in withoutBrowser) return;
  process.env["VOXSHARD_CACHE"] ??= path.join(folder, "cache");
  const repo = path.join(folder, "repo");
  await writePhantomRepo(repo, phantoms);
  for (const kind of Object.keys(outputs) as Kind[]) {
    const out = path.join(folder, kind);
    await converted(out, repo, { output: { shardBytes: 40_000_000, rowGroupBytes: 3_000_000, ...outputs[kind] } });
    rows[kind] = (await all((await parquet.open(path.join(out, "index.parquet"))).rows())) as IndexRow[];
    servers[kind] = await serveCounted(await openViewed(out));
  }
  browser = await Browser.start();
});
after(async () => {
  if ("skip" in withoutBrowser) return;
  await browser.close();
  for (const server of Object.values(servers)) await server.close();
});

const opened = async (kind: Kind, hash = "#/") => {
  servers[kind].reads.length = 0;
  return browser.open(servers[kind].url + hash);
};
const atRow = (kind: Kind, row: IndexRow, search = "") =>
  opened(kind, `#/row/${row.id.split("/").map(encodeURIComponent).join("/")}${search}`);
const shardRow = async (kind: Kind, { shard, row }: IndexRow) => {
  return (await all((await parquet.open(path.join(folder, kind, shard))).rows()))[row]!;
};
const isQuiet = async ({ page, errors, foreign }: Tab) => {
  assert.deepEqual([errors, foreign], [[], []]);
  await page.close();
};
/** A row that is neither the first nor the last of its shard. */
const inner = (kind: Kind) =>
  rows[kind].find(({ row, shard }) => row === 1 && rows[kind].some((one) => one.shard === shard && one.row === 2))!;

test("lists every series from the index alone, and fetches previews of what is seen", withoutBrowser, async () => {
  const tab = await opened("native");
  await tab.page.waitForSelector(".entry");
  assert.match((await tab.page.textContent(".count"))!, new RegExp(`^${rows.native.length} series$`));
  // Previews of what is seen may be on their way already.
  const paths = servers.native.reads.map(({ path }) => path);
  assert.deepEqual([paths[0], paths.lastIndexOf("index.parquet")], ["index.parquet", 0]);
  await until(tab.page, "[...document.querySelectorAll('.thumbnail img')].some((image) => image.naturalWidth > 0)");
  await isQuiet(tab);
});

test("narrows the list by column and by words, sorts it, and keeps that in the address", withoutBrowser, async () => {
  const tab = await opened("native");
  const { page } = tab;
  const listed = async () => Number(/^[\d,]+/.exec((await page.textContent(".count"))!)![0]);
  await page.selectOption('select[aria-label="plane"]', "axial");
  await until(tab.page, "location.hash.includes('plane=axial')");
  assert.equal(await listed(), rows.native.filter(({ plane }) => plane === "axial").length);
  const word = rows.native[0]!.report!.split(/\W+/).find((one) => one.length > 5)!;
  await page.keyboard.press("Escape");
  await page.locator("main").focus();
  await page.keyboard.press("/");
  await page.keyboard.type(word.toUpperCase());
  await until(tab.page, "location.hash.includes('q=')");
  const found = rows.native.filter(
    ({ plane, report, id }) => plane === "axial" && `${report} ${id}`.toLowerCase().includes(word.toLowerCase()),
  );
  assert.equal(await listed(), found.length);
  assert.ok(found.length === 0 || (await page.textContent(".entry mark"))!.toLowerCase() === word.toLowerCase());
  await page.click("text=Clear");
  await page.selectOption('select[aria-label="Sort by"]', "id");
  await page.click('button[aria-label^="Ascending"]');
  await page.reload();
  const [first] = rows.native
    .map(({ id }) => id)
    .sort()
    .reverse();
  await page.waitForSelector(`.entry[aria-posinset="1"] a[href*="${encodeURIComponent(first!.split("/")[1]!)}/"]`);
  await isQuiet(tab);
});

for (const kind of Object.keys(outputs) as Kind[])
  test(
    `opens one ${kind} row by its link with its own bytes alone, and draws them as they are`,
    withoutBrowser,
    async () => {
      const row = inner(kind);
      const cells = await shardRow(kind, row);
      const tab = await atRow(kind, row, "?z=3");
      await drawn(tab, 3);
      const reads = servers[kind].reads.filter(({ path }) => path !== "index.parquet");
      const bytes = reads.reduce((sum, read) => sum + read.bytes, 0);
      const own =
        kind === "native"
          ? cells.slices!.reduce((sum, { bytes }) => sum + bytes!.byteLength, 0)
          : cells.volume!.byteLength;
      // The volume is compressed in the shard: no more than it has without.
      assert.ok(
        reads.length <= 5 && bytes <= 1.1 * own + 16_384,
        `${reads.length} requests, ${bytes} bytes for ${own}: ${JSON.stringify(reads)}`,
      );
      assert.ok(reads.every(({ path }) => path === row.shard));
      if (kind === "native") await tab.page.click("text=Volume");
      const [depth, height, width] = row.volume_shape!.slice(-3) as [number, number, number];
      await tab.page.waitForSelector(`canvas[width="${width}"]`);
      assert.ok(depth >= 3);
      const expected = greyOf(cells.volume!, row.volume_dtype!).subarray(2 * height * width, 3 * height * width);
      assert.deepEqual(await drawn(tab, 3), expected);
      await isQuiet(tab);
    },
  );

test("decodes the source's own slices to the grey of the shard", withoutBrowser, async () => {
  const row = inner("native");
  const tab = await atRow("native", row, "?z=5");
  const grey = await drawn(tab, 5);
  const area = row.slice_height! * row.slice_width!;
  const own = (await shardRow("native", row)).volume!.subarray(4 * area, 5 * area);
  const most = own.reduce((most, value, at) => Math.max(most, Math.abs(value - grey[at]!)), 0);
  // Another JPEG decoder may round otherwise.
  assert.ok(most <= 2, `${most} of 255 apart`);
  await isQuiet(tab);
});

test("goes through slices and series by wheel and keys", withoutBrowser, async () => {
  const row = inner("native");
  const tab = await atRow("native", row, "?z=5");
  const { page } = tab;
  const plain = await drawn(tab, 5);
  await page.keyboard.press("ArrowDown");
  await drawn(tab, 6);
  await page.keyboard.press("Home");
  await drawn(tab, 1);
  await page.hover("canvas");
  await page.mouse.wheel(0, 100);
  await drawn(tab, 3);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await drawn(tab, 5);
  await page.keyboard.press("i");
  await page.waitForSelector('button[aria-pressed="true"]:has-text("Invert")');
  assert.deepEqual(
    await drawn(tab, 5),
    plain.map((value) => 255 - value),
  );
  await page.keyboard.press("r");
  await until(tab.page, "location.hash.includes('z=5')");
  await page.keyboard.press(" ");
  await page.waitForSelector("text=Stop");
  await until(tab.page, "document.querySelector('canvas').dataset.drawn !== '5'");
  await page.keyboard.press(" ");
  const title = () => page.textContent("h1");
  const next = rows.native[rows.native.indexOf(row) + 1]!;
  await page.keyboard.press("n");
  await page.waitForURL(({ hash }) => decodeURIComponent(hash).includes(next.id));
  await page.locator("h1", { hasText: `${next.case_id} ${next.series}` }).waitFor();
  await page.goBack();
  await page.locator("h1", { hasText: `${row.case_id} ${row.series}` }).waitFor();
  await page.keyboard.press("s");
  const siblings = rows.native.filter(
    ({ case_id, collection }) => case_id === row.case_id && collection === row.collection,
  );
  const other = siblings[(siblings.indexOf(row) + 1) % siblings.length]!;
  await page.waitForURL(({ hash }) => decodeURIComponent(hash).includes(other.id));
  assert.equal(await title(), `${other.case_id} ${other.series}`);
  await page.keyboard.press("Escape");
  await page.waitForSelector(".entry");
  await isQuiet(tab);
});

test("shows the report, its raw text and every column", withoutBrowser, async () => {
  const row = inner("native");
  const tab = await atRow("native", row);
  const { page } = tab;
  assert.equal(await page.textContent(".report"), row.report);
  await page.click("text=Raw");
  assert.equal(await page.textContent(".report"), row.report_raw);
  await page.click("text=All columns");
  const text = (await page.textContent(".columns"))!;
  for (const name of Object.keys(row).filter((name) => row[name as keyof IndexRow] !== null))
    if (!/^report(_raw)?$/.test(name)) assert.ok(text.includes(name), name);
  assert.ok(text.includes(row.pixels_sha256!));
  await isQuiet(tab);
});

test("flags a series with a key and a reason, for convert --exclude", withoutBrowser, async () => {
  const row = inner("native");
  const tab = await atRow("native", row);
  const { page } = tab;
  await page.waitForSelector("canvas");
  await page.keyboard.press("f");
  await until(tab.page, "document.activeElement.id === 'reason'");
  await page.keyboard.type("blurred: f, n and s are letters here");
  await page.keyboard.press("Enter");
  await page.click("text=All flags");
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("text=Download exclude.txt")]);
  const file = path.join(folder, "exclude.txt");
  await download.saveAs(file);
  assert.match(await readFile(file, "utf8"), /^# .*\n# blurred: f, n and s are letters here\nct_/);
  for (const verb of [
    ["convert", "owner/name", "--out", "out"],
    ["publish", "out", "owner/name"],
  ]) {
    const asked = understand([...verb, "--exclude", file]);
    assert.ok("given" in asked);
    assert.deepEqual(selectionOf(asked.given).exclude, [row.id]);
  }
  await isQuiet(tab);
});

test("shows three planes and 3D", withoutBrowser, async () => {
  const tab = await atRow("native", inner("native"));
  const { page } = tab;
  await page.waitForSelector("canvas[data-drawn]");
  await page.keyboard.press("v");
  await page.waitForSelector('canvas.three[data-ready="yes"]', { timeout: 60_000 });
  const { channels } = await sharp(await page.locator("canvas.three").screenshot()).stats();
  assert.ok(
    channels[0]!.mean > 5 && channels[0]!.stdev > 10,
    `mean ${channels[0]!.mean}, deviation ${channels[0]!.stdev}`,
  );
  await page.keyboard.press("Escape");
  await page.waitForSelector("canvas[data-drawn]");
  await isQuiet(tab);
});

test("keeps nobody out, as far as axe can tell", withoutBrowser, async () => {
  for (const scheme of ["light", "dark"] as const)
    for (const hash of ["#/", `#/row/${inner("native").id}`]) {
      const tab = await opened("native", hash);
      await tab.page.emulateMedia({ colorScheme: scheme });
      await tab.page.waitForSelector(hash === "#/" ? ".thumbnail img" : "canvas[data-drawn]");
      await tab.page.keyboard.press("f");
      assert.deepEqual(await seriousFaults(tab), [], `${scheme} ${hash}`);
      await tab.page.keyboard.press("Escape");
      await isQuiet(tab);
    }
});
/** As it is shown: eight bits. */
function greyOf(bytes: Uint8Array, dtype: string): Uint8Array {
  if (dtype === "uint8") return new Uint8Array(bytes);
  const copy = new Uint8Array(bytes).buffer;
  if (dtype === "float32") return Uint8Array.from(new Float32Array(copy), (value) => Math.round(255 * value));
  // Halves from 0 to 1, by the format's definition.
  return Uint8Array.from(new Uint16Array(copy), (bits) => {
    const exponent = bits >> 10;
    return Math.round(
      255 * (exponent === 0 ? (bits / 1024) * 2 ** -14 : (1 + (bits % 1024) / 1024) * 2 ** (exponent - 15)),
    );
  });
}

async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const row of rows) found.push(row);
  return found;
}
