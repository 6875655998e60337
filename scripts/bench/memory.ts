import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { startHub } from "../../test/hub/hub.ts";
import { writePhantomRepo } from "../../test/phantoms/phantom-repo.ts";

// Peak resident memory of `convert` with its defaults, for series of 200 slices of 512 × 512: 20 of them, then 200.
const folder = mkdtempSync(path.join(tmpdir(), "memory-"));
const cli = fileURLToPath(new URL("../../src/cli.js", import.meta.url));
const results: object[] = [];
try {
  for (const cases of [5, 50]) {
    const repo = path.join(folder, `repo-${cases}`);
    const options = { archives: 2, casesPerArchive: cases, seriesPerCase: 2, slices: 200, height: 512, width: 512 };
    const series = await writePhantomRepo(repo, options);
    const hub = await startHub({ dir: repo, repo: "phantoms/M3D-Cap" });
    const out = path.join(folder, `out-${cases}`);
    const peak = await peakRss(["convert", "phantoms/M3D-Cap", "--out", out, "--unlisted", "--endpoint", hub.endpoint]);
    await hub.close();
    results.push({ series: series.length, peakRssMB: Math.round(peak / 1e6) });
    rmSync(repo, { recursive: true });
    rmSync(out, { recursive: true });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.table(results);
console.log(JSON.stringify(results));

/** The kernel's own high-water mark of a run of the command line, in bytes; read while it runs, from outside. */
function peakRss(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [cli, ...args, "--quiet"], {
    env: { ...process.env, VOXSHARD_CACHE: path.join(folder, "cache") },
    stdio: ["ignore", "ignore", "inherit"],
  });
  let peak = 0;
  const timer = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024);
    } catch {
      // It ended between two looks.
    }
  }, 50);
  return new Promise((resolve, reject) => {
    child.on("exit", (code) => {
      clearInterval(timer);
      if (code === 0) resolve(peak);
      else reject(new Error(`exit code ${code}`));
    });
  });
}
