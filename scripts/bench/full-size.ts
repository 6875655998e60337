import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Cost, measured } from "./child.ts";
import type { HubFacts, Traffic } from "./full-size-hub.ts";
import { filtered, writeConverted } from "./full-size-output.ts";

// M3D-Cap's full size, of which nothing lies on disk: 83 archives of 145,000 members, and parts of it. What planning and
// finalizing cost, and whether a series costs the same in a small set and in a large one.
const ARCHIVES = process.argv.length > 2 ? process.argv.slice(2) : ["1", "7", "21", "83"];
const folder = mkdtempSync(path.join(tmpdir(), "full-size-"));
const server = fork(fileURLToPath(new URL("./full-size-hub.js", import.meta.url)), ARCHIVES);
const answer = async <T>() => (await once(server, "message"))[0] as T;
const traffic = (message = "traffic") => {
  const told = answer<Traffic>();
  server.send(message);
  return told;
};

const round = (value: number, digits = 2) => Number(value.toFixed(digits));
const table: Record<string, number | string>[] = [];
try {
  const { endpoint, sizes } = await answer<HubFacts>();
  // What every command costs before it begins.
  const start = Math.min(
    ...(await Promise.all([1, 2, 3].map(() => measured(["--version"])))).map(({ cpuMs }) => cpuMs),
  );
  for (const { repo, members, directoryBytes } of sizes) {
    const cache = path.join(folder, "cache", repo);
    const env = { VOXSHARD_CACHE: cache, HF_ENDPOINT: endpoint };
    const run = (...args: string[]) => measured([...args, "--json", "--quiet"], env);
    const index = await run("index", repo);
    const asked = await traffic();
    const plan = await run("plan", repo);
    const part = await run("plan", repo, "--split", "test1k");
    const again = await traffic();
    const out = path.join(folder, "out", repo);
    const rows = await writeConverted(repo, out, env);
    const finalize = await run("finalize", out);
    const verify = await run("verify", out);
    const found = await filtered(path.join(out, "index.parquet"));
    await traffic(repo);
    const update = await run("plan", repo, "--out", out, "--update");
    const { kept, made, gone } = JSON.parse(update.stdout).update.shards;
    const { archives } = JSON.parse(index.stdout);
    const ofSeries = ({ cpuMs }: Cost) => round((cpuMs - start) / rows, 3);
    table.push({
      archives,
      members,
      series: rows,
      ...costs({ index, plan, test1k: part, finalize, verify, update }),
      updateShards: `${kept} kept, ${made} made, ${gone} gone`,
      membersPerCpuSecond: Math.round(members / (index.cpuMs / 1000)),
      rangesPerArchive: round(asked.ranges / archives),
      resolvesPerArchive: round(asked.resolves / archives),
      bytesByDirectories: round(asked.bytes / directoryBytes, 4),
      requestsOfPlans: again.ranges + again.resolves,
      cacheMB: round(bytesOf(cache) / 1e6, 1),
      cacheBytesPerMember: round(bytesOf(cache) / members),
      ...found,
      indexMsPerSeries: ofSeries(index),
      planMsPerSeries: ofSeries(plan),
      finalizeMsPerSeries: ofSeries(finalize),
      verifyMsPerSeries: ofSeries(verify),
    });
    rmSync(out, { recursive: true });
  }
} finally {
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}
console.table(Object.fromEntries(Object.keys(table[0] ?? {}).map((name) => [name, table.map((row) => row[name])])));
console.log(JSON.stringify(table));

function costs(runs: Readonly<Record<string, Cost>>): Record<string, number> {
  const named = Object.entries(runs).map(([name, { wallMs, cpuMs, peakRss }]) => ({
    [`${name}Seconds`]: round(wallMs / 1000),
    [`${name}CpuSeconds`]: round(cpuMs / 1000),
    [`${name}PeakRssMB`]: Math.round(peakRss / 1e6),
  }));
  return Object.assign({}, ...named);
}

function bytesOf(cache: string): number {
  const files = readdirSync(cache, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + statSync(path.join(parentPath, name)).size, 0);
}
