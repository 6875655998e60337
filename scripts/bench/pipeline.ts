import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { writePhantomRepo } from "../../devkit/phantoms/phantom-repo.ts";
import { hubProcess, measured } from "./child.ts";
import { decodeAlone } from "./decode-alone.ts";

// A whole conversion from a Hub on loopback, against decoding and assembling the same series alone, in turn, least against
// least. Two repositories, a small and a large one: what lies between them is the cost of series without that of starting up.
// CPU of the process, how busy it keeps the cores, and how long its main thread works without looking up. The two SHA-256 of a
// row (pixels and volume) are neither decoding nor kernels; they are given apart.

const ROUNDS = 2;
const CORES = 2;
const SHAPE = { slices: 200, height: 512, width: 512, drawn: 40 };

const FIGURES = ["decodeMs", "hashMs", "cpuMs", "wallMs", "blockedMs", "idleMs"] as const;
type Figure = (typeof FIGURES)[number];

const folder = mkdtempSync(path.join(tmpdir(), "pipeline-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const [small, large] = [await measure("small", 1), await measure("large", 10)];

/** A series' share of a figure, start-up left out. */
const each = (figure: Figure) => (large.least[figure] - small.least[figure]) / (large.series - small.series);
const result = {
  series: large.series - small.series,
  decodeAndKernelsMs: Math.round(each("decodeMs")),
  hashesMs: Math.round(each("hashMs")),
  wholeMs: Math.round(each("cpuMs")),
  ratio: Number((each("cpuMs") / each("decodeMs")).toFixed(2)),
  ratioWithHashes: Number((each("cpuMs") / (each("decodeMs") + each("hashMs"))).toFixed(2)),
  startUpMs: Math.round(small.least.cpuMs - small.series * each("cpuMs")),
  seriesPerSecond: Number((1000 / each("wallMs")).toFixed(1)),
  coresBusy: Number((1 - each("idleMs") / (each("wallMs") * CORES)).toFixed(2)),
  mainThreadBlockedMs: Math.round(large.least.blockedMs),
};
console.table([result]);
console.log(JSON.stringify(result));

async function measure(name: string, casesPerArchive: number) {
  const repo = path.join(folder, name);
  const { length: series } = await writePhantomRepo(repo, { archives: 2, casesPerArchive, seriesPerCase: 2, ...SHAPE });
  const hub = await hubProcess(repo, "phantoms/M3D-Cap");
  const least = Object.fromEntries(FIGURES.map((figure) => [figure, Infinity])) as Record<Figure, number>;
  try {
    for (let count = 0; count < ROUNDS; count++) {
      const out = path.join(folder, "out");
      const served = hub.cpuMs();
      const args = ["convert", "phantoms/M3D-Cap", "--out", out, "--unlisted", "--quiet", "--endpoint", hub.endpoint];
      const cost = await measured(args, { VOXSHARD_CACHE: path.join(folder, "cache") });
      const idleMs = cost.wallMs * CORES - cost.cpuMs - (hub.cpuMs() - served);
      const round = { ...cost, idleMs, ...(await decodeAlone(repo)) };
      // Of one run, both: they are set against each other.
      least.idleMs = round.wallMs < least.wallMs ? idleMs : least.idleMs;
      for (const figure of FIGURES) if (figure !== "idleMs") least[figure] = Math.min(least[figure], round[figure]);
      rmSync(out, { recursive: true });
    }
  } finally {
    hub.close();
  }
  return { series, least };
}
