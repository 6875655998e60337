import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { startHub } from "../../devkit/hub/hub.ts";
import { noise } from "../../devkit/rows/rows.ts";
import { findPython, runPython } from "../../scripts/python.ts";
import { Transport } from "../../src/bytes/http/transport.ts";
import { openStore } from "../../src/stores/open-store.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const modules = ["huggingface_hub._buckets", "hf_xet"];
const python = findPython(modules);
const missing = python === undefined ? { skip: `Python's ${modules.join(", ")} are not installed` } : {};

test("Python's client brings what a store has put into a bucket, and the store what Python has", missing, async (t) => {
  const home = temporaryFolder("python-bucket");
  const tokens = { hf_writer: { name: "me", role: "write" } } as const;
  const hub = await startHub({ tokens, buckets: ["me/shards"], pageSize: 2 });
  const transport = new Transport();
  t.after(async () => {
    await transport.close();
    await hub.close();
  });
  const env = { HF_ENDPOINT: hub.endpoint, HF_TOKEN: "hf_writer" };
  const store = openStore("hf://buckets/me/shards", { env, transport });
  const contents: Readonly<Record<string, Uint8Array>> = {
    "data/train-00000-of-00002.parquet": noise(5_000_000, 1),
    "data/train-00001-of-00002.parquet": Buffer.from("the same, over and over; ".repeat(40_000)),
    ".voxshard/plan.json": Buffer.from("{}"),
    "rejects.jsonl": new Uint8Array(),
  };
  const put = async ([key, bytes]: readonly [string, Uint8Array]) => {
    const file = path.join(home, key.replaceAll("/", "-"));
    await writeFile(file, bytes);
    assert.equal(await store.putIfAbsent(key, file), true);
  };
  await Promise.all(Object.entries(contents).map(put));
  const [folder, own] = [path.join(home, "brought"), path.join(home, "own")];
  const theirs = Buffer.concat([noise(2_000_000, 2), Buffer.from(new Float32Array(99_999).fill(0.25).buffer)]);
  await writeFile(own, theirs);
  const cache = {
    HF_HOME: path.join(home, "hf"),
    HF_XET_CACHE: path.join(home, "xet"),
    HF_HUB_DISABLE_PROGRESS_BARS: "1",
  };
  const run = await runPython(python!, ["scripts/bucket_client.py", "me/shards", folder, own], { ...env, ...cache });
  assert.equal(run.code, 0, run.text);
  assert.match(run.text, /^4 files$/m);
  for (const [key, bytes] of Object.entries(contents))
    assert.ok(Buffer.from(bytes).equals(await readFile(path.join(folder, key))), key);
  assert.equal(await store.get("from/python", path.join(home, "got")), true);
  assert.ok(theirs.equals(await readFile(path.join(home, "got"))));
});
