import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { sharedData, withoutSharedData } from "../../devkit/shared-data.ts";
import { understand } from "../../src/console/command-line.ts";
import type { Result } from "../../src/console/commands.ts";
import { startSession } from "../../src/console/session.ts";
import { EtlError } from "../../src/errors.ts";
import { openViewed } from "../../src/view/open-viewed.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { Browser, serveCounted, withoutBrowser } from "./browser.ts";

/** Sources in every shape that people have them in, whole and broken. */
const folders = ["strange", "m3d-mini-defects"].flatMap((name) =>
  "skip" in withoutSharedData ? [] : shapesIn(path.join(sharedData, name)),
);
/** Nothing in them can be read. */
const UNREADABLE = new Set(["lfs-pointer", "tar-xz", "truncated-zip"]);
/** They have a series, and its pixels or its report are damaged. */
const DAMAGED = new Set(["bad-crc", "text-not-utf8"]);

function shapesIn(folder: string): { name: string; source: string }[] {
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return names.map(({ name }) => ({
    name,
    source: path.join(folder, name, name === "folder-is-the-collection" ? "ct_case" : ""),
  }));
}

const out = temporaryFolder("shapes");
before(async () => {
  process.env["VOXSHARD_CACHE"] ??= path.join(out, "cache");
});

async function command(...args: readonly string[]): Promise<Result> {
  const asked = understand([...args, "--quiet", "--workers", "1"]);
  assert.ok("task" in asked);
  const session = startSession(asked.given, new AbortController().signal);
  try {
    return await (await asked.task.load())(session);
  } finally {
    await session.transport.close();
  }
}

describe("audit of every shape ends with a report that names what could not be read", withoutSharedData, () => {
  for (const { name, source } of folders)
    test(name, async () => {
      const folder = path.join(out, name);
      const { document, exitCode, complaint, text } = await command("audit", source, "--out", folder);
      const { series, rejects } = document as { series: number; rejects: number };
      const page = await readFile(path.join(folder, "report.html"), "utf8");
      assert.equal(page.includes('id="unread"'), rejects > 0);
      const findings = readFileSync(path.join(folder, "findings.jsonl"), "utf8").trimEnd();
      assert.equal(findings === "" ? 0 : findings.split("\n").length, (document as { findings: number }).findings);
      const isBlind = UNREADABLE.has(name) || DAMAGED.has(name);
      assert.deepEqual([series === 0, exitCode, complaint !== undefined], [isBlind, isBlind ? 65 : 0, isBlind], text);
      if (rejects > 0) assert.match(text, /^could not be read: [\w-]+ \d/m);
    });
});

describe("view of every shape shows its list and opens its first row", withoutSharedData, () => {
  let browser: Browser;
  before(async () => {
    if (!("skip" in withoutBrowser)) browser = await Browser.start();
  });
  after(() => browser?.close());
  for (const { name, source } of folders)
    if (UNREADABLE.has(name))
      test(`${name}: refused in a line that says why`, async () => {
        const why = /LFS pointer|xz|no ZIP end record/;
        await assert.rejects(openViewed(source), (error) => error instanceof EtlError && why.test(error.message));
      });
    else
      test(name, withoutBrowser, async () => {
        const server = await serveCounted(await openViewed(source));
        const { page, errors, foreign } = await browser.open(server.url);
        try {
          await page.waitForSelector(".entry");
          assert.ok((await page.locator(".entry").count()) > 0);
          await page.keyboard.press("Enter");
          if (name === "bad-crc") {
            // In the row's own page, and nowhere else: the server answers with the fault's line, which the console logs.
            assert.match((await page.textContent('[role="alert"]'))!, /CRC/);
            assert.match((await page.textContent('[aria-label="Report"]'))!, /could not be read/);
          } else {
            await page.waitForSelector("canvas[data-drawn]");
            assert.deepEqual(errors, []);
            const report = (await page.textContent('[aria-label="Report"]'))!;
            assert.equal(/not valid UTF-8/.test(report), name === "text-not-utf8", report);
          }
          assert.deepEqual(foreign, []);
        } finally {
          await page.close();
          await server.close();
        }
      });
});

test("both sets are looked at whole", withoutSharedData, () => {
  assert.equal(folders.length, 29);
});
