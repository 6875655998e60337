import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { openViewed } from "../../src/view/open-viewed.ts";
import { converted, phantomRepo } from "../publish/phantom-output.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { Browser, type Counted, drawn, seriousFaults, serveCounted, until, withoutBrowser } from "./browser.ts";

const folder = temporaryFolder("told");
let browser: Browser;
const servers = {} as Record<"parquet" | "arrow", Counted>;
before(async () => {
  if ("skip" in withoutBrowser) return;
  const repo = await phantomRepo(folder);
  for (const format of ["parquet", "arrow"] as const) {
    const out = path.join(folder, format);
    await converted(out, repo, { output: { format, volume: "native" } });
    servers[format] = await serveCounted(await openViewed(out));
  }
  browser = await Browser.start();
});
after(async () => {
  if ("skip" in withoutBrowser) return;
  await browser.close();
  for (const server of Object.values(servers)) await server.close();
});

const firstRow = async (format: "parquet" | "arrow", script?: string) => {
  const tab = await browser.open("about:blank");
  if (script !== undefined) await tab.page.addInitScript(script);
  await tab.page.goto(servers[format].url);
  await tab.page.waitForSelector(".entry");
  await tab.page.keyboard.press("Enter");
  return tab;
};

test(
  "a browser without WebGL2 says so where three planes were asked for, and goes on with slices",
  withoutBrowser,
  async () => {
    const without = `const get = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (kind, ...rest) { return kind === "webgl2" ? null : get.call(this, kind, ...rest); };`;
    const { page, errors } = await firstRow("parquet", without);
    await page.waitForSelector("canvas[data-drawn]");
    await page.keyboard.press("v");
    await page.waitForSelector("text=This browser has no WebGL2");
    await page.keyboard.press("v");
    await page.waitForSelector("canvas[data-drawn]");
    assert.deepEqual(errors, []);
    await page.close();
  },
);

test(
  "Arrow shards are listed; why their pictures are not shown, and what to do, stands in the picture's place",
  withoutBrowser,
  async () => {
    const { page, errors } = await firstRow("arrow");
    assert.match((await page.textContent('[role="alert"]'))!, /--format parquet/);
    assert.ok((await page.textContent(".report"))!.length > 10);
    assert.deepEqual(errors, []);
    await page.close();
  },
);

test(
  "brightness and contrast change what is drawn by their formula, and reset undoes them",
  withoutBrowser,
  async () => {
    const tab = await firstRow("parquet");
    const { page } = tab;
    // Before there is a picture the key is none of its.
    await page.waitForSelector("canvas[data-drawn]");
    await page.keyboard.press("Home");
    const before = await drawn(tab, 1);
    const slide = (name: string, value: number) =>
      page.getByLabel(name).evaluate((element, to) => {
        Object.assign(element, { value: to });
        element.dispatchEvent(new Event("input", { bubbles: true }));
      }, String(value));
    await slide("Brightness", 20);
    await slide("Contrast", 150);
    await until(page, `document.querySelector('input[type=range][max="400"]').value === "150"`);
    // In per cent of the picture's own 8 bits, around their middle.
    const table = Uint8ClampedArray.from({ length: 256 }, (_, gray) => (gray - 127.5) * 1.5 + 127.5 + 51);
    assert.deepEqual(
      await drawn(tab, 1),
      before.map((gray) => table[gray]!),
    );
    await page.keyboard.press("r");
    await page.waitForSelector('button:disabled:has-text("Reset")');
    assert.deepEqual(await drawn(tab, 1), before);
    await page.close();
  },
);

test(
  "a narrow screen shows list and row without scrolling sideways, and keeps nobody out",
  withoutBrowser,
  async () => {
    const tab = await browser.open("about:blank");
    const { page } = tab;
    await page.setViewportSize({ width: 360, height: 640 });
    await page.goto(servers.parquet.url);
    const isNarrow = "document.documentElement.scrollWidth <= innerWidth";
    await page.waitForSelector(".entry");
    assert.ok(await page.evaluate(isNarrow));
    await page.keyboard.press("Enter");
    await page.waitForSelector("canvas[data-drawn]");
    assert.ok(await page.evaluate(isNarrow));
    assert.deepEqual(await seriousFaults(tab), []);
    await page.close();
  },
);

test("the page has 90 kB, and NiiVue is a bundle of its own", async () => {
  const size = async (name: string) => (await stat(path.join("dist/web", name))).size;
  assert.ok((await size("app.js")) <= 90_000, `${await size("app.js")} bytes`);
  assert.ok((await size("app.css")) <= 10_000);
  assert.ok((await size("three.js")) > 200_000);
  for (const name of ["app.js", "app.css", "index.html"])
    assert.doesNotMatch(await readFile(path.join("dist/web", name), "utf8"), /(?:src|href|url)[=(]"?https?:/);
});
