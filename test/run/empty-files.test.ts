import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import sharp from "sharp";
import { temporaryFolder } from "../temporary-folder.ts";
import { conversion } from "./conversion.ts";

const folder = temporaryFolder("empty");
process.env["VOXSHARD_CACHE"] = path.join(folder, "cache");

test("empty files of an extracted tree are dropped slices, wherever they lie, and alone a reject", async () => {
  const repo = path.join(folder, "repo", "ct_case", "000001");
  const slice = await sharp({ create: { width: 16, height: 16, channels: 3, background: "#406080" } })
    .png()
    .toBuffer();
  for (const [series, empty] of [
    ["first", ["0.png"]],
    ["last", ["2.png"]],
    ["all", ["0.png", "1.png", "2.png"]],
  ] as const) {
    await mkdir(path.join(repo, series), { recursive: true });
    for (const name of ["0.png", "1.png", "2.png"])
      await writeFile(path.join(repo, series, name), (empty as readonly string[]).includes(name) ? "" : slice);
  }
  const { rows, rejects } = await conversion(path.join(folder, "repo"), path.join(folder, "out"), {
    selection: { unlisted: true },
    output: { volume: "native" },
  });
  assert.deepEqual(
    [...rows.values()].map(({ id, slices_dropped }) => [id, slices_dropped]),
    [
      ["ct_case/000001/first", 1],
      ["ct_case/000001/last", 1],
    ],
  );
  assert.deepEqual(rejects, ["ct_case/000001/all: no-readable-slice"]);
});
