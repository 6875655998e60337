import assert from "node:assert/strict";
import { truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { request } from "undici";
import { type Hub, startHub } from "../../../devkit/hub/hub.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const TOKEN = "hf_reader0123456789";
const REPO = "voxshard/m3d-mini";
const big = Buffer.from(Array.from({ length: 50_000 }, (_, at) => at % 251));
const dir = temporaryFolder("hub");
let hub: Hub;

before(async () => {
  for (const [name, data] of [
    ["README.md", "# mini"],
    [".gitattributes", "*.zip"],
    ["a.zip", big],
    ["ö b.zip", big],
  ] as const)
    await writeFile(path.join(dir, name), data);
  await writeFile(path.join(dir, "huge.zip"), "");
  await truncate(path.join(dir, "huge.zip"), 12e9);
  const others = (["private", "gated", "disabled"] as const).map((access) => ({
    id: `voxshard/${access}`,
    dir,
    access,
    granted: ["owner"],
  }));
  const tokens = {
    [TOKEN]: { name: "reader", role: "read" },
    hf_owner0123456789: { name: "owner", role: "write" },
  } as const;
  hub = await startHub({ dir, repos: others, tokens, pageSize: 2 });
});
beforeEach(() => hub.resetLog());
after(() => hub.close());

const get = (url: string, headers: Record<string, string> = {}, method: "GET" | "HEAD" = "GET") =>
  request(new URL(url, hub.endpoint), { method, headers });
const resolve = (file: string, repo = REPO) => `/datasets/${repo}/resolve/main/${encodeURIComponent(file)}`;
const signed = async (file: string) => String((await get(resolve(file))).headers["location"]);

test("a revision has a sha that depends on the content alone", async () => {
  const { body, headers } = await get(`/api/datasets/${REPO}/revision/main?blobs=true`);
  const info = (await body.json()) as { sha: string; siblings: { rfilename: string; size: number }[] };
  assert.match(info.sha, /^[0-9a-f]{40}$/);
  assert.deepEqual(
    info.siblings.map(({ rfilename }) => rfilename),
    [".gitattributes", "README.md", "a.zip", "huge.zip", "ö b.zip"],
  );
  assert.match(String(headers["ratelimit"]), /^"api";r=\d+;t=\d+$/);
  assert.equal(headers["ratelimit-policy"], '"fixed window";"api";q=500;w=300');
  assert.match(String(headers["x-request-id"]), /^Root=/);
  const again = await startHub({ dir });
  assert.equal(again.repo().at("main").sha, info.sha);
  await again.close();
});

test("an LFS file is redirected to a signed URL on another host, which serves ranges", async () => {
  const answer = await get(resolve("a.zip"));
  assert.equal(answer.statusCode, 302);
  assert.equal(answer.headers["x-linked-size"], "50000");
  assert.equal(answer.headers["x-repo-commit"], hub.repo().at("main").sha);
  const url = new URL(String(answer.headers["location"]));
  assert.notEqual(url.hostname, new URL(hub.endpoint).hostname);
  const range = async (value: string) => {
    const { statusCode, headers, body } = await get(url.href, { range: value });
    return [statusCode, headers["content-range"], Buffer.from(await body.arrayBuffer())] as const;
  };
  assert.deepEqual(await range("bytes=10-19"), [206, "bytes 10-19/50000", big.subarray(10, 20)]);
  assert.deepEqual(await range("bytes=-5"), [206, "bytes 49995-49999/50000", big.subarray(-5)]);
  assert.deepEqual(await range("bytes=49990-99999"), [206, "bytes 49990-49999/50000", big.subarray(49990)]);
  assert.deepEqual((await range("bytes=50000-")).slice(0, 2), [416, "bytes */50000"]);
  assert.deepEqual(await range("bytes=0--1"), [200, undefined, big]);
  assert.equal((await get(url.href, { "if-match": '"other"' })).statusCode, 412);
  assert.deepEqual([hub.counters().resolve, hub.counters().cdn], [1, 6]);
});

test("the CDN refuses what is not signed, altered or expired", async () => {
  const url = await signed("a.zip");
  const status = async (address: string) => (await get(address)).statusCode;
  assert.equal(await status(url.split("?")[0]!), 403);
  assert.equal(await status(url.replace("zip", "zap")), 403);
  assert.equal(await status(url.replace(/Expires=\d/, "Expires=9")), 403);
  assert.equal(await status(url), 200);
  hub.expireUrls();
  const late = await get(url);
  assert.equal(late.statusCode, 403);
  assert.match(await late.body.text(), /Request has expired/);
});

test("a sparse archive of 12 GB is served from its end without being read", async () => {
  const { statusCode, headers } = await get(await signed("huge.zip"), { range: "bytes=-65536" });
  assert.deepEqual([statusCode, headers["content-range"]], [206, "bytes 11999934464-11999999999/12000000000"]);
});

test("small files come by a relative redirect, or at once", async () => {
  const first = await get(resolve("README.md"), {}, "HEAD");
  assert.equal(first.statusCode, 307);
  const location = String(first.headers["location"]);
  assert.match(location, /^\/api\/resolve-cache\//);
  assert.equal(await (await get(location)).body.text(), "# mini");
  const direct = await get(resolve(".gitattributes"), {}, "HEAD");
  assert.deepEqual([direct.statusCode, direct.headers["content-length"]], [200, "5"]);
});

test("errors bear the Hub's codes", async () => {
  const as = (token: string) => ({ authorization: `Bearer ${token}` });
  const error = async (url: string, headers = {}) => {
    const { statusCode, headers: got } = await get(url, headers);
    return [statusCode, got["x-error-code"] ?? got["x-error-message"]];
  };
  assert.deepEqual(await error("/api/datasets/no/where"), [401, "RepoNotFound"]);
  assert.deepEqual(await error("/api/datasets/no/where", as(TOKEN)), [404, "RepoNotFound"]);
  assert.deepEqual(await error(`/api/datasets/${REPO}/revision/refs%2Fpr%2F1`), [404, "RevisionNotFound"]);
  assert.deepEqual(await error(resolve("none.zip")), [404, "EntryNotFound"]);
  assert.deepEqual(await error("/api/datasets/voxshard/private"), [401, "RepoNotFound"]);
  assert.deepEqual(await error("/api/datasets/voxshard/private", as(TOKEN)), [404, "RepoNotFound"]);
  assert.deepEqual(await error(resolve("a.zip", "voxshard/gated")), [401, "GatedRepo"]);
  assert.deepEqual(await error(resolve("a.zip", "voxshard/gated"), as(TOKEN)), [403, "GatedRepo"]);
  assert.deepEqual(await error(resolve("a.zip", "voxshard/gated"), as("hf_owner0123456789")), [302, undefined]);
  assert.deepEqual(await error("/api/datasets/voxshard/disabled"), [403, "Access to this resource is disabled."]);
  assert.deepEqual(await error("/api/whoami-v2", as("hf_wrong")), [401, "Invalid credentials in Authorization header"]);
});

test("quotas are counted down to 429", async () => {
  const strict = await startHub({ dir, quotas: { api: 2 } });
  const url = `${strict.endpoint}/api/datasets/${REPO}`;
  const answers = [await request(url), await request(url), await request(url)];
  assert.deepEqual(
    answers.map(({ statusCode }) => statusCode),
    [200, 200, 429],
  );
  assert.match(String(answers[2]?.headers["ratelimit"]), /^"api";r=0;t=/);
  await strict.close();
});

test("a token that reaches the CDN makes close throw", async () => {
  const leaky = await startHub({ dir });
  const { headers } = await request(`${leaky.endpoint}${resolve("a.zip")}`);
  const url = String(headers["location"]);
  await request(url, { headers: { "user-agent": "unknown/None; hf_hub/1.0; hf_xet/1.6" } });
  leaky.assertNoLeaks();
  await request(url, { headers: { authorization: `Bearer ${TOKEN}` } });
  await assert.rejects(leaky.close(), /a token left the Hub/);
});
