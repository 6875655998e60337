import { fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { type Hub, startHub } from "../../test/hub/hub.ts";
import type { LinkOptions } from "../../test/hub/link.ts";
import { randomFrom } from "../../test/phantoms/random.ts";
import { drawArchives } from "./drawn-archives.ts";

// How much of a slow link's cap a conversion uses, beside a plain client of the same ranges, and how long a cold start
// takes. `node dist/scripts/bench/wire.js [cap in MB/s]`: the cap must be one that the processors do not limit.
const MB = 1e6;
const CAP = Number(process.argv[2] ?? 100) * MB;
const ROUNDS = 2;
const LINK = { latencyMs: 80, perConnection: 50 * MB };

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
  // Series of 5 to 11 MB, as M3D-Cap's are.
  await drawArchives(path.join(folder, "reading"), {
    archives: 4,
    casesPerArchive: 20,
    slices: (n) => 60 + ((n * 37) % 80),
  });
  await shares("fetch", "reading", { ...LINK, cap: CAP });
  const slice = await jpeg();
  await drawArchives(path.join(folder, "whole"), {
    archives: 3,
    casesPerArchive: 10,
    slices: (n) => 60 + ((n * 37) % 80),
    slice,
  });
  const { run: free } = await withHub("whole", undefined, (hub) => client("convert", hub));
  // What the processors convert without a link is five times the cap, so that it is the link that limits.
  const cap = Math.min(CAP, Math.round(free.bytes / free.seconds / 5));
  await shares("convert", "whole", { ...LINK, perConnection: cap / 2, cap });
  await coldStart(slice);
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.table(table);
console.log(JSON.stringify(table));

/** The best of a few rounds of a plain client and of ours, in turn. */
async function shares(what: "fetch" | "convert", repo: string, link: Required<LinkOptions>): Promise<void> {
  const rates = { plain: 0, ours: 0 };
  let best: Run | undefined;
  await withHub(repo, link, async (hub) => {
    for (let round = 0; round < ROUNDS; round++) {
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
async function coldStart(slice: Uint8Array): Promise<void> {
  await drawArchives(path.join(folder, "cold"), {
    archives: 83,
    casesPerArchive: 2,
    slices: () => 3,
    slice,
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
