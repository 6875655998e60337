import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { measured } from "./child.ts";
import type { HubFacts, Traffic } from "./full-size-hub.ts";

// M3D-Cap's full size again: what an index of 83 archives of 145,000 members takes, and what a cold plan from it costs.
const archives = process.argv[2] ?? "83";
const folder = mkdtempSync(path.join(tmpdir(), "plan-by-index-"));
const server = fork(fileURLToPath(new URL("./full-size-hub.js", import.meta.url)), [archives]);
const answer = async <T>() => (await once(server, "message"))[0] as T;
const traffic = (message: string) => {
  const told = answer<Traffic>();
  server.send(message);
  return told;
};
const round = (value: number) => Number(value.toFixed(2));

try {
  const { endpoint, sizes } = await answer<HubFacts>();
  const { repo, members } = sizes[0]!;
  const cache = path.join(folder, "cache");
  const run = (...args: string[]) =>
    measured([...args, "--json", "--quiet"], { VOXSHARD_CACHE: cache, HF_ENDPOINT: endpoint });
  const out = path.join(folder, "index");
  const made = await run("index", repo, "--out", out);
  await traffic(out);
  const { size } = statSync(path.join(out, "archives.parquet"));
  const table = [];
  for (const [name, ...selection] of [["all"], ["test100", "--split", "test100"]] as const) {
    rmSync(cache, { recursive: true, force: true });
    const { wallMs, cpuMs, peakRss } = await run("plan", repo, "--index", "made-up/index", ...selection);
    const { requests } = await traffic("traffic");
    const seconds = { seconds: round(wallMs / 1000), cpuSeconds: round(cpuMs / 1000) };
    table.push({ plan: name, requests, ...seconds, peakRssMB: Math.round(peakRss / 1e6) });
  }
  console.table(table);
  const index = { seconds: round(made.wallMs / 1000), peakRssMB: Math.round(made.peakRss / 1e6) };
  console.log(JSON.stringify({ members, bytes: size, bytesPerMember: round(size / members), index, plans: table }));
} finally {
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}
