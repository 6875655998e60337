import assert from "node:assert/strict";
import { readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { downloadFile, listFiles } from "@huggingface/hub";
import { isFault } from "../../src/errors.ts";
import type { VerifiedFolder } from "../../src/model/verified.ts";
import { sha256OfFile } from "../../src/output/output-folder.ts";
import { takeDown } from "../../src/output/take-down.ts";
import { type Published, type PublishOptions, type PublishProgress, publish } from "../../src/run/publish.ts";
import { verify } from "../../src/run/verify.ts";
import { lintCard } from "../../src/verify/lint-card.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { converted, phantomRepo } from "./phantom-output.ts";
import { startWritableHub, type WritableHub } from "./writable-hub.ts";

const ID = "me/m3d-shards";
const root = temporaryFolder("publish");
let out: string;
let many: string;
let hub: WritableHub;
before(async () => {
  const repo = await phantomRepo(root);
  [out, many] = [path.join(root, "out"), path.join(root, "many")];
  await converted(out, repo);
  // A row a shard: 54, more than a commit takes.
  await converted(many, await phantomRepo(path.join(root, "large"), 9), { output: { shardBytes: 1 } });
});
beforeEach(async () => {
  await hub?.close();
  hub = await startWritableHub();
});
after(() => hub.close());

const held = async (folder: string): Promise<VerifiedFolder> => {
  const { verified, problems } = await verify(folder);
  assert.deepEqual(problems, []);
  return verified!;
};
const retry = { firstWaitMs: 1, maxWaitMs: 5 };
const send = async (folder: string, options: PublishOptions = {}): Promise<Published> =>
  publish(await held(folder), ID, { endpoint: hub.endpoint, retry, ...options });
const access = () => ({ repo: { type: "dataset" as const, name: ID }, hubUrl: hub.endpoint, accessToken: "hf_writer" });

/** Every commit's card must name files that are there, all of them, and as many as their names say. */
function assertWholeAtEveryCommit(): void {
  for (const commit of hub.repo(ID).commits.values()) {
    const paths = [...commit.entries.keys()].filter((one) => one !== ".gitattributes");
    const readme = hub.textOf(commit, "README.md");
    if (readme === undefined) assert.deepEqual(paths, [], "without a card there is no file");
    else if (readme.includes("being uploaded")) assert.match(readme, /data_files: being-uploaded/);
    else {
      const named = paths.filter(
        (one) => !one.startsWith("data/") || readme.includes(one.replace(/-\d{5}-of-/, "-*-of-")),
      );
      assert.deepEqual(lintCard(readme, named), []);
      for (const one of named.filter((one) => one.startsWith("data/"))) {
        const [, split, total] = /data\/(\w+)-\d{5}-of-(\d{5})/.exec(one)!;
        const there = named.filter((other) => other.startsWith(`data/${split}-`) && other.includes(`-of-${total}.`));
        assert.equal(there.length, Number(total), `${one} at a commit with ${there.length} of them`);
      }
    }
  }
}

test("what was published is read back by the Hub's client and by DuckDB as it was converted", async () => {
  const shown: PublishProgress[] = [];
  const published = await send(out, { onProgress: (progress) => shown.push({ ...progress }) });
  assert.equal(hub.repo(ID).access, "private");
  assertProgress(shown);
  assert.equal(published.commits, 1);
  const fetched = path.join(root, "fetched");
  const names: string[] = [];
  for await (const entry of listFiles({ ...access(), recursive: true })) {
    // The client asks for byte 0 of an empty file, and takes the refusal for an error.
    if (entry.type !== "file" || entry.size === 0) continue;
    const blob = await downloadFile({ ...access(), path: entry.path, revision: published.commit });
    await writeFile(path.join(await folderOf(fetched, entry.path)), Buffer.from(await blob!.arrayBuffer()));
    names.push(entry.path);
  }
  assert.ok(["README.md", "index.parquet"].every((name) => names.includes(name)));
  const db = await (await DuckDBInstance.create()).connect();
  const columns = "id, split, report, sha256(volume.bytes) AS volume, octet_length(preview.bytes) AS preview";
  const [there, here] = await Promise.all(
    [fetched, out].map(async (folder) =>
      (await db.runAndReadAll(`SELECT ${columns} FROM '${folder}/data/*.parquet' ORDER BY id`)).getRows(),
    ),
  );
  assert.equal(there!.length, 24);
  assert.deepEqual(there, here);
  assert.match(await readFile(path.join(fetched, "README.md"), "utf8"), /^license: cc0-1\.0$/m);
  hub.assertNoLeaks();
});

/** One bar of bytes and files: from nothing to all, and never beyond. */
function assertProgress(shown: readonly PublishProgress[]): void {
  const { bytes, totalBytes, shards, totalShards } = shown.at(-1)!;
  assert.deepEqual([bytes >= totalBytes, shards], [true, totalShards]);
  const falls = shown.filter((one, at) => at > 0 && one.bytes < shown[at - 1]!.bytes);
  assert.deepEqual(falls, [], "nothing failed, so nothing is taken back");
}

async function folderOf(base: string, name: string): Promise<string> {
  const { mkdir } = await import("node:fs/promises");
  await mkdir(path.dirname(path.join(base, name)), { recursive: true });
  return path.join(base, name);
}

test("publishing again makes no commit and sends no file", async () => {
  await send(out);
  hub.resetLog();
  const shown: PublishProgress[] = [];
  const again = await send(out, { onProgress: (progress) => shown.push({ ...progress }) });
  assertProgress(shown);
  assert.equal(again.commits, 0);
  assert.deepEqual(again.sent, { files: 0, bytes: 0 });
  assert.equal(hub.count("PUT"), 0);
  assert.equal(hub.count("POST", /\/commit\//), 0);
});

test("more shards than a commit takes: batches, and a reader never sees a part", async () => {
  const published = await send(many);
  assert.equal(published.commits, 2);
  assert.equal(hub.repo(ID).at("main").entries.size, 54 + 4);
  assertWholeAtEveryCommit();
});

test("the hour's commits used up: what is there stays, and the next hour goes on", async () => {
  let nowMs = Date.now();
  await hub.close();
  hub = await startWritableHub({ commitsAnHour: 1, now: () => nowMs });
  await assert.rejects(send(many), (error) => isFault(error, "rate-limited") && /hourly quotas/.test(error.message));
  hub.resetLog();
  nowMs += 3_600_001;
  assert.equal((await send(many)).commits, 1);
  assert.equal(hub.count("PUT"), 0, "nothing is sent again");
  assertWholeAtEveryCommit();
});

test("another selection replaces what it must and deletes stale shards in the same commit", async () => {
  await send(many);
  const published = await send(out);
  assert.equal(published.commits, 1);
  assert.equal(published.deleted, 54);
  const { entries } = hub.repo(ID).at("main");
  const { shards } = await held(out);
  assert.equal(entries.size, shards.length + 4);
  for (const { path: name, file } of shards) assert.equal(entries.get(name)?.lfs?.sha256, await sha256OfFile(file));
  await send(many);
  assertWholeAtEveryCommit();
});

test("a take-down of one series sends one shard, index and rejects, in one commit", async () => {
  await send(out);
  const taken = path.join(root, "taken");
  const plan = await converted(taken, path.join(root, "phantoms"));
  const id = plan.rows[3]!.id;
  await takeDown(taken, [id]);
  const before = hub.received();
  const published = await send(taken);
  const { shards } = await held(taken);
  const largest = Math.max(...shards.map((shard) => shard.byteLength));
  assert.ok(shards.length >= 10, `${shards.length} shards`);
  assert.equal(published.commits, 1);
  const { entries } = hub.repo(ID).at("main");
  const rest = entries.get("index.parquet")!.size + entries.get("rejects.jsonl")!.size;
  const bytes = hub.received() - before;
  assert.ok(bytes > 0 && bytes <= largest + rest, `${bytes} bytes for a shard of at most ${largest}`);
  assertWholeAtEveryCommit();
});

test("a branch that moves, a busy one, an answer that is lost: one commit each all the same", async () => {
  const commit = { route: "commit", method: "POST" };
  hub.faults.push({ ...commit, nth: 1, do: { kind: "status", status: 504, after: true } });
  assert.equal((await send(out)).commits, 1);
  assert.equal(hub.repo(ID).commits.size, 2, "the first, and ours: a 504 that had succeeded is not sent again");
  await takeDown(out, []);
  hub.faults.push({ ...commit, nth: [1, 2], do: { kind: "status", status: 409 } });
  hub.faults.push({ ...commit, nth: 3, do: { kind: "status", status: 504 } });
  hub.faults.push({ ...commit, nth: 4, do: { kind: "move-branch", repo: ID } });
  const { commits } = await send(many);
  assert.equal(commits, 2);
  assertWholeAtEveryCommit();
});

test("parts that fail, an ETag that is lost, links that expire: the bytes arrive", async () => {
  hub.faults.push({ route: "*", method: "PUT", nth: [2, 5], do: { kind: "status", status: 500 } });
  hub.faults.push({ route: "*", method: "PUT", nth: 7, do: { kind: "reset" } });
  hub.faults.push({ route: "*", method: "PUT", nth: 9, do: { kind: "expired" } });
  hub.faults.push({ route: "*", method: "PUT", nth: [3, 11], do: { kind: "headers", set: { etag: null } } });
  await send(out);
  const { entries } = hub.repo(ID).at("main");
  for (const { path: name, sha256 } of (await held(out)).shards) assert.equal(entries.get(name)?.lfs?.sha256, sha256);
  hub.assertNoLeaks();
});

test("a shard that goes after it was verified: an error that says so, and no commit", async () => {
  const folder = await held(out);
  const { file } = folder.shards[1]!;
  const losing = async <T>(reply: T) => {
    await rename(file, `${file}.away`);
    return reply;
  };
  hub.faults.push({ route: "create", do: { kind: "custom", reply: losing } });
  const sent = publish(folder, ID, { endpoint: hub.endpoint, retry });
  await assert.rejects(sent, (error) => isFault(error, "not-verified")).finally(() => rename(`${file}.away`, file));
  assert.equal(hub.count("POST", /\/commit\//), 0);
});

const refusals: readonly [string, (options: PublishOptions) => Promise<unknown>, string][] = [
  ["a token that may only read", () => withToken("hf_reader", () => send(out)), "not-allowed"],
  ["no token", () => withToken(undefined, () => send(out)), "not-allowed"],
  [
    "a data set of others' making",
    () => send(out, { public: true }).then(() => publishTo("others/data")),
    "cannot-write",
  ],
  ["a public one without --public", () => publishTo("others/empty", false), "usage"],
  ["a name that is none", () => publishTo("nonsense"), "usage"],
  ["a card that is no YAML", () => send(out, { card: "---\na: [\n---\n" }), "usage"],
];
for (const [name, run, kind] of refusals) {
  test(`refused: ${name}`, async () => {
    await hub.add("others/data", { "data.csv": "a,b\n" });
    await hub.add("others/empty", {});
    await assert.rejects(run({}), (error) => isFault(error) && error.fault.kind === kind);
  });
}
const publishTo = async (id: string, isPublic = true) =>
  publish(await held(out), id, { endpoint: hub.endpoint, retry, public: isPublic });

async function withToken(token: string | undefined, work: () => Promise<unknown>): Promise<unknown> {
  const before = process.env["HF_TOKEN"];
  process.env["HF_TOKEN"] = token ?? "";
  try {
    return await work();
  } finally {
    process.env["HF_TOKEN"] = before;
  }
}

test("a source that does not allow a public copy needs the user's word", async () => {
  const card = path.join(out, ".voxshard", "source-card.md");
  const kept = await readFile(card, "utf8");
  await writeFile(card, "---\nlicense: other\n---\n");
  await assert.rejects(
    send(out, { public: true }),
    (error) => isFault(error, "not-allowed") && /licence, other/.test(error.message),
  );
  assert.equal(hub.state.repos.has(ID), false, "nothing was made");
  await send(out, { public: true, hasRight: true });
  assert.equal(hub.repo(ID).access, "public");
  await writeFile(card, kept);
});

test("only what verify has passed can be published: the type says so", async () => {
  const { plan, verified: _ } = await verify(out);
  // @ts-expect-error not verified
  const unverified: VerifiedFolder = { folder: out, plan, receipts: [], shards: [] };
  assert.ok(unverified);
  const sources = fileURLToPath(new URL("../../../src", import.meta.url));
  const { readdir } = await import("node:fs/promises");
  for (const name of await readdir(sources, { recursive: true })) {
    if (!name.endsWith(".ts")) continue;
    const makes = /as (?:object as )?Verified(?:Shard|Folder)/.test(await readFile(path.join(sources, name), "utf8"));
    assert.equal(makes && !name.startsWith("verify"), false, `${name} makes what only verify/ may make`);
  }
});
