import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { rowOf } from "../../devkit/audit/audited.ts";
import { randomFrom } from "../../devkit/phantoms/random.ts";
import { noise } from "../../devkit/rows/rows.ts";
import { audit } from "../../src/audit/audit.ts";
import type { Row } from "../../src/model/row.ts";

// What an audit of as many series as M3D-Cap has keeps in memory, and how long it takes once the rows are there: small
// volumes of noise, three series a case, reports of the length that real ones have. `node audit-memory.js [SERIES]`.
const count = Number(process.argv[2] ?? 120_092);
const SIDE = 16;
const preview = { bytes: noise(6000, 1), path: "preview.jpg" };

const folder = mkdtempSync(path.join(tmpdir(), "audit-memory-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
let peak = 0;
const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 50);
const started = performance.now();
let read = 0;
const onSeries = (done: number) => {
  if (done === count) read = performance.now() - started;
};
const { findings } = await audit(rows(), { out: folder, title: "made up", onSeries });
const whole = performance.now() - started;
clearInterval(watch);
const seconds = (ms: number) => Number((ms / 1000).toFixed(1));
const peakMb = Math.round(Math.max(peak, process.resourceUsage().maxRSS * 1024) / 1e6);
console.log(
  JSON.stringify({
    series: count,
    peakMb,
    rowsSeconds: seconds(read),
    findSeconds: seconds(whole - read),
    findings: findings.length,
  }),
);

async function* rows(): AsyncGenerator<Row> {
  const stack = { count: SIDE, height: SIDE, width: SIDE, cells: noise(SIDE ** 3, 0), gray: 1, isWhole: true };
  const one = rowOf("ct_case/0/Axial", stack, { preview, plane: "axial" });
  for (let at = 0; at < count; at++) {
    const case_id = String(Math.floor(at / 3));
    const [id, volume] = [`ct_case/${case_id}/Axial_${at % 3}`, noise(SIDE ** 3, at)];
    // Every fiftieth case has its series in two splits.
    const split = at % 150 === 0 ? "test" : "train";
    yield { ...one, id, case_id, split, volume, pixels_sha256: id, report: reportOf(case_id) };
  }
}

/** Words at random: 870 characters of them, as real reports have on average. */
function reportOf(seed: string): string {
  const random = randomFrom(seed);
  return Array.from({ length: 145 }, () => `w${Math.floor(random() ** 3 * 8000)}`).join(" ");
}
