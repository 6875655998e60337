import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { startHub } from "../devkit/hub/hub.ts";
import { writePhantomRepo } from "../devkit/phantoms/phantom-repo.ts";

// The main job against a miniature Hub: draw a repository, plan, convert one list, convert all, verify, audit.
const out = path.resolve("demo-out");
rmSync(out, { recursive: true, force: true });
mkdirSync(out);
const repository = path.join(out, "repository");
const series = await writePhantomRepo(repository);
console.log(`drawn: a phantom repository in the layout of M3D-Cap, 3 archives, ${series.length} series`);
const hub = await startHub({ dir: repository, repo: "phantoms/M3D-Cap" });
const cli = fileURLToPath(new URL("../src/cli.js", import.meta.url));
const repositoryBytes = folderBytes(repository);

interface Done {
  readonly name: string;
  readonly document: { rows: number; fetched: { bytes: number; requests: number }; seconds: number };
}
const table: Done[] = [];
const env = { ...process.env, HF_ENDPOINT: hub.endpoint, VOXSHARD_CACHE: path.join(out, "cache") };

await run(["plan", "phantoms/M3D-Cap", "--split", "test100"]);
await convert("test100", ["--split", "test100"]);
await convert("all", []);
await run(["verify", path.join(out, "all")]);
await run(["audit", path.join(out, "all")]);
await hub.close();

console.log(
  `\n${"what".padEnd(10)}${"rows".padStart(6)}${"fetched".padStart(12)}${"of source".padStart(11)}${"requests".padStart(10)}${"time".padStart(9)}`,
);
for (const { name, document } of table) {
  const { bytes, requests } = document.fetched;
  const share = `${((100 * bytes) / repositoryBytes).toFixed(1)} %`;
  console.log(
    `${name.padEnd(10)}${String(document.rows).padStart(6)}${`${(bytes / 1e6).toFixed(2)} MB`.padStart(12)}${share.padStart(11)}${String(requests).padStart(10)}${`${document.seconds.toFixed(1)} s`.padStart(9)}`,
  );
}
console.log(`
the shards lie in ${path.relative(".", path.join(out, "all", "data"))} (${(folderBytes(path.join(out, "all", "data")) / 1e6).toFixed(0)} MB). In Python:

  from datasets import load_dataset
  import numpy as np
  row = load_dataset("${path.relative(".", path.join(out, "all"))}", split="test")[0]
  volume = np.frombuffer(row["volume"]["bytes"], row["volume_dtype"]).reshape(row["volume_shape"])

Where to click: the series, one by one, and what repeats across the splits

  npx voxshard view ${path.relative(".", path.join(out, "all"))} --open
  ${pathToFileURL(path.join(out, "all", "audit", "report.html"))}`);

async function run(args: readonly string[]): Promise<void> {
  console.log(`\n$ voxshard ${args.join(" ").replaceAll(`${process.cwd()}/`, "")}`);
  await inChild(args, (text) => process.stdout.write(text));
}

async function convert(name: string, selection: readonly string[]): Promise<void> {
  const args = ["convert", "phantoms/M3D-Cap", ...selection, "--out", path.join(out, name)];
  console.log(`\n$ voxshard ${args.join(" ").replaceAll(`${process.cwd()}/`, "")}`);
  let text = "";
  await inChild([...args, "--json"], (part) => (text += part));
  table.push({ name, document: JSON.parse(text) });
}

/** The server lives in this process, so the command must not block it. */
function inChild(args: readonly string[], onText: (text: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, ...args], { env, stdio: ["ignore", "pipe", "inherit"] });
    child.stdout.setEncoding("utf8").on("data", onText);
    child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`voxshard ${args[0]} ended with ${code}`))));
  });
}

function folderBytes(folder: string): number {
  return Number(spawnSync("du", ["-sb", folder], { encoding: "utf8" }).stdout.split("\t")[0]);
}
