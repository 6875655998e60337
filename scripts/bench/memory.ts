import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { writePhantomRepo } from "../../devkit/phantoms/phantom-repo.ts";
import { hubProcess, measured } from "./child.ts";

// Peak resident memory of `convert` with its defaults, for series of 200 slices of 512 × 512: 20 of them, then 200, or as
// many as the arguments say.
const SERIES = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [20, 200];
const folder = mkdtempSync(path.join(tmpdir(), "memory-"));
const results: object[] = [];
try {
  for (const count of SERIES) {
    const repo = path.join(folder, `repo-${count}`);
    const shape = { slices: 200, height: 512, width: 512, drawn: 40 };
    const options = { archives: 2, casesPerArchive: count / 4, seriesPerCase: 2, ...shape };
    const series = await writePhantomRepo(repo, options);
    const hub = await hubProcess(repo, "phantoms/M3D-Cap");
    const out = path.join(folder, `out-${count}`);
    const args = ["convert", "phantoms/M3D-Cap", "--out", out, "--unlisted", "--quiet", "--endpoint", hub.endpoint];
    const { peakRss, ownPeakRss } = await measured(args, { VOXSHARD_CACHE: path.join(folder, "cache") });
    hub.close();
    results.push({ series: series.length, peakRssMB: mb(peakRss), ownPeakRssMB: mb(ownPeakRss) });
    rmSync(repo, { recursive: true });
    rmSync(out, { recursive: true });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.table(results);
console.log(JSON.stringify(results));

function mb(bytes: number): number {
  return Math.round(bytes / 1e6);
}
