import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { isFault } from "../../src/errors.ts";
import type { Store } from "../../src/stores/store.ts";
import { noise } from "../rows/rows.ts";

/** Two ways to one empty store, as two machines have; `close` lets go of what it stands on. */
export type OpenStore = () => Promise<{ store: Store; other: Store; close?: () => Promise<void> }>;

/** Larger than any buffer on the way, and of no round size. */
const SIZE = 3_456_789;

/** What every store promises. */
export function storeSuite(name: string, open: OpenStore): void {
  describe(`${name} keeps the promises of a store`, () => {
    let store: Store;
    let other: Store;
    let close: (() => Promise<void>) | undefined;
    let home: string;
    before(async () => {
      home = await mkdtemp(path.join(tmpdir(), "store-"));
      ({ store, other, close } = await open());
    });
    after(async () => {
      await close?.();
      await rm(home, { recursive: true, force: true });
    });
    let made = 0;
    const file = async (bytes: Uint8Array | string) => {
      const name = path.join(home, `file-${made++}`);
      await writeFile(name, bytes);
      return name;
    };
    const target = () => path.join(home, `got-${made++}`);
    const got = async (key: string, from = other) => {
      const to = target();
      assert.equal(await from.get(key, to), true, key);
      return readFile(to);
    };
    const keys = async (prefix: string) => {
      const found: string[] = [];
      for await (const { key } of other.list(prefix)) found.push(key);
      return found;
    };

    test("what is put is there at once for others, byte for byte; nothing is an object too", async () => {
      const bytes = noise(SIZE, 3);
      for (const [key, content] of Object.entries({ "a/large": bytes, "a/empty": new Uint8Array() })) {
        assert.equal(await store.putIfAbsent(key, await file(content)), true);
        assert.ok(Buffer.from(content).equals(await got(key)), key);
      }
    });

    test("a key that is taken stays as it is", async () => {
      assert.equal(await store.putIfAbsent("b/one", await file("first")), true);
      assert.equal(await other.putIfAbsent("b/one", await file("second")), false);
      assert.equal((await got("b/one")).toString(), "first");
    });

    test("of many that write one key at once, one does, and its bytes are whole", async () => {
      const contents = [1, 2, 3, 4, 5, 6].map((seed) => noise(500_000 + seed, seed));
      const files = await Promise.all(contents.map(file));
      const first = await Promise.all(
        files.map((one, at) => (at % 2 === 0 ? store : other).putIfAbsent("c/raced", one)),
      );
      // Where the store is not atomic, several may be told that they did; it is one of them whose object stays.
      const did = contents.filter((_, at) => first[at]);
      const stands = await got("c/raced");
      assert.equal(did.filter((one) => stands.equals(one)).length, 1);
      if (store.isAtomic) assert.equal(did.length, 1);
      assert.equal(await other.putIfAbsent("c/raced", files[0]!), false);
      assert.ok(stands.equals(await got("c/raced")));
    });

    test("what is not there is not brought, and no file is left of it", async () => {
      const to = target();
      assert.equal(await store.get("d/none", to), false);
      assert.ok(!(await readdir(home)).includes(path.basename(to)));
    });

    test("a file that is there gives way to what is brought", async () => {
      await store.putIfAbsent("e/new", await file("new"));
      const to = await file("a longer old one");
      await other.get("e/new", to);
      assert.equal(await readFile(to, "utf8"), "new");
    });

    test("a list has all that begins so, in order, with sizes, over any number of pages", async () => {
      const names = Array.from({ length: 1203 }, (_, at) => `f/${String(at).padStart(5, "0")}.json`);
      const one = await file("1234567");
      for (let at = 0; at < names.length; at += 50)
        await Promise.all(names.slice(at, at + 50).map((key) => store.putIfAbsent(key, one)));
      await store.putIfAbsent("f/deeper/file", one);
      await store.putIfAbsent("fa", one);
      assert.deepEqual(await keys("f/"), [...names, "f/deeper/file"]);
      assert.deepEqual(await keys("f/0120"), names.slice(1200));
      assert.deepEqual(await keys("nothing/"), []);
      for await (const { byteLength } of other.list("f/0000")) assert.equal(byteLength, 7);
    });

    test("what is deleted is gone, its key is free, and others stay; none is no error", async () => {
      await store.putIfAbsent("g/one", await file("old"));
      await store.putIfAbsent("g/one.more", await file("other"));
      await other.delete("g/one");
      await other.delete("g/one");
      assert.deepEqual(await keys("g/"), ["g/one.more"]);
      assert.equal(await store.putIfAbsent("g/one", await file("new")), true);
      assert.equal((await got("g/one")).toString(), "new");
    });

    test("names that shards, receipts and logs have", async () => {
      const names = ["data/train-00000-of-00012.parquet", ".voxshard/attempts/00003.node_1-a.77.jsonl", "h/a b+c%d=ä"];
      for (const key of names) {
        await store.putIfAbsent(key, await file(key));
        assert.equal((await got(key)).toString(), key);
        assert.deepEqual(await keys(key), [key]);
      }
    });

    test("what cannot be read is an error that says so, and puts nothing", async () => {
      await assert.rejects(store.putIfAbsent("i/none", path.join(home, "none")), (error) => isFault(error));
      assert.deepEqual(await keys("i/"), []);
    });

    test("an aborted call ends with the reason, and leaves nothing half done", async () => {
      const reason = new Error("no longer wanted");
      const bytes = await file(noise(SIZE, 9));
      await assert.rejects(store.putIfAbsent("j/one", bytes, AbortSignal.abort(reason)), reason);
      assert.deepEqual(await keys("j/"), []);
      const to = target();
      await assert.rejects(store.get("a/large", to, AbortSignal.abort(reason)), reason);
      assert.ok(!(await readdir(home)).includes(path.basename(to)));
    });
  });
}
