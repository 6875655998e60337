import assert from "node:assert/strict";
import { cp, rm } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { voxshard } from "../../command.ts";
import { type Files, filesOf } from "../determined-files.ts";
import { assertAsReference, assertNothingHalf, Site, shardsOf } from "./site.ts";

let site: Site;
let reference: Files;
/** A finished conversion, to be copied. */
let whole: string;
before(async () => {
  site = await Site.make();
  reference = await site.reference();
  whole = path.join(site.root, "schedule-0", "out");
});
after(() => site.close());

const run = (args: readonly string[], out: string) => voxshard(args, site.env({ out }));

test("two runs at once on one new folder: both end in the whole output", async () => {
  const out = path.join(await site.folder(), "out");
  const both = await Promise.all([1, 2].map((workers) => run(site.args({ out, workers }), out)));
  for (const { code, stderr } of both) assert.equal(code, 0, stderr);
  await assertAsReference(out, reference);
});

test("two first runs at once with different arguments: one has the folder, the other is refused and touches nothing", async () => {
  const out = path.join(await site.folder(), "out");
  const formats = ["parquet", "arrow"] as const;
  const both = await Promise.all(formats.map((format) => run(site.args({ out, format }), out)));
  const winner = both.findIndex(({ code }) => code === 0);
  const loser = both[1 - winner]!;
  assert.equal(loser.code, 65, loser.stderr);
  assert.match(loser.stderr, /holds a conversion with other arguments or of another revision; choose a new --out/);
  await assertAsReference(out, await site.reference(formats[winner]!));
});

test("other arguments on a folder that has a plan, half done or whole: refused, nothing touched", async () => {
  const out = path.join(await site.folder(), "out");
  assert.equal((await site.convert({ out, steps: { at: 40, do: "kill" } })).code, "killed");
  for (const folder of [out, whole]) {
    const before = await filesOf(folder);
    const other = await site.convert({ out: folder, more: ["--split", "train"] });
    assert.equal(other.code, 65, other.stderr);
    assert.match(other.stderr, /holds a conversion with other arguments or of another revision; choose a new --out/);
    assert.deepEqual(await filesOf(folder), before);
  }
});

test("one shard by two at once, then `missing` and `finalize`: shard and receipt as ever, the missing are named", async () => {
  const out = path.join(await site.folder(), "out");
  await cp(path.join(whole, ".voxshard/plan.json"), path.join(out, ".voxshard/plan.json"));
  const shard = ["run", "--plan", path.join(out, ".voxshard/plan.json"), "--shard"];
  for (const { code, stderr } of await Promise.all([run([...shard, "2"], out), run([...shard, "2"], out)]))
    assert.equal(code, 0, stderr);
  assert.deepEqual([...(await assertNothingHalf(out, reference)).keys()].length, 1);
  const others = `0-1,3-${shardsOf(reference).length - 1}`;
  assert.equal((await run(["missing", out], out)).stdout, `${others}\n`);
  const unfinished = await run(["finalize", out], out);
  assert.equal(unfinished.code, 75, unfinished.stderr);
  assert.ok(unfinished.stderr.includes(`shards are missing: ${others}; run convert again`), unfinished.stderr);
  assert.equal((await site.convert({ out })).code, 0);
  await assertAsReference(out, reference);
});

test("a shard whose file went is missing, though its receipt stands", async () => {
  const out = path.join(await site.folder(), "out");
  await cp(whole, out, { recursive: true, preserveTimestamps: true });
  await rm(path.join(out, shardsOf(reference)[0]!));
  const { stdout } = await run(["missing", out], out);
  assert.match(stdout, /^\d+\n$/);
  assert.equal((await run(["finalize", out], out)).code, 75);
  const again = await run(["run", "--plan", path.join(out, ".voxshard/plan.json"), "--shard", stdout.trim()], out);
  assert.equal(again.code, 0, again.stderr);
  assert.equal((await run(["finalize", out], out)).code, 0);
  await assertAsReference(out, reference);
});
