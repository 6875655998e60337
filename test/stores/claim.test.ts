import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { isFault } from "../../src/errors.ts";
import { claimAlone } from "../../src/output/claim-alone.ts";
import { Mirror } from "../../src/stores/mirror.ts";
import type { Store } from "../../src/stores/store.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const home = temporaryFolder("claim");

/** Lets one of those who wait go on at a time, once all of them wait: whom, `choose` says. */
class Turns {
  private waiting: (() => void)[] = [];
  private alive: number;
  private readonly choose: (count: number) => number;
  constructor(alive: number, choose: (count: number) => number) {
    this.alive = alive;
    this.choose = choose;
  }
  take(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.next();
    });
  }
  leave(): void {
    this.alive -= 1;
    this.next();
  }
  private next(): void {
    if (this.waiting.length < this.alive || this.alive === 0) return;
    this.waiting.splice(this.choose(this.waiting.length), 1)[0]!();
  }
}

/** A store that looks, and then writes: in between, others may do what they like. */
function lookingStore(objects: Map<string, string>, turns: Turns, isAtomic: boolean): Store {
  return {
    isAtomic,
    async putIfAbsent(key, file) {
      await turns.take();
      if (objects.has(key)) return false;
      await turns.take();
      objects.set(key, await readFile(file, "utf8"));
      return true;
    },
    async get(key, file) {
      await turns.take();
      const found = objects.get(key);
      if (found !== undefined) await writeFile(file, found);
      return found !== undefined;
    },
    async *list(prefix) {
      await turns.take();
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
      for (const key of keys) yield { key, byteLength: objects.get(key)!.length };
    },
    async delete(key) {
      await turns.take();
      objects.delete(key);
    },
  };
}

/** Plans that claim one place, their steps in the order that the bits of `order` say; gives those that got in. */
async function claimed(plans: readonly string[], order: number, isAtomic = false) {
  const objects = new Map<string, string>();
  let step = 0;
  const turns = new Turns(plans.length, (count) => (order >> (step++ % 8)) % count);
  const claim = async (plan: string, at: number) => {
    const folder = path.join(home, `${at}`);
    const mirror = new Mirror(lookingStore(objects, turns, isAtomic), "store", folder);
    const file = path.join(folder, "plan.json");
    try {
      await claimAlone(mirror, plan, async () => {
        await mkdir(folder, { recursive: true });
        await writeFile(file, plan);
        if (!(await mirror.sendFirst(file))) await mirror.bring(file);
      });
      if ((await readFile(file, "utf8")) !== plan) return [];
      return [plan];
    } catch (error) {
      assert.ok(isFault(error, "commit-raced"), String(error));
      return [];
    } finally {
      turns.leave();
    }
  };
  const did = await Promise.all(plans.map(claim));
  return { did: did.flat(), objects };
}

test("of two plans that claim a place at once at most one gets in, in whatever order they go; what is left is the plan", async () => {
  const seen = new Set<number>();
  for (let order = 0; order < 256; order++) {
    const { did, objects } = await claimed(["one", "two"], order);
    seen.add(did.length);
    assert.deepEqual([...objects], did.length === 0 ? [] : [["plan.json", did[0]]], `order ${order}`);
    assert.ok(did.length < 2, `order ${order}`);
  }
  assert.deepEqual([...seen].sort(), [0, 1], "both outcomes were met");
});

test("the same plan from two machines gets in from both", async () => {
  for (let order = 0; order < 256; order += 3) {
    const { did, objects } = await claimed(["one", "one"], order);
    assert.deepEqual([did, [...objects]], [["one", "one"], [["plan.json", "one"]]], `order ${order}`);
  }
});

test("without a key of its own, both would get in", async () => {
  let most = 0;
  for (let order = 0; order < 64; order++)
    most = Math.max(most, (await claimed(["one", "two"], order, true)).did.length);
  assert.equal(most, 2);
});
