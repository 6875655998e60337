import assert from "node:assert/strict";
import path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { drawnStack } from "../../devkit/audit/altered.ts";
import { rowOf } from "../../devkit/audit/audited.ts";
import { streamOf } from "../../devkit/rows/rows.ts";
import { audit } from "../../src/audit/audit.ts";
import { encodePreview } from "../../src/slices/encode-preview.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { Browser, seriousFaults, withoutBrowser } from "../view/browser.ts";

const folder = temporaryFolder("report-page");
let browser: Browser;
before(async () => {
  if ("skip" in withoutBrowser) return;
  const body = drawnStack("shown", 10, 64, 64);
  const bytes = await encodePreview({ pixels: body.cells.slice(0, 64 * 64), height: 64, width: 64 });
  const preview = { bytes, path: "preview.jpg" };
  // Long names, without a place to break.
  const series = "Axial_MonoE_40_Iodine_no_Water___overlay__VNC_reconstructed_thin_cuts";
  const report = `A lesion of the liver, ${"verylongword".repeat(12)}, seen by Dr. Jane Smith on 12/03/2014 and of no other kind.`;
  const splits = ["train", "validation", "test", null] as const;
  const rows = Array.from({ length: 6 }, (_, at) => {
    const cells = { preview, report, plane: "axial", split: splits[at % 4] ?? null } as const;
    return rowOf(`ct_case/00000${at}/${series}`, at < 3 ? body : drawnStack(`other ${at}`, 5 + at, 40, 140), cells);
  });
  const rejects = [
    { id: "ct_case/9/Axial", image: null, split: null, reason: "crc-mismatch", detail: "M3D_Cap/x.zip: CRC-32" },
  ];
  await audit(streamOf(rows), { out: folder, title: "a/".repeat(40), rejects });
  browser = await Browser.start();
});
after(async () => {
  if ("skip" in withoutBrowser) return;
  await browser.close();
});

for (const scheme of ["light", "dark"] as const)
  test(
    `the report from disk, ${scheme}: nothing is fetched, no one kept out, no scrolling sideways`,
    withoutBrowser,
    async () => {
      const tab = await browser.open("about:blank");
      const { page, errors } = tab;
      const fetched: string[] = [];
      page.on("request", (request) => /^https?:/.test(request.url()) && fetched.push(request.url()));
      await page.emulateMedia({ colorScheme: scheme });
      await page.goto(pathToFileURL(path.join(folder, "report.html")).href);
      for (const width of [1440, 360]) {
        await page.setViewportSize({ width, height: 800 });
        assert.ok(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), `${width} pixels`);
        assert.deepEqual(await seriousFaults(tab), []);
      }
      const isShown = "[...document.images].every((image) => image.complete && image.naturalWidth > 0)";
      assert.ok(await page.evaluate(`document.images.length > 5 && ${isShown}`));
      assert.equal(await page.locator("#unread li").count(), 1);
      assert.deepEqual([errors, fetched], [[], []]);
      await page.close();
    },
  );
