import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Pool } from "undici";
import { Transport } from "../../src/bytes/http/transport.ts";
import { DirectoryCache } from "../../src/catalogue/directories.ts";
import { fetchGroups } from "../../src/plan/fetch-groups.ts";
import { convert } from "../../src/run/convert.ts";
import { planConversion } from "../../src/run/plan-conversion.ts";
import type { Executor } from "../../src/series/executor.ts";
import { ShardOutcomes } from "../../src/series/shard-outcomes.ts";
import { openSource } from "../../src/source/open-source.ts";
import { workers } from "../../src/workers/workers.ts";

// The reading side of `wire`, in a process of its own: what it does is its first argument, the Hub's address its second.
const [what, endpoint] = process.argv.slice(2) as ["plain" | "fetch" | "convert" | "first shard", string];
const REPO = "phantoms/M3D-Cap";
const started = performance.now();
const transport = new Transport();
const source = await openSource(REPO, { endpoint, transport });
const light = { volume: "none", slices: true, preview: false } as const;
const { plan } = await planConversion(source, {
  selection: what === "first shard" ? { splits: ["test100"] } : {},
  // Several shards, so that their borders are in the figure.
  output: what === "fetch" ? { shardBytes: 100_000_000 } : { ...light, shardBytes: 20_000_000 },
});
const { bytes, ranges } = plan.fetch;
const cpuBefore = process.cpuUsage();
const began = performance.now();
const connections = await { plain, fetch: fetchPlane, convert: whole, "first shard": firstShard }[what]();
const seconds = (performance.now() - (what === "first shard" ? started : began)) / 1000;
const { user, system } = process.cpuUsage(cpuBefore);
process.send?.({
  what,
  bytes,
  ranges,
  shards: plan.shards.length,
  seconds,
  connections,
  cpuSeconds: (user + system) / 1e6,
});
await source.close();

/** The peer: undici alone, 16 connections, the same ranges, and every byte thrown away. */
async function plain(): Promise<number> {
  const all = plan.shards.flatMap((shard) => fetchGroups(plan.rows, shard));
  const links = await Promise.all(
    plan.archives.map(async ({ path }) => {
      const { headers } = await hub().request({ method: "GET", path: `/datasets/${REPO}/resolve/main/${path}` });
      return new URL(String(headers["location"]));
    }),
  );
  const pool = new Pool(links[0]!.origin, { connections: 16 });
  const queue = all.flatMap(({ archive, ranges }) => ranges.map((range) => ({ link: links[archive]!, range })));
  const lane = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const { link, range } = next;
      const headers = { range: `bytes=${range.start}-${range.end - 1}` };
      const { body } = await pool.request({ method: "GET", path: link.pathname + link.search, headers });
      let left = range.end - range.start;
      for await (const chunk of body) left -= chunk.length;
      if (left !== 0) throw new Error(`${left} bytes are missing`);
    }
  };
  await Promise.all(Array.from({ length: 16 }, lane));
  await pool.close();
  return 16;
}

function hub(): Pool {
  return new Pool(endpoint);
}

/** All of a conversion but decoding and writing: ranges, retries, cutting, CRC-32, shard after shard. */
async function fetchPlane(): Promise<number> {
  const executor: Executor = {
    width: 2,
    run: async ({ row: { id, image, split } }) => ({
      ok: false,
      reject: { id, image, split, reason: "no-slices", detail: "" },
    }),
    write: () => Promise.reject(new Error("nothing is written here")),
    close: async () => {},
  };
  const tools = { plan, source, executor, directories: new DirectoryCache(source) };
  const outcomes = new ShardOutcomes(tools, async () => true);
  for (const shard of plan.shards.keys()) for await (const _ of outcomes.of(shard));
  await outcomes.close();
  return transport.connections.peak;
}

async function whole(): Promise<number> {
  return converting(() => {});
}

async function firstShard(): Promise<number> {
  const stop = new AbortController();
  return converting(() => stop.abort(), stop.signal).catch((error) => {
    if (!stop.signal.aborted) throw error;
    return transport.connections.peak;
  });
}

async function converting(onShard: () => void, signal?: AbortSignal): Promise<number> {
  const folder = await mkdtemp(path.join(tmpdir(), "wire-out-"));
  const executor = workers(2);
  try {
    await convert(plan, source, { folder, executor, onShard, signal });
    return transport.connections.peak;
  } finally {
    await executor.close();
    await rm(folder, { recursive: true, force: true });
  }
}
