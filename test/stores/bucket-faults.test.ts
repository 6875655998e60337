import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { type FaultAction, type Hub, startHub } from "../../devkit/hub/hub.ts";
import { json, xml } from "../../devkit/hub/reply.ts";
import { noise } from "../../devkit/rows/rows.ts";
import { Transport } from "../../src/bytes/http/transport.ts";
import { type FaultKind, isFault } from "../../src/errors.ts";
import { openStore } from "../../src/stores/open-store.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const home = temporaryFolder("bucket-faults");
const transport = new Transport();
let hub: Hub;
before(async () => {
  hub = await startHub({
    tokens: { hf_writer: { name: "me", role: "write" }, hf_reader: { name: "me", role: "read" } },
    buckets: ["me/shards"],
    quotas: { api: 1e6, resolvers: 1e6 },
    pageSize: 3,
  });
});
after(async () => {
  await transport.close();
  await hub.close();
});
beforeEach(() => {
  hub.faults.length = 0;
  hub.resetLog();
});

const opened = (token = "hf_writer", bucket = "me/shards") => {
  // An empty token would be looked for in a file.
  const env = { HF_ENDPOINT: hub.endpoint, HF_TOKEN: token, HF_TOKEN_PATH: path.join(home, "none") };
  return openStore(`hf://buckets/${bucket}/out`, { env, transport, retry: { firstWaitMs: 1, maxWaitMs: 1 } });
};
let made = 0;
/** Of another content each time: what the storage has already is not sent again. */
async function fresh(bytes = 400_000) {
  const [content, file] = [noise(bytes, ++made), path.join(home, `file-${made}`)];
  await writeFile(file, content);
  return { key: `data/${made}`, file, content: Buffer.from(content) };
}
async function got(key: string): Promise<Buffer | undefined> {
  const file = path.join(home, "got");
  return (await opened().get(key, file)) ? readFile(file) : undefined;
}
const struck = (kind: string) => hub.log.filter(({ faults }) => faults.includes(kind)).length;
const status = (code: number, after = false): FaultAction => ({ kind: "status", status: code, after });
const hasUploads = (route: string) => ["xet-xorb", "xet-shard", "bucket-batch"].includes(route);

const passing: readonly FaultAction[] = [
  status(500),
  status(503),
  { kind: "rate-limit", tell: "nothing" },
  { kind: "reset" },
  { kind: "hang-up", at: 1 },
  { kind: "html" },
];
for (const route of ["bucket-paths", "xet-write-token", "xet-chunk", "xet-xorb", "xet-shard", "bucket-batch"])
  test(`put: what may pass at ${route} does`, async () => {
    // The client keeps its token for as long as it is good.
    const isOnce = route === "xet-write-token";
    const actions = hasUploads(route) ? [...passing, status(500, true), status(504, true)] : passing;
    for (const action of actions) {
      if (action.kind === "hang-up" && !hasUploads(route)) continue;
      const bucket = isOnce ? `me/for-${made}` : "me/shards";
      if (isOnce) hub.state.buckets.set(bucket, { id: bucket, isPrivate: true, files: new Map() });
      const { key, file, content } = await fresh();
      hub.faults.splice(0, 1, { route, nth: 1, do: action });
      assert.equal(await opened("hf_writer", bucket).putIfAbsent(key, file), true, JSON.stringify(action));
      assert.equal(struck(action.kind), 1, `${JSON.stringify(action)} was not met`);
      const stands = hub.state.buckets.get(bucket)!.files.get(`out/${key}`)!;
      assert.equal(stands.size, content.length);
      if (!isOnce) assert.ok(content.equals((await got(key))!), JSON.stringify(action));
      hub.resetLog();
    }
  });

test("put: a connection that drops in the midst of the bytes, time and again", async () => {
  const { key, file, content } = await fresh(3_000_000);
  hub.faults.push({ route: "xet-xorb", nth: [1, 2, 3], do: { kind: "hang-up", at: 1_000_000 } });
  assert.equal(await opened().putIfAbsent(key, file), true);
  assert.equal(struck("hang-up"), 3);
  assert.ok(content.equals((await got(key))!));
});

test("put: what will not pass is an error that says so, and nothing stands under the key", async () => {
  const failed = (code: number, body: object): FaultAction => ({ kind: "custom", reply: () => json(body, code) });
  const denied = { path: "?", error: "Storage limit reached" };
  const cases: readonly (readonly [route: string, action: FaultAction, kind: FaultKind, words: RegExp])[] = [
    ["xet-xorb", status(400), "cannot-write", /its storage does not take the bytes/],
    ["xet-shard", status(401), "not-allowed", /its storage refuses the Hub's token/],
    ["bucket-batch", status(403), "not-allowed", /403/],
    ["bucket-batch", status(500), "server-error", /gave up after 5 attempts/],
    ["bucket-batch", failed(200, { success: true, failed: [denied] }), "cannot-write", /Storage limit reached/],
    ["bucket-batch", failed(422, { success: false, failed: [denied] }), "cannot-write", /Storage limit reached/],
    ["bucket-batch", failed(200, {}), "cannot-write", /does not say why/],
  ];
  for (const [route, action, kind, words] of cases) {
    const { key, file } = await fresh();
    denied.path = `out/${key}`;
    // What is ours is the answer: the request is not carried out.
    if (action.kind === "custom") hub.faults.push({ route, do: status(500) });
    hub.faults.push({ route, do: action });
    await assert.rejects(opened().putIfAbsent(key, file), (error) => {
      assert.ok(isFault(error, kind), `${route}: ${error}`);
      assert.match(error.message, words);
      assert.ok(!error.message.includes("hf_writer"));
      return true;
    });
    hub.faults.length = 0;
    assert.equal(await got(key), undefined);
  }
});

test("of files that go together only that fails which the Hub does not take", async () => {
  const { key, file, content } = await fresh(1000);
  const store = opened();
  const [first, second] = await Promise.allSettled([key, "data/./x"].map((one) => store.putIfAbsent(one, file)));
  assert.deepEqual(first, { status: "fulfilled", value: true });
  assert.ok(second!.status === "rejected" && isFault(second!.reason, "cannot-write"));
  assert.match(second!.reason.message, /hf:\/\/buckets\/me\/shards\/out\/data\/.\/x: .*Invalid path/);
  assert.ok(content.equals((await got(key))!));
  assert.equal(hub.counters().routes["bucket-batch"], 1);
});

test("a bucket that is not there, and who may not write, are told what to do", async () => {
  const { key, file } = await fresh();
  const none = opened("hf_writer", "me/none");
  const make = /there is no such bucket.*hf buckets create me\/none --private/;
  await assert.rejects(
    none.putIfAbsent(key, file),
    (error) => isFault(error, "source-not-found") && make.test(error.message),
  );
  await assert.rejects(none.get(key, path.join(home, "x")), make);
  await assert.rejects(none.delete(key), make);
  await assert.rejects(none.list("")[Symbol.asyncIterator]().next(), make);
  const reader = opened("hf_reader").putIfAbsent(key, file);
  await assert.rejects(reader, (error) => isFault(error, "not-allowed") && /write token/.test(error.message));
  await assert.rejects(opened("").putIfAbsent(key, file), /set HF_TOKEN/);
  for (const address of ["hf://buckets/me", "hf://buckets/me/b/../x", "hf://buckets/me/b/a//b", "hf://datasets/me/b"])
    assert.throws(
      () => openStore(address, { env: {} }),
      (error) => isFault(error, "usage") && error.message.includes("hf://buckets/owner/name/prefix"),
      address,
    );
});

test("get: what may pass does, and what was not sent whole is not taken for whole", async () => {
  const { key, file, content } = await fresh(900_000);
  await opened().putIfAbsent(key, file);
  const cdn: readonly FaultAction[] = [
    { kind: "reset", at: 300_000 },
    { kind: "truncate", at: 300_000, length: true },
    { kind: "truncate", at: 300_000, length: false },
    { kind: "expired" },
    { kind: "ignore-range" },
  ];
  const cases = [...passing, ...cdn].map((action) => ["cdn", action] as const);
  for (const [route, action] of [...cases, ...passing.map((action) => ["bucket-resolve", action] as const)]) {
    if (action.kind === "hang-up") continue;
    hub.faults.splice(0, 1, { route, nth: 1, do: action });
    hub.resetLog();
    assert.ok(content.equals((await got(key))!), `${route} ${JSON.stringify(action)}`);
    assert.equal(struck(action.kind), 1, `${route} ${JSON.stringify(action)} was not met`);
  }
  hub.faults.splice(0, 1, { route: "cdn", do: { kind: "reset", at: 0 } });
  const folder = temporaryFolder("half");
  await assert.rejects(opened().get(key, path.join(folder, "half")), (error) => isFault(error, "network"));
  assert.deepEqual(await readdir(folder), []);
});

test("get: a file that is written anew while it is read is an error; a bare 404 is looked into", async () => {
  const [{ key, file }, other] = [await fresh(), await fresh()];
  await opened().putIfAbsent(key, file);
  await opened().putIfAbsent(other.key, other.file);
  const { files } = hub.state.buckets.get("me/shards")!;
  const reply = () => {
    files.set(`out/${key}`, files.get(`out/${other.key}`)!);
    return xml(403, "AccessDenied", "Request has expired");
  };
  hub.faults.push({ route: "cdn", nth: 1, do: { kind: "custom", reply } });
  await assert.rejects(got(key), (error) => isFault(error, "source-changed"));
  hub.faults.splice(0, 1, { route: "bucket-resolve", do: status(404) });
  assert.equal(await got("data/none"), undefined);
  await assert.rejects(got(key), (error) => isFault(error, "source-not-found"));
});

test("list: a page that fails is asked for again; a folder that is not there is empty, however that is said", async () => {
  const { file } = await fresh(10);
  const names = ["a", "b", "c", "d", "e", "f", "g"].map((name) => `l/${name}`);
  await Promise.all(names.map((key) => opened().putIfAbsent(key, file)));
  hub.faults.push({ route: "bucket-tree", nth: [2, 4], do: status(502) });
  const keys: string[] = [];
  for await (const { key } of opened().list("l/")) keys.push(key);
  assert.deepEqual(keys, names);
  assert.equal(struck("status"), 2);
  hub.faults.splice(0, 1, { route: "bucket-tree", do: { kind: "custom", reply: () => json([]) } });
  for await (const { key } of opened().list("none/")) assert.fail(key);
  hub.faults.splice(0, 1, {
    route: "bucket-tree",
    do: { kind: "custom", reply: () => json({ nothing: "of a list" }) },
  });
  await assert.rejects(opened().list("l/")[Symbol.asyncIterator]().next(), (error) => isFault(error, "server-error"));
});

test("delete: an answer that was lost, and a refusal", async () => {
  const { key, file } = await fresh(10);
  await opened().putIfAbsent(key, file);
  hub.faults.push({ route: "bucket-batch", nth: 1, do: status(500, true) });
  await opened().delete(key);
  assert.equal(await got(key), undefined);
  await opened().putIfAbsent(key, file);
  const refuse = () => json({ success: false, failed: [{ path: `out/${key}`, error: "Locked" }] }, 422);
  hub.faults.splice(0, 1, { route: "bucket-batch", do: status(500) });
  hub.faults.push({ route: "bucket-batch", do: { kind: "custom", reply: refuse } });
  await assert.rejects(opened().delete(key), (error) => isFault(error, "cannot-write") && /Locked/.test(error.message));
});
