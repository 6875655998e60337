import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { chromium, type Page } from "playwright-core";
import sharp from "sharp";
import { writePhantomRepo } from "../devkit/phantoms/phantom-repo.ts";
import { openViewed } from "../src/view/open-viewed.ts";
import { serve } from "../src/view/server.ts";

// The README's picture: a drawn phantom as `view` shows it. `node dist/scripts/picture.js`.
const TARGET = "docs/view.png";
const MOST_BYTES = 60_000;
const viewport = { width: 1040, height: 560 };
const cli = fileURLToPath(new URL("../src/cli.js", import.meta.url));

const folder = mkdtempSync(path.join(tmpdir(), "picture-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const [repo, out] = [path.join(folder, "repo"), path.join(folder, "phantoms")];
await writePhantomRepo(repo, { seriesPerCase: 3, slices: 40, height: 320, width: 320 });
const env = { ...process.env, VOXSHARD_CACHE: path.join(folder, "cache") };
const convert = ["convert", repo, "--out", out, "--volume", "native", "--slices", "--quiet"];
spawnSync(process.execPath, [cli, ...convert], { env, stdio: ["ignore", "ignore", "inherit"] });

const server = await serve(await openViewed(out), { host: "127.0.0.1", port: 0 });
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
const page = await (await browser.newContext({ viewport, colorScheme: "dark" })).newPage();
await page.goto(server.url);
await page.waitForSelector(".entry");
await page.keyboard.press("ArrowDown");
await page.keyboard.press("Enter");
await page.waitForSelector("canvas[data-drawn]");
const bytes = await small(page);
await browser.close();
await server.close();
if (bytes > MOST_BYTES) throw new Error(`${TARGET}: ${bytes} bytes, more than ${MOST_BYTES}`);
console.log(`${TARGET}: ${bytes} bytes`);

/** Few colours: a page has not many, and a phantom's noise is not worth its bytes. */
async function small(page: Page): Promise<number> {
  const image = sharp(await page.screenshot()).png({ palette: true, colours: 16, dither: 0, effort: 10 });
  return (await image.toFile(TARGET)).size;
}
