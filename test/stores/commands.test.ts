import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { startS3 } from "../../devkit/s3/s3-server.ts";
import { Transport } from "../../src/bytes/http/transport.ts";
import { openStore } from "../../src/stores/open-store.ts";
import type { Store } from "../../src/stores/store.ts";
import { type Ended, ownProcess, voxshard } from "../command.ts";
import { type Files, filesOf } from "../properties/determined-files.ts";
import { phantomRepo } from "../publish/phantom-output.ts";
import { startWritableHub, type WritableHub } from "../publish/writable-hub.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const OUTPUT = ["--size", "8,64,64", "--dtype", "uint8", "--codec", "none", "--shard-size", "75kB", "--limit", "3"];
const SOURCE = "you/M3D-Cap";

const home = temporaryFolder("store-commands");
let hub: WritableHub;
/** Of one `convert` into a folder. */
let whole: Files;
const shardNames = () => Object.keys(whole).filter((name) => name.startsWith("data/"));
before(async () => {
  const quotas = { api: 1e6, resolvers: 1e6 };
  hub = await startWritableHub({ dir: await phantomRepo(home), repo: SOURCE, buckets: ["me/shards"], quotas });
  const nowhere = new Place("", {}, home);
  await ok(nowhere.run(["convert", SOURCE, ...OUTPUT, "--out", path.join(home, "whole"), "--endpoint", hub.endpoint]));
  whole = await filesOf(path.join(home, "whole"));
});
after(async () => {
  for (const place of places.values()) await (await place).close();
  await hub.close();
});

type Stop = Parameters<typeof voxshard>[2];
async function ok(ended: Promise<Ended>) {
  const { code, stdout, stderr } = await ended;
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

class Place {
  readonly address: string;
  readonly env: Readonly<Record<string, string>>;
  readonly scratch: string;
  readonly close: () => Promise<void>;
  constructor(address: string, env: Readonly<Record<string, string>>, scratch: string, close = async () => {}) {
    this.address = address;
    this.env = { ...env, TMPDIR: scratch, VOXSHARD_CACHE: path.join(home, "cache") };
    this.scratch = scratch;
    this.close = close;
  }
  run(args: readonly string[], stop?: Stop): Promise<Ended> {
    return voxshard([...args, "--json", "--quiet"], this.env, stop);
  }
  task(args: readonly string[], stop?: Stop): Promise<Ended> {
    const plan = `${this.address}/.voxshard/plan.json`;
    // Tries are told apart by their process.
    return ownProcess(
      ["run", "--plan", plan, "--endpoint", hub.endpoint, ...args, "--json", "--quiet"],
      this.env,
      stop,
    );
  }
  async withStore(work: (store: Store) => Promise<void>): Promise<void> {
    const transport = new Transport();
    await work(openStore(this.address, { env: this.env, transport })).finally(() => transport.close());
  }
  /** Throws unless the store has, byte for byte, what a folder has. */
  async assertWhole(): Promise<void> {
    const got = await mkdtemp(path.join(home, "got-"));
    await this.withStore(async (store) => {
      for await (const { key } of store.list("")) await store.get(key, path.join(got, key));
    });
    const apart = /\.voxshard[\\/](?:sent|index)[\\/]/;
    const files = Object.entries(await filesOf(got)).filter(([name]) => !apart.test(name));
    assert.deepEqual(Object.fromEntries(files), whole);
  }
}

const kinds: Readonly<Record<string, (scratch: string) => Promise<Place>>> = {
  "a folder": async (scratch) => new Place(pathToFileURL(path.join(home, "store/m3d")).href, {}, scratch),
  S3: async (scratch) => {
    const { bucket, env, close } = await startS3();
    return new Place(`s3://${bucket}/derived/m3d`, env, scratch, close);
  },
  "a bucket": async (scratch) =>
    new Place("hf://buckets/me/shards/derived/m3d", { HF_ENDPOINT: hub.endpoint, HF_TOKEN: "hf_writer" }, scratch),
};
const places = new Map<string, Promise<Place>>();
async function opened(kind: string): Promise<Place> {
  const scratch = path.join(home, kind);
  await mkdir(scratch, { recursive: true });
  return kinds[kind]!(scratch);
}

/** Tests of one kind of store go on from each other. */
function everywhere(name: string, work: (place: Place) => Promise<void>): void {
  for (const kind of Object.keys(kinds))
    test(`${kind}: ${name}`, async () => {
      if (!places.has(kind)) places.set(kind, opened(kind));
      await work(await places.get(kind)!);
    });
}

everywhere(
  "plan, tasks of which one dies and one runs twice at once, missing, finalize: what one convert gives",
  async (place) => {
    const { address } = place;
    const planned = await ok(place.run(["plan", SOURCE, ...OUTPUT, "--out", address, "--endpoint", hub.endpoint]));
    assert.equal(planned.plan, `${address}/.voxshard/plan.json`);
    assert.ok(planned.shards >= 4, `${planned.shards} shards`);
    hub.resetLog();
    const killed = await place.task(["--shard", "1"], { signal: "SIGKILL", when: () => hub.log.length > 0 });
    assert.equal(killed.code, null);
    const [twice] = await Promise.all([ok(place.task(["--shard", "0"])), ok(place.task(["--shard", "0"]))]);
    assert.deepEqual([twice.shards[0].shard, twice.made], [0, true]);
    assert.equal((await place.run(["finalize", address])).code, 75, "shards are missing");
    const { missing, shards } = await ok(place.run(["missing", address]));
    assert.deepEqual(
      missing,
      Array.from({ length: shards - 1 }, (_, at) => at + 1),
    );
    await ok(place.task(["--shards", missing.join(",")]));
    assert.equal((await ok(place.task(["--shards", `0-${shards - 1}`]))).made, 0);
    await ok(place.run(["finalize", address]));
    await place.assertWhole();
    assert.deepEqual(await readdir(place.scratch), [], "what the killed one left is swept too");
  },
);

everywhere("status tells it from receipts and logs; verify reads it back", async (place) => {
  const status = await ok(place.run(["status", place.address]));
  assert.equal(status.done, shardNames().length);
  assert.ok(status.attempts > status.done, `${status.attempts} attempts`);
  const verified = await ok(place.run(["verify", place.address]));
  assert.deepEqual([verified.problems, verified.folder], [[], place.address]);
});

everywhere("publish sends it, as it sends a folder", async (place) => {
  const id = `me/stored-${place.address.slice(0, 2)}`;
  const publish = (from: string, to: string) => ok(place.run(["publish", from, to, "--endpoint", hub.endpoint]));
  await publish(place.address, id);
  await publish(path.join(home, "whole"), "me/folder");
  const files = (name: string) =>
    [...hub.repo(name).at("main").entries].map(([key, { size, oid }]) => [key, key === "README.md" || [size, oid]]);
  assert.deepEqual(files(id), files("me/folder"));
  assert.equal((await publish(place.address, id)).commits, 0);
});

everywhere("what is lost or damaged in it is missing, or named", async (place) => {
  const [first = "", second = ""] = shardNames();
  await place.withStore(async (store) => {
    await store.delete(first);
    await store.delete(second);
    assert.equal((await ok(place.run(["missing", place.address]))).missing.length, 2);
    await store.putIfAbsent(second, path.join(home, "whole", first));
  });
  const verified = await place.run(["verify", place.address]);
  assert.equal(verified.code, 65);
  const named = JSON.parse(verified.stdout).problems.map(({ where }: { readonly where: string }) => where);
  assert.ok(named.includes(first) && named.includes(second), named.join());
  await place.withStore((store) => store.delete(second));
  await ok(place.task(["--shards", `0-${shardNames().length - 1}`]));
  await place.assertWhole();
});

everywhere("another plan's store, one with other things, and what only a folder can are refused", async (place) => {
  const planned = (...more: string[]) => place.run(["plan", SOURCE, ...more, "--endpoint", hub.endpoint]);
  const other = await planned("--limit", "2", "--out", place.address);
  assert.equal(other.code, 65);
  assert.ok(other.stderr.includes(`${place.address}: holds a conversion with other arguments`), other.stderr);
  const foreign = await planned("--out", place.address.replace(/\/\w+$/, ""));
  assert.equal(foreign.code, 73, foreign.stderr);
  assert.equal((await place.run(["convert", SOURCE, "--out", place.address])).code, 64);
  assert.equal((await place.run(["publish", place.address, "me/x", "--recipe"])).code, 64);
});
