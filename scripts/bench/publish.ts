import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { writePhantomRepo } from "../../test/phantoms/phantom-repo.ts";

// Peak memory of `publish` with shards of 500 MB, and peak memory and disk of `convert --publish --max-disk 1GB` for more
// than 3 GB of output. Measured from outside; the Hub is a process of its own. About 9 GB of disk, freed at the end.
const folder = mkdtempSync(path.join(tmpdir(), "publish-bench-"));
const script = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const output = [
  "--unlisted",
  "--size",
  "128,256,256",
  "--codec",
  "none",
  "--no-preview",
  "--shard-size",
  "500MB",
  "--json",
];

interface Measured {
  readonly what: string;
  readonly outputMB: number;
  readonly peakRssMB: number;
  readonly peakDiskMB: number;
  /** By the tool's own account; of straight through alone. */
  readonly toldDiskMB: number | undefined;
  readonly sentMB: number;
  readonly commits: number;
  readonly cpuSeconds: number;
  readonly seconds: number;
}
interface Document {
  readonly sent: { readonly bytes: number };
  readonly commits: number;
  readonly peakDiskBytes?: number;
}
const MB = (bytes: number) => Math.round(bytes / 1e6);
const results: Measured[] = [];
try {
  const repo = path.join(folder, "repo");
  // Drawn small, and written at 34 MB a row: it is the writing that is measured.
  const options = { archives: 2, casesPerArchive: 24, seriesPerCase: 2, slices: 6, height: 48, width: 48 };
  await writePhantomRepo(repo, options);
  const hub = await startHub(repo);
  try {
    const out = path.join(folder, "out");
    await run("convert", ["phantoms/M3D-Cap", "--out", out, ...output], hub.endpoint, out);
    const bytes = du(path.join(out, "data"));
    results.push(await run("publish", [out, "me/published", "--json"], hub.endpoint, out, bytes));
    rmSync(out, { recursive: true });
    const straight = ["phantoms/M3D-Cap", "--out", out, ...output, "--publish", "me/straight", "--max-disk", "1GB"];
    results.push(await run("convert", straight, hub.endpoint, out, bytes));
  } finally {
    hub.child.kill("SIGINT");
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.table(results);
console.log(JSON.stringify(results));

/** The miniature Hub in a process of its own, so that its memory is not counted. */
async function startHub(dir: string) {
  const hub = spawn(process.execPath, [script("scripts/hub.js"), "--dir", dir, "--repo", "phantoms/M3D-Cap"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, TMPDIR: folder },
  });
  for await (const text of hub.stdout.setEncoding("utf8")) {
    const endpoint = /HF_ENDPOINT=(\S+) HF_TOKEN=(\S+)/.exec(text);
    if (endpoint) {
      process.env["HF_TOKEN"] = endpoint[2];
      return { child: hub, endpoint: endpoint[1]! };
    }
  }
  throw new Error("the Hub did not start");
}

/** One run of the command line: the kernel's high-water mark of its memory, and what lay in `out` at most. */
function run(
  command: string,
  args: readonly string[],
  endpoint: string,
  out: string,
  outputBytes = 0,
): Promise<Measured> {
  mkdirSync(out, { recursive: true });
  const started = Date.now();
  const child = spawn(process.execPath, [script("src/cli.js"), command, ...args], {
    env: { ...process.env, HF_ENDPOINT: endpoint, VOXSHARD_CACHE: path.join(folder, "cache") },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part) => (text += part));
  let [peakRss, peakDisk, ticks] = [0, 0, 0];
  const timer = setInterval(() => {
    peakDisk = Math.max(peakDisk, du(out));
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      peakRss = Math.max(peakRss, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024);
      const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1]!.split(" ");
      ticks = Number(fields[11]) + Number(fields[12]);
    } catch {
      // It ended between two looks.
    }
  }, 50);
  return new Promise((resolve, reject) => {
    child.on("close", (code) => {
      clearInterval(timer);
      if (code !== 0) return reject(new Error(`voxshard ${command} ended with ${code}`));
      const { sent, commits, peakDiskBytes } = JSON.parse(text) as Partial<Document>;
      resolve({
        what: peakDiskBytes === undefined ? command : "straight through",
        outputMB: MB(outputBytes),
        peakRssMB: MB(peakRss),
        peakDiskMB: MB(peakDisk),
        toldDiskMB: peakDiskBytes === undefined ? undefined : MB(peakDiskBytes),
        sentMB: MB(sent?.bytes ?? 0),
        commits: commits ?? 0,
        cpuSeconds: ticks / 100,
        seconds: Math.round((Date.now() - started) / 100) / 10,
      });
    });
  });
}

function du(dir: string): number {
  let bytes = 0;
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    // Files go while they are counted.
    bytes += statSync(path.join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}
