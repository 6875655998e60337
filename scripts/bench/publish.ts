import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { LOCAL_TOKEN } from "../../devkit/hub/serve.ts";
import { writePhantomRepo } from "../../devkit/phantoms/phantom-repo.ts";
import { hubProcess, measured } from "./child.ts";

// Peak memory of `publish` with shards of 500 MB, and peak memory and disk of `convert --publish --max-disk 1GB`, for more
// than 3 GB of output: from outside, and by the process's own account. About 9 GB of disk, freed at the end.
const CASES = Number(process.argv[2] ?? 48);
const folder = mkdtempSync(path.join(tmpdir(), "publish-bench-"));
const out = path.join(folder, "out");
const output = ["--unlisted", "--codec", "none", "--no-preview", "--shard-size", "500MB", "--out", out];
const results: object[] = [];
// The Hub's store goes with the folder.
process.env["TMPDIR"] = folder;
try {
  // Drawn small: it is the writing that is measured. 384 rows of 8.4 MB where nothing else is asked for.
  const shape = { archives: 4, casesPerArchive: CASES, seriesPerCase: 2, slices: 6, height: 48, width: 48 };
  await writePhantomRepo(path.join(folder, "repo"), shape);
  const hub = await hubProcess(path.join(folder, "repo"), "phantoms/M3D-Cap");
  const env = { HF_ENDPOINT: hub.endpoint, HF_TOKEN: LOCAL_TOKEN, VOXSHARD_CACHE: path.join(folder, "cache") };
  const straight = [...output, "--publish", "me/straight", "--max-disk", "1GB"];
  try {
    results.push(await run("straight through", ["convert", "phantoms/M3D-Cap", ...straight], env));
    rmSync(out, { recursive: true });
    await measured(["convert", "phantoms/M3D-Cap", ...output, "--quiet"], env);
    results.push(await run("publish", ["publish", out, "me/published"], env));
    results.push(await run("publish again", ["publish", out, "me/published"], env));
  } finally {
    hub.close();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.table(results);
console.log(JSON.stringify(results));

/** Runs a command while the folder is watched: what lay there at most, beside what the command says of it. */
async function run(what: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<object> {
  let peakDisk = 0;
  const timer = setInterval(() => (peakDisk = Math.max(peakDisk, du(out))), 50);
  const cost = await measured([...args, "--json", "--quiet"], env).finally(() => clearInterval(timer));
  interface Document {
    readonly sent: { readonly bytes: number };
    readonly commits: number;
    readonly peakDiskBytes?: number;
  }
  const { sent, commits, peakDiskBytes } = JSON.parse(cost.stdout) as Document;
  return {
    what,
    sentMB: mb(sent.bytes),
    commits,
    peakRssMB: mb(cost.peakRss),
    ownPeakRssMB: mb(cost.ownPeakRss),
    peakDiskMB: mb(peakDisk),
    ...(peakDiskBytes === undefined ? {} : { ownPeakDiskMB: mb(peakDiskBytes) }),
    cpuSeconds: Math.round(cost.cpuMs / 1000),
    seconds: Math.round(cost.wallMs / 1000),
  };
}

/** Bytes of all files; some go while they are counted. */
function du(dir: string): number {
  const options = { recursive: true, withFileTypes: true } as const;
  let bytes = 0;
  try {
    for (const entry of readdirSync(dir, options))
      if (entry.isFile())
        bytes += statSync(path.join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  } catch {
    return bytes; // Before the folder is made.
  }
  return bytes;
}

function mb(bytes: number): number {
  return Math.round(bytes / 1e6);
}
