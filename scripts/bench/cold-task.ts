import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { measured } from "./child.ts";
import type { HubFacts } from "./full-size-hub.ts";

// What a task spends before its first request when the plan is M3D-Cap's full size: 83 archives, some 120,000 series, none of
// which lies on disk. A task on a node that has seen nothing, with the plan's parts, and, for comparison, without them.
const ARCHIVES = process.argv[2] ?? "83";
const TASKS = 5;
const folder = mkdtempSync(path.join(tmpdir(), "cold-task-"));
const server = fork(fileURLToPath(new URL("./full-size-hub.js", import.meta.url)), [ARCHIVES]);
const cli = fileURLToPath(new URL("../../src/cli.js", import.meta.url));
const first = new URL("./first-request.js", import.meta.url).href;

/** Starts a task, and ends it at its first request: seconds and the most memory until then. */
async function untilFirstRequest(plan: string, shard: number, endpoint: string) {
  const env = { ...process.env, HF_ENDPOINT: endpoint, VOXSHARD_CACHE: path.join(folder, "node", `${shard}`) };
  const started = performance.now();
  const args = ["--import", first, cli, "run", "--plan", plan, "--shard", `${shard}`, "--quiet"];
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "ignore", "inherit", "pipe"] });
  let told = "";
  child.stdio[3]?.on("data", (chunk) => (told += chunk));
  await once(child.stdio[3]!, "data");
  const seconds = (performance.now() - started) / 1000;
  await once(child, "close");
  return { seconds, peakMB: JSON.parse(told).maxRSS / 1024 };
}

try {
  const [{ endpoint, sizes }] = (await once(server, "message")) as [HubFacts];
  const { repo } = sizes[0]!;
  const out = path.join(folder, "out");
  const env = { VOXSHARD_CACHE: path.join(folder, "cache"), HF_ENDPOINT: endpoint };
  await measured(["index", repo, "--json", "--quiet"], env);
  const claimed = await measured(["plan", repo, "--out", out, "--json", "--quiet"], env);
  const { plan, shards, rows } = JSON.parse(claimed.stdout);
  const parts = path.join(out, ".voxshard/parts");
  const bytes = readdirSync(parts).reduce((sum, name) => sum + statSync(path.join(parts, name)).size, 0);
  const tasks: { readonly seconds: number; readonly peakMB: number }[] = [];
  for (let task = 0; task < TASKS; task++)
    tasks.push(await untilFirstRequest(plan, Math.floor((task * (shards - 1)) / (TASKS - 1)), endpoint));
  rmSync(path.join(parts, "head.json"));
  const whole = await untilFirstRequest(plan, 0, endpoint);
  const most = (of: (one: (typeof tasks)[number]) => number) => Number(Math.max(...tasks.map(of)).toFixed(2));
  const table = {
    series: rows.train + rows.validation + rows.test,
    shards,
    planMB: Math.round(statSync(plan).size / 1e6),
    partsMB: Math.round(bytes / 1e6),
    planOutSeconds: Number((claimed.wallMs / 1000).toFixed(1)),
    planOutPeakRssMB: Math.round(claimed.peakRss / 1e6),
    taskSeconds: most(({ seconds }) => seconds),
    taskPeakRssMB: most(({ peakMB }) => peakMB),
    withoutPartsSeconds: Number(whole.seconds.toFixed(2)),
    withoutPartsPeakRssMB: Math.round(whole.peakMB),
  };
  console.table(table);
  console.log(JSON.stringify(table));
} finally {
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}
