import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { startHub } from "../../devkit/hub/hub.ts";
import { findPython, runPython } from "../../scripts/python.ts";
import { publish } from "../../src/run/publish.ts";
import { verify } from "../../src/run/verify.ts";
import { converted, phantomRepo } from "../publish/phantom-output.ts";
import { startWritableHub } from "../publish/writable-hub.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { expectedVolumes } from "./expected-volumes.ts";

const root = temporaryFolder("python");
const repo = await phantomRepo(root);
const env = { HF_HOME: path.join(root, "hf") };

function pythonWith(...modules: string[]): { python?: string; skip?: string } {
  const python = findPython(modules);
  return python === undefined ? { skip: `Python's ${modules.join(", ")} are not installed` } : { python };
}

const client = pythonWith("huggingface_hub");
test("Python's Hub client lists, downloads and reads ranges of what the miniature Hub serves", client, async (t) => {
  const hub = await startHub({ dir: repo, repo: "phantoms/M3D-Cap" });
  t.after(() => hub.close());
  const settings = { ...env, HF_ENDPOINT: hub.endpoint, HF_TOKEN: undefined };
  const run = await runPython(client.python!, ["scripts/downloaded.py", "phantoms/M3D-Cap", repo], settings);
  assert.equal(run.code, 0, run.text);
  assert.match(run.text, /\d+ files listed, downloaded and read in ranges/);
  const parts = hub.log.filter(({ range, status }) => status === 206 && !range?.startsWith("bytes=0-"));
  assert.ok(parts.length > 0, "no part of a file was asked for");
});

const readers = pythonWith("pyarrow", "polars", "duckdb", "datasets", "PIL");
const layouts = [
  ["Parquet by hyparquet-writer", { codec: "snappy" }, 4],
  ["Parquet, LZ4", { codec: "lz4" }, 4],
  ["Parquet, Zstandard", { codec: "zstd" }, 4],
  ["Parquet by parquetjs-lite", { engine: "parquetjs-lite", codec: "snappy" }, 4],
  ["Arrow", { format: "arrow" }, 3],
  ["Arrow as a stream", { format: "arrow-stream" }, 3],
] as const;
test(
  "Python's readers find each volume that was assembled, and previews are pictures, in each layout",
  readers,
  async () => {
    const folders: string[] = [];
    for (const [name, output] of layouts) {
      const out = path.join(root, name);
      folders.push(out, await expectedVolumes(out, await converted(out, repo, { output })));
    }
    // In one process, since loading the readers takes longer than reading.
    const run = await runPython(readers.python!, ["scripts/readers.py", ...folders], env);
    assert.equal(run.code, 0, run.text);
    for (const [name, , count] of layouts) {
      const agreed = new RegExp(`^${name}: (pyarrow|polars|duckdb|datasets) \\S+: 24 rows$`, "gm");
      assert.equal(run.text.match(agreed)?.length, count, run.text);
    }
  },
);

const publisher = pythonWith("huggingface_hub", "datasets", "PIL");
test("Python's clients load what is published, and publish to the miniature Hub", publisher, async (t) => {
  const hub = await startWritableHub();
  t.after(() => hub.close());
  const out = path.join(root, "published");
  const file = await expectedVolumes(out, await converted(out, repo));
  await publish((await verify(out)).verified!, "me/phantoms", { endpoint: hub.endpoint });
  const settings = { ...env, HF_ENDPOINT: hub.endpoint, HF_TOKEN: "hf_writer" };
  const run = await runPython(publisher.python!, ["scripts/published.py", "me/phantoms", file], settings);
  assert.equal(run.code, 0, run.text);
});
