import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { commit, createRepo, deleteFiles, downloadFile, listFiles, pathsInfo } from "@huggingface/hub";
import { type Hub, startHub } from "../../../devkit/hub/hub.ts";
import { noise } from "../../../devkit/rows/rows.ts";

let hub: Hub;
let access: { hubUrl: string; accessToken: string };
const repo = { type: "bucket", name: "me/shards" } as const;
before(async () => {
  hub = await startHub({
    pageSize: 2,
    tokens: { hf_writer: { name: "me", role: "write" }, hf_reader: { name: "me", role: "read" } },
  });
  access = { hubUrl: hub.endpoint, accessToken: "hf_writer" };
  await createRepo({ ...access, repo });
});
after(() => hub.close());

const put = (files: Readonly<Record<string, Uint8Array>>) => {
  const operations = Object.entries(files).map(([path, bytes]) => ({
    operation: "addOrUpdate" as const,
    path,
    content: new Blob([bytes as Uint8Array<ArrayBuffer>]),
  }));
  return commit({ ...access, repo, title: "", operations });
};
/** By way of the storage: tokens, reconstruction, xorbs. */
const byXet = async (path: string) => {
  const blob = await downloadFile({ ...access, repo, path, xet: true });
  return Buffer.from(await blob!.arrayBuffer());
};
/** By the link of the CDN. */
const plain = async (path: string, headers: Record<string, string> = {}) => {
  const url = `${hub.endpoint}/buckets/me/shards/resolve/${path}`;
  const found = await fetch(url, { headers: { authorization: "Bearer hf_writer" }, redirect: "manual" });
  return Buffer.from(await (await fetch(found.headers.get("location")!, { headers })).arrayBuffer());
};

/** Of each way that chunks are packed in: as they are, LZ4, and grouped by fours. */
const contents: Readonly<Record<string, Uint8Array>> = {
  "a/noise": noise(1_234_567, 1),
  "a/text": Buffer.from("chunks of a text, again and again. ".repeat(9999)),
  "a/floats": new Uint8Array(Float32Array.from({ length: 99_999 }, (_, at) => Math.sin(at / 999) / 7).buffer),
  "a/short": Buffer.from("x"),
  none: new Uint8Array(),
};

test("what the Hub's own client stores comes back by each way, whole and by ranges", async () => {
  await put(contents);
  for (const [path, bytes] of Object.entries(contents)) {
    assert.ok(Buffer.from(bytes).equals(await plain(path)), path);
    if (bytes.length > 0) assert.ok(Buffer.from(bytes).equals(await byXet(path)), path);
  }
  const { "xet-reconstruction": asked = 0, "xet-bytes": brought = 0 } = hub.counters().routes;
  assert.ok(asked >= 4 && brought >= 4, "its second way is the storage's");
  const [from, to] = [70_001, 900_003];
  const part = contents["a/noise"]!.subarray(from, to);
  assert.ok((await plain("a/noise", { range: `bytes=${from}-${to - 1}` })).equals(part));
  const blob = await downloadFile({ ...access, repo, path: "a/noise", xet: true });
  assert.ok(Buffer.from(await blob!.slice(from, to).arrayBuffer()).equals(part));
});

test("files are listed over pages, found by path, and deleted", async () => {
  const names: string[] = [];
  for await (const { type, path, size } of listFiles({ ...access, repo, recursive: true }))
    if (type === "file") names.push(`${path} ${size}`);
  const expected = Object.entries(contents).map(([path, { length }]) => `${path} ${length}`);
  assert.deepEqual(names, expected.sort());
  assert.deepEqual(
    (await pathsInfo({ ...access, repo, paths: ["a/short", "a/other"] })).map(({ path }) => path),
    ["a/short"],
  );
  await deleteFiles({ ...access, repo, paths: ["a/short"] });
  await assert.rejects(deleteFiles({ ...access, repo, paths: ["a/short"] }), /status 422/);
});

test("what is there already is told by its chunks, and only referred to", async () => {
  hub.resetLog();
  const longer = Buffer.concat([contents["a/noise"]!, noise(300_000, 2)]);
  await put({ "b/longer": longer });
  assert.ok(longer.equals(await plain("b/longer")));
  const sent = hub.log.filter(({ route }) => route === "xet-xorb").reduce((sum, { received }) => sum + received, 0);
  assert.ok(sent < 500_000, `${sent} bytes were sent again`);
});

test("what is not what it is said to be is refused; nobody gets in without a token", async () => {
  const token = await fetch(`${hub.endpoint}/api/buckets/me/shards/xet-write-token`, {
    headers: { authorization: "Bearer hf_writer" },
  }).then(async (answer) => (await answer.json()) as { accessToken: string; casUrl: string });
  const post = (path: string, body: Uint8Array, key = token.accessToken) =>
    fetch(token.casUrl + path, {
      method: "POST",
      body: body as Uint8Array<ArrayBuffer>,
      headers: { authorization: `Bearer ${key}` },
    });
  const xorb = Buffer.concat([Buffer.from([0, 3, 0, 0, 0, 3, 0, 0]), Buffer.from("abc")]);
  assert.equal((await post(`/v1/xorbs/default/${"0".repeat(64)}`, xorb)).status, 400);
  assert.equal((await post("/v1/shards", noise(300, 3))).status, 400);
  assert.equal((await post("/v1/shards", noise(300, 3), "unknown")).status, 401);
  const write = (key: string) =>
    fetch(`${hub.endpoint}/api/buckets/me/shards/batch`, {
      method: "POST",
      body: JSON.stringify({ type: "addFile", path: "c", xetHash: "1".repeat(64) }),
      headers: { authorization: `Bearer ${key}` },
    });
  assert.equal((await write("hf_reader")).status, 403);
  const answer = await write("hf_writer");
  const { failed } = (await answer.json()) as { failed: { path: string }[] };
  assert.deepEqual([answer.status, failed.map(({ path }) => path)], [422, ["c"]]);
});
