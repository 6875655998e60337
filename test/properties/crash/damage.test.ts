import assert from "node:assert/strict";
import { cp, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { verify } from "../../../src/run/verify.ts";
import type { Files } from "../determined-files.ts";
import { assertAsReference, assertNothingHalf, Site, shardsOf } from "./site.ts";

let site: Site;
let reference: Files;
let whole: string;
before(async () => {
  site = await Site.make();
  reference = await site.reference();
  whole = path.join(site.root, "schedule-0", "out");
});
after(() => site.close());

const RECEIPT = ".voxshard/receipts/00001.json";

async function flip(file: string, at: number): Promise<void> {
  const bytes = await readFile(file);
  bytes[Math.floor(at * bytes.length)]! ^= 4;
  await writeFile(file, bytes);
}

async function edit(file: string, change: (receipt: Record<string, unknown>) => object): Promise<void> {
  const receipt = JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>;
  await writeFile(file, JSON.stringify({ ...receipt, ...change(receipt) }));
}

interface Damage {
  readonly name: string;
  /** `shards` are the shards' files. */
  readonly do: (out: string, shards: readonly string[]) => Promise<unknown>;
  readonly says: RegExp;
  /** Shards that are then made again. */
  readonly made: number;
}

const damages: readonly Damage[] = [
  ...[0.1, 0.5, 0.95].map((at) => ({
    name: `a bit flipped at ${100 * at} % of a shard`,
    do: (_: string, [shard]: readonly string[]) => flip(shard!, at),
    says: /its SHA-256 is [0-9a-f]{64}, its receipt says [0-9a-f]{64}; run convert again/,
    made: 1,
  })),
  {
    name: "a shard cut short",
    do: (_, [, shard]) => truncate(shard!, 9000),
    says: /cannot be read as hyparquet-writer/,
    made: 1,
  },
  { name: "an empty shard", do: (_, [, shard]) => truncate(shard!, 0), says: /its SHA-256 is/, made: 1 },
  {
    name: "a shard missing",
    do: (_, [shard]) => rm(shard!),
    says: /is missing or cannot be read; run convert again/,
    made: 1,
  },
  {
    name: "two shards swapped",
    async do(out, [one, other]) {
      await rename(one!, path.join(out, "aside"));
      await rename(other!, one!);
      await rename(path.join(out, "aside"), other!);
    },
    says: /its SHA-256 is .*run convert again/,
    made: 2,
  },
  {
    name: "two receipts swapped",
    async do(out) {
      const [one, other] = [path.join(out, RECEIPT), path.join(out, RECEIPT.replace("1.", "2."))];
      await rename(one, `${one}.aside`);
      await rename(other, one);
      await rename(`${one}.aside`, other);
    },
    says: /its receipt is another shard's; run convert again/,
    made: 2,
  },
  {
    name: "a receipt missing",
    do: (out) => rm(path.join(out, RECEIPT)),
    says: /has no receipt; run convert again/,
    made: 1,
  },
  {
    name: "a receipt cut short",
    do: (out) => truncate(path.join(out, RECEIPT), 100),
    says: /its receipt is damaged; run convert again/,
    made: 1,
  },
  ...(["rows", "sha256", "byteLength", "ids", "volumes", "rejects", "dropped", "of"] as const).map((key) => ({
    name: `a receipt whose ${key} were edited`,
    do: (out: string) =>
      edit(path.join(out, RECEIPT), (receipt) => {
        const value = receipt[key];
        if (typeof value === "number") return { [key]: value + 1 };
        if (typeof value === "string") return { [key]: value.replace(/^./, (first) => (first === "0" ? "1" : "0")) };
        if (key === "ids" || key === "volumes") return { [key]: (value as string[]).slice(1) };
        if (key === "dropped") return { [key]: [{ id: "ct_case/000006/x", files: ["1.png"] }] };
        return { [key]: [{ id: "x", image: null, split: null, reason: "no-slices", detail: "x" }] };
      }),
    says: /its receipt is damaged or was edited; run convert again/,
    made: 1,
  })),
  {
    name: "index.parquet missing",
    do: (out) => rm(path.join(out, "index.parquet")),
    says: /index\.parquet: cannot be read.*run convert again/,
    made: 0,
  },
  {
    name: "another index.parquet",
    async do(out) {
      const other = path.join(await site.folder(), "out");
      const { code } = await site.convert({ out: other, more: ["--split", "train"] });
      assert.equal(code, 0);
      await cp(path.join(other, "index.parquet"), path.join(out, "index.parquet"));
    },
    says: /index\.parquet: its row \d+ is not the shards'; run convert again/,
    made: 0,
  },
  {
    name: "rejects.jsonl edited",
    do: (out) => writeFile(path.join(out, "rejects.jsonl"), "{}\n"),
    says: /rejects\.jsonl: does not hold the plan's and the receipts' rejects; run convert again/,
    made: 0,
  },
  { name: "README.md missing", do: (out) => rm(path.join(out, "README.md")), says: /README\.md: is missing/, made: 0 },
];

for (const damage of damages)
  test(`${damage.name}: verify says so, convert repairs it and makes ${damage.made} again`, async () => {
    const out = path.join(await site.folder(), "out");
    await cp(whole, out, { recursive: true, preserveTimestamps: true });
    const untouched = await assertNothingHalf(out, reference);
    const files = shardsOf(reference).map((name) => path.join(out, name));
    await damage.do(out, files);
    const { problems, verified } = await verify(out);
    assert.equal(verified, undefined);
    assert.match(problems.map(({ where, what }) => `${where}: ${what}`).join("\n"), damage.says);
    const repaired = await site.convert({ out });
    assert.equal(repaired.code, 0, repaired.stderr);
    const { made, rows } = JSON.parse(repaired.stdout) as { made: number; rows: number };
    assert.deepEqual([made, rows], [damage.made, 8]);
    await assertAsReference(out, reference);
    let again = 0;
    const after = await assertNothingHalf(out, reference);
    for (const [name, identity] of untouched) if (after.get(name) !== identity) again += 1;
    assert.equal(again, damage.made, "other shards are not written again");
    assert.deepEqual((await verify(out)).problems, []);
  });

test("a file too many in data/: verify says so, convert lets it be", async () => {
  const out = path.join(await site.folder(), "out");
  await cp(whole, out, { recursive: true });
  await writeFile(path.join(out, "data", "notes.txt"), "mine");
  const words = [{ where: "data/notes.txt", what: "belongs to no shard of the plan; move it elsewhere" }];
  assert.deepEqual((await verify(out)).problems, words);
  assert.equal((await site.convert({ out })).code, 0);
  assert.equal(await readFile(path.join(out, "data", "notes.txt"), "utf8"), "mine");
});
