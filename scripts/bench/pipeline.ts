import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { writePhantomRepo } from "../../test/phantoms/phantom-repo.ts";
import { hubProcess, measured } from "./child.ts";
import { decodeAlone } from "./decode-alone.ts";

// A whole conversion from a Hub on loopback, against decoding and assembling the same series alone, in turn, least against
// least: CPU of the process, how busy it keeps the cores, and how long its main thread stands still.

const ROUNDS = 3;
const CORES = 2;
const SHAPE = { slices: 200, height: 512, width: 512, drawn: 40 };

const folder = mkdtempSync(path.join(tmpdir(), "pipeline-"));
const repo = path.join(folder, "repo");
const series = await writePhantomRepo(repo, { archives: 2, casesPerArchive: 8, seriesPerCase: 2, ...SHAPE });
const hub = await hubProcess(repo, "phantoms/M3D-Cap");
const least = { aloneMs: Infinity, cpuMs: Infinity, wallMs: Infinity, blockedMs: Infinity, busy: 0 };
try {
  for (let round = 0; round < ROUNDS; round++) {
    least.aloneMs = Math.min(least.aloneMs, await decodeAlone(repo));
    const out = path.join(folder, "out");
    const served = hub.cpuMs();
    const args = ["convert", "phantoms/M3D-Cap", "--out", out, "--unlisted", "--quiet", "--endpoint", hub.endpoint];
    const cost = await measured(args, { VOXSHARD_CACHE: path.join(folder, "cache") });
    least.cpuMs = Math.min(least.cpuMs, cost.cpuMs);
    least.wallMs = Math.min(least.wallMs, cost.wallMs);
    least.blockedMs = Math.min(least.blockedMs, cost.blockedMs);
    least.busy = Math.max(least.busy, (cost.cpuMs + hub.cpuMs() - served) / (cost.wallMs * CORES));
    rmSync(out, { recursive: true });
  }
} finally {
  hub.close();
  rmSync(folder, { recursive: true, force: true });
}
const perSeries = (ms: number) => Math.round(ms / series.length);
const result = {
  series: series.length,
  decodeAndKernelsMs: perSeries(least.aloneMs),
  wholeMs: perSeries(least.cpuMs),
  ratio: Number((least.cpuMs / least.aloneMs).toFixed(2)),
  seriesPerSecond: Number(((series.length / least.wallMs) * 1000).toFixed(1)),
  coresBusy: Number(least.busy.toFixed(2)),
  mainThreadBlockedMs: Math.round(least.blockedMs),
};
console.table([result]);
console.log(JSON.stringify(result));
