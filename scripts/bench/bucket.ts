import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { startHub } from "../../devkit/hub/hub.ts";
import { Transport } from "../../src/bytes/http/transport.ts";
import { openStore } from "../../src/stores/open-store.ts";

// What a large shard costs on its way to a bucket of the Hub and back: time and memory of a process that does no more.
// Arguments: its size in MB, 600 without.

const [megabytes = "600", endpoint, folder] = process.argv.slice(2);

async function client(hub: string, home: string): Promise<void> {
  const transport = new Transport();
  const store = openStore("hf://buckets/me/shards", { env: { HF_ENDPOINT: hub, HF_TOKEN: "hf_writer" }, transport });
  const started = performance.now();
  await store.putIfAbsent("shard", path.join(home, "shard"));
  const seconds = (performance.now() - started) / 1000;
  const { maxRSS, userCPUTime } = process.resourceUsage();
  await store.get("shard", path.join(home, "got"));
  await transport.close();
  const peaks = { putPeakMB: Math.round(maxRSS / 1024), getPeakMB: Math.round(process.resourceUsage().maxRSS / 1024) };
  process.send!({ putSeconds: Number(seconds.toFixed(1)), putCpuSeconds: Math.round(userCPUTime / 1e6), ...peaks });
}

async function bench(): Promise<void> {
  const home = mkdtempSync(path.join(tmpdir(), "bench-bucket-"));
  const hub = await startHub({ tokens: { hf_writer: { name: "me", role: "write" } }, buckets: ["me/shards"] });
  try {
    const file = path.join(home, "shard");
    for (let at = 0; at < Number(megabytes); at++) appendFileSync(file, randomBytes(1_000_000));
    const child = fork(fileURLToPath(import.meta.url), [megabytes, hub.endpoint, home]);
    const [figures] = await once(child, "message");
    const isSame = readFileSync(file).equals(readFileSync(path.join(home, "got")));
    const { api, resolvers, routes } = hub.counters();
    console.table({ megabytes, ...figures, isSame, api, resolvers, xorbs: routes["xet-xorb"] });
    if (!isSame) process.exitCode = 1;
  } finally {
    await hub.close();
    rmSync(home, { recursive: true, force: true });
  }
}

await (endpoint === undefined || folder === undefined ? bench() : client(endpoint, folder));
