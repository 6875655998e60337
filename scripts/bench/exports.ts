import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { measured } from "./child.ts";
import { measuredSource } from "./measured-source.ts";

// What each kind of export takes and gives, straight from a source and from the shards of a conversion: bytes, CPU and wall
// time of the command. Of real CT where it lies beside the checkout, else of phantoms.

const folder = mkdtempSync(path.join(tmpdir(), "exports-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const env = { VOXSHARD_CACHE: path.join(folder, "cache") };
const source = await measuredSource(folder);

/** The arguments of each, and of the conversion whose shards it reads. */
const kinds = [
  ["--to npy", ""],
  ["--to nifti", ""],
  ["--to nifti --recipe native", "--volume native"],
  ["--to nifti --recipe med3dvlm", "--size 128,256,256"],
  ["--to chat", "--volume none --slices"],
  ["--to chat --style llava", "--volume none --slices"],
  ["--to chat --pictures montage", "--volume none"],
  ["--to webdataset", ""],
] as const;
const words = (text: string) => text.split(" ").filter(Boolean);
const few = ["--split", "test", "--split", "validation"];

const table: object[] = [];
for (const [kind, output] of kinds) {
  const [shards, tree] = [path.join(folder, "shards"), path.join(folder, "tree")];
  await measured(["convert", source, "--out", shards, "--quiet", ...few, ...words(output)], env);
  for (const from of [source, shards]) {
    const args = ["export", from, ...words(kind), "--out", tree, ...few, "--json", "--quiet"];
    const { wallMs, cpuMs, peakRss, stdout } = await measured(args, env);
    const { rows, files, bytes } = JSON.parse(stdout) as { rows: number; files: number; bytes: number };
    table.push({
      kind,
      from: from === source ? "source" : "shards",
      rows,
      files,
      MB: Number((bytes / 1e6).toFixed(1)),
      rowsPerSecond: Number(((1000 * rows) / wallMs).toFixed(1)),
      cpuMsPerRow: Math.round(cpuMs / rows),
      peakMB: Math.round(peakRss / 1e6),
    });
    rmSync(tree, { recursive: true });
  }
  rmSync(shards, { recursive: true });
}
console.table(table);
console.log(JSON.stringify(table));
