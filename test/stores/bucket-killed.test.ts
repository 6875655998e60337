import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { afterEach, before, beforeEach, test } from "node:test";
import type { FaultAction } from "../../devkit/hub/hub.ts";
import { Transport } from "../../src/bytes/http/transport.ts";
import { openStore } from "../../src/stores/open-store.ts";
import { voxshard } from "../command.ts";
import { type Files, filesOf } from "../properties/determined-files.ts";
import { phantomRepo } from "../publish/phantom-output.ts";
import { startWritableHub, type WritableHub } from "../publish/writable-hub.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const home = temporaryFolder("bucket-killed");
/** A row a shard, of more than goes together with small files: what an attempt's log sends does not hold it up. */
const OUTPUT = ["--dtype", "float16", "--codec", "none", "--shard-size", "5MB", "--limit", "2", "--no-preview"];
const SOURCE = "you/M3D-Cap";

let hub: WritableHub;
let env: Readonly<Record<string, string>>;
let whole: Files;
const cli = async (...args: readonly string[]) => {
  const { code, stdout, stderr } = await voxshard([...args, "--json", "--quiet"], env);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
};
let dir: string;
before(async () => {
  dir = await phantomRepo(home);
  await open();
  await cli("convert", SOURCE, ...OUTPUT, "--out", path.join(home, "whole"));
  whole = await filesOf(path.join(home, "whole"));
  await hub.close();
});
/** A Hub of its own for each: what a storage has it is not sent again. */
beforeEach(open);
afterEach(() => hub.close());
async function open(): Promise<void> {
  hub = await startWritableHub({ dir, repo: SOURCE, buckets: ["me/shards"] });
  const own = { TMPDIR: home, VOXSHARD_CACHE: path.join(home, "cache") };
  env = { HF_ENDPOINT: hub.endpoint, HF_TOKEN: "hf_writer", ...own };
}

interface Moment {
  readonly name: string;
  readonly route: string;
  readonly do: FaultAction;
  readonly isMet: (shard: string) => boolean;
  readonly isNamed: boolean;
}
const LARGE = 1_000_000;
const files = () => hub.state.buckets.get("me/shards")!.files;
const moments: readonly Moment[] = [
  {
    name: "while it sends the shard's bytes",
    route: "xet-xorb",
    do: { kind: "deaf", at: 20_000 },
    isMet: () => hub.log.some(({ route, received }) => route === "xet-xorb" && received >= 20_000),
    isNamed: false,
  },
  {
    name: "between the bytes and their name",
    route: "bucket-batch",
    do: { kind: "deaf", at: 0 },
    isMet: () => [...hub.state.cas.files.values()].some(({ size }) => size > LARGE),
    isNamed: false,
  },
  {
    name: "when the shard is named and it has not heard of it",
    route: "bucket-batch",
    do: { kind: "custom", reply: () => new Promise(() => {}) },
    isMet: (shard) => files().has(shard),
    isNamed: true,
  },
];

for (const [at, { name, route, do: action, isMet, isNamed }] of moments.entries())
  test(`a task that is killed ${name} leaves nothing half there, and the next one goes on`, async () => {
    const address = `hf://buckets/me/shards/${at}`;
    const { shards } = await cli("plan", SOURCE, ...OUTPUT, "--out", address);
    const run = ["run", "--plan", `${address}/.voxshard/plan.json`, "--shards", `0-${shards - 1}`];
    const shard = `${at}/${Object.keys(whole).find((one) => one.startsWith("data/"))}`;
    hub.faults.push({ route, do: action });
    const killed = await voxshard(run, env, { signal: "SIGKILL", when: () => isMet(shard) });
    hub.faults.length = 0;
    assert.equal(killed.code, null, killed.stderr);
    assert.equal(files().has(shard), isNamed);
    assert.ok(![...files().keys()].some((key) => key.startsWith(`${at}/.voxshard/receipts/`)));
    await cli(...run);
    await cli("finalize", address);
    assert.deepEqual(await brought(address), whole);
    assert.ok(!(await readdir(home)).some((one) => one.startsWith("voxshard")), "what the killed one left is swept");
  });

/** Those of the store's files that a folder has too. */
async function brought(address: string): Promise<Files> {
  const transport = new Transport();
  const store = openStore(address, { env, transport });
  const folder = path.join(home, "brought", address.slice(-1));
  for (const name of Object.keys(whole)) await store.get(name, path.join(folder, name));
  await transport.close();
  return filesOf(folder);
}
