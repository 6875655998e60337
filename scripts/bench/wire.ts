import { fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { type Hub, startHub } from "../../devkit/hub/hub.ts";
import type { LinkOptions } from "../../devkit/hub/link.ts";
import { randomFrom } from "../../devkit/phantoms/random.ts";
import { drawArchives } from "./drawn-archives.ts";

// How much of a slow link's cap a conversion uses, beside a plain client of the same ranges, and how long a cold start
// takes. `node dist/scripts/bench/wire.js [cap in MB/s] [fetch|convert|cold]`: a cap that the processors do not limit.
const MB = 1e6;
const CAP = Number(process.argv[2] ?? 100) * MB;
const PARTS = process.argv.slice(3).length > 0 ? process.argv.slice(3) : ["fetch", "convert", "cold"];
/** 50 MB/s a connection at the cap of 100; in proportion at another, and so are the series. */
const LINK = { latencyMs: 80, perConnection: CAP / 2 };

interface Run {
  readonly bytes: number;
  readonly ranges: number;
  readonly shards: number;
  readonly seconds: number;
  readonly connections: number;
  readonly cpuSeconds: number;
}
const folder = await mkdtemp(path.join(tmpdir(), "wire-"));
const table: Record<string, unknown>[] = [];
try {
  if (PARTS.includes("fetch")) await fetchPlane();
  if (PARTS.includes("convert")) await conversion();
  if (PARTS.includes("cold")) await coldStart();
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.table(table);
console.log(JSON.stringify(table));

/** The reading alone, of 180 series in several shards. */
async function fetchPlane(): Promise<void> {
  // At 100 MB/s series of 5 to 11 MB, as M3D-Cap's are.
  const slices = (n: number) => Math.ceil((60 + ((n * 37) % 80)) * (CAP / (100 * MB)));
  await drawArchives(path.join(folder, "fetch"), { archives: 3, casesPerArchive: 60, slices });
  await shares("fetch", { ...LINK, cap: CAP }, 1);
}

/** The whole, at a third of what the processors convert without a link, so that it is the link that limits. */
async function conversion(): Promise<void> {
  const drawn = { archives: 2, casesPerArchive: 32, slices: (n: number) => 20 + ((n * 7) % 20), slice: await jpeg() };
  await drawArchives(path.join(folder, "convert"), drawn);
  const { run: free } = await withHub("convert", undefined, (hub) => client("convert", hub));
  const cap = Math.min(CAP, Math.round(free.bytes / free.seconds / 3));
  await shares("convert", { ...LINK, perConnection: cap / 2, cap }, 1);
}

/** The best of a few rounds of a plain client and of ours, in turn. */
async function shares(what: "fetch" | "convert", link: Required<LinkOptions>, rounds: number): Promise<void> {
  const rates = { plain: 0, ours: 0 };
  let best: Run | undefined;
  await withHub(what, link, async (hub) => {
    for (let round = 0; round < rounds; round++) {
      const peer = await client("plain", hub);
      rates.plain = Math.max(rates.plain, peer.bytes / peer.seconds);
      const run = await client(what, hub);
      if (run.bytes / run.seconds > rates.ours) best = run;
      rates.ours = Math.max(rates.ours, run.bytes / run.seconds);
    }
    return best!;
  });
  table.push({
    what,
    capMBs: link.cap / MB,
    shareOfCap: round(rates.ours / link.cap),
    plainShareOfCap: round(rates.plain / link.cap),
    toPlain: round(rates.ours / rates.plain),
    connections: best!.connections,
    shards: best!.shards,
    requests: best!.ranges,
    cpuSecondsPerGB: round(best!.cpuSeconds / (best!.bytes / 1e9)),
  });
}

/** 83 archives of 400 members (M3D-Cap's have 145,000: `full-size` has those), nothing cached: to the first whole shard of test100. */
async function coldStart(): Promise<void> {
  await drawArchives(path.join(folder, "cold"), {
    archives: 83,
    casesPerArchive: 2,
    slices: () => 3,
    slice: await jpeg(),
    strangers: 400,
    listed: 160,
  });
  const { run, hub } = await withHub("cold", { ...LINK, cap: CAP }, (hub) => client("first shard", hub));
  const { api, resolvers, cdn } = hub.counters();
  table.push({
    what: "cold start, 83 archives",
    capMBs: CAP / MB,
    seconds: round(run.seconds),
    requests: api + resolvers + cdn,
    api,
    resolvers,
    cdn,
    connections: run.connections,
  });
}

async function withHub(
  repo: string,
  link: LinkOptions | undefined,
  work: (hub: Hub) => Promise<Run>,
): Promise<{ run: Run; hub: Hub }> {
  const quotas = { api: 1e6, resolvers: 1e6, pages: 1e6 };
  const hub = await startHub({ dir: path.join(folder, repo), repo: "phantoms/M3D-Cap", link, quotas });
  try {
    return { run: await work(hub), hub };
  } finally {
    await hub.close();
  }
}

/** One reading, in a process of its own. */
function client(what: string, hub: Hub): Promise<Run> {
  const script = fileURLToPath(new URL("wire-client.js", import.meta.url));
  const env = { ...process.env, VOXSHARD_CACHE: path.join(folder, "cache") };
  const child = fork(script, [what, hub.endpoint], { env });
  return new Promise((resolve, reject) => {
    child.once("message", (run) => resolve(run as Run));
    child.once("exit", (code) => reject(new Error(`${what} ended with ${code} and said nothing`)));
  });
}

/** A slice of 512 × 512 with noise, near M3D-Cap's 80 KB. */
function jpeg(): Promise<Uint8Array> {
  const random = randomFrom("slice");
  const pixels = Buffer.from(Uint8Array.from({ length: 512 * 512 }, () => 96 + random() * 64));
  return sharp(pixels, { raw: { width: 512, height: 512, channels: 1 } })
    .jpeg({ quality: 75 })
    .toBuffer();
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
