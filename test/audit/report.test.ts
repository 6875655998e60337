import assert from "node:assert/strict";
import { readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import { drawnStack } from "../../devkit/audit/altered.ts";
import { rowOf } from "../../devkit/audit/audited.ts";
import { streamOf } from "../../devkit/rows/rows.ts";
import { audit } from "../../src/audit/audit.ts";
import { encodePreview } from "../../src/slices/encode-preview.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const folder = temporaryFolder("report");

const body = drawnStack("shown", 10, 64, 64);
const preview = {
  bytes: await encodePreview({ pixels: body.cells.slice(0, 64 * 64), height: 64, width: 64 }),
  path: "p",
};
const HOSTILE = '<script>alert(1)</script> "quoted" & <img src=x onerror=y>';
const report = `${HOSTILE} There is a lesion of the liver and of the spleen, and no other abnormality in the study. Seen by Dr. Jane Smith on 12/03/2014.`;
const rows = [
  rowOf("ct_case/1/Axial", body, { preview, report, plane: "axial" }),
  rowOf(`ct_case/2/${HOSTILE}`, body, { preview, report, split: "test" }),
  rowOf("ct_quizze/1/few", drawnStack("few", 3, 64, 64), { split: null, report: "short" }),
];
const found = await audit(streamOf(rows), { out: folder, title: HOSTILE });
const page = await readFile(path.join(folder, "report.html"), "utf8");

test("the page runs nothing and loads nothing, whatever names and reports hold", () => {
  assert.doesNotMatch(page, /<script|<img src=x|onerror=y>/);
  assert.ok(page.includes("&lt;script&gt;alert(1)&lt;/script&gt;"));
  const sources = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, source]) => source!);
  assert.ok(sources.length > 5 && sources.every((source) => /^(?:#|data:image\/jpeg;base64,)/.test(source)));
  assert.match(page, /Content-Security-Policy" content="default-src 'none'/);
  assert.doesNotMatch(page, /@import|url\(/);
});

test("what looks like personal data is shown nowhere, in page or findings", async () => {
  for (const name of ["report.html", "findings.jsonl", "findings.parquet"]) {
    const text = await readFile(path.join(folder, name), "latin1");
    for (const secret of ["Smith", "12/03/2014", "2014"]) assert.ok(!text.includes(secret), `${secret} in ${name}`);
  }
});

test("twins stand side by side, with both splits; a series without a preview has its place", () => {
  const [cluster] = /<article>[\s\S]*?<\/article>/.exec(page)!;
  assert.equal(cluster.match(/<img /g)!.length, 2);
  assert.ok(cluster.includes("same-pixels") && cluster.includes("same-report"));
  assert.ok(cluster.includes('class="split train"') && cluster.includes('class="split test"'));
  assert.match(page, /id="few-slices"[\s\S]*?no preview/);
  assert.equal(page.match(/<svg /g)!.length, 6);
});

test("lines and table hold the same findings, as DuckDB reads them", async () => {
  const lines = (await readFile(path.join(folder, "findings.jsonl"), "utf8")).trimEnd().split("\n");
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    found.findings,
  );
  const connection = await (await DuckDBInstance.create()).connect();
  const read = await connection.runAndReadAll(`SELECT * FROM '${path.join(folder, "findings.parquet")}'`);
  assert.deepEqual(
    read.getRowObjectsJson(),
    found.findings.map((one) => ({ ...one })),
  );
});

test("nothing but the three files is left", async () => {
  assert.deepEqual((await readdir(folder)).sort(), ["findings.jsonl", "findings.parquet", "report.html"]);
});

test("no rows at all make a page that says so", async () => {
  const out = path.join(folder, "nothing");
  const { findings } = await audit(streamOf([]), { out, title: "nothing" });
  assert.deepEqual(findings, []);
  assert.ok((await readFile(path.join(out, "report.html"), "utf8")).includes("Nothing found."));
  await rm(out, { recursive: true });
});
