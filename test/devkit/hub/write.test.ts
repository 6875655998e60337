import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { afterEach, beforeEach, test } from "node:test";
import { commit, createRepo, downloadFile, whoAmI } from "@huggingface/hub";
import { type Hub, startHub } from "../../../devkit/hub/hub.ts";

const WRITE = "hf_writer0123456789";
const READ = "hf_reader0123456789";
const repo = { type: "dataset", name: "me/data" } as const;
const PART = 1000;
const big = Buffer.from(Array.from({ length: 2500 }, (_, at) => at % 251));
const sha256 = (data: Buffer) => createHash("sha256").update(data).digest("hex");
let clockMs = 0;
let hub: Hub;

beforeEach(async () => {
  hub = await startHub({
    tokens: { [WRITE]: { name: "me", role: "write", orgs: ["us"] }, [READ]: { name: "me", role: "read" } },
    partBytes: PART,
    commitsAnHour: 3,
    now: () => clockMs,
  });
  await createRepo({ repo, visibility: "private", hubUrl: hub.endpoint, accessToken: WRITE });
});
afterEach(() => hub.close());

interface Got {
  readonly status: number;
  readonly body: Record<string, unknown> & { objects: { actions?: Record<string, Action>; error?: object }[] };
}
interface Action {
  readonly href: string;
  readonly header: Record<string, string>;
}
async function post(
  path: string,
  body: unknown,
  token: string | undefined = WRITE,
  type = "application/json",
): Promise<Got> {
  const headers = { "content-type": type, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = await fetch(new URL(path, hub.endpoint), { method: "POST", headers, body: text });
  return { status: response.status, body: (await response.json()) as Got["body"] };
}
const batch = (objects: { oid: string; size: number }[], more: object = {}) =>
  post(
    "/datasets/me/data.git/info/lfs/objects/batch",
    { operation: "upload", transfers: ["basic", "multipart"], hash_algo: "sha256", objects, ...more },
    WRITE,
    "application/vnd.git-lfs+json",
  );
const lines = (header: object, ...rest: object[]) =>
  [{ key: "header", value: { summary: "a commit", ...header } }, ...rest]
    .map((line) => JSON.stringify(line))
    .join("\n");
const send = (header: object, ...rest: object[]) => post("/api/datasets/me/data/commit/main", lines(header, ...rest));
const file = (path: string, content: string) => {
  return { key: "file", value: { path, content: Buffer.from(content).toString("base64"), encoding: "base64" } };
};
const put = async (url: string, data: Buffer) => fetch(url, { method: "PUT", body: new Uint8Array(data) });

test("the Hub's own client commits files of every kind, and reads them back from each commit", async () => {
  const access = { repo, hubUrl: hub.endpoint, accessToken: WRITE };
  const operations = [
    { path: "README.md", content: new Blob(["# one"]) },
    { path: "a.parquet", content: new Blob([big.subarray(0, 900)]) },
    { path: "b.parquet", content: new Blob([big]) },
    { path: "empty.parquet", content: new Blob([]) },
  ].map((one) => ({ operation: "addOrUpdate" as const, ...one }));
  const first = await commit({ ...access, title: "one", operations, useXet: false });
  const second = await commit({
    ...access,
    title: "two",
    parentCommit: first!.commit.oid,
    operations: [
      { operation: "delete", path: "a.parquet" },
      { ...operations[0]!, content: new Blob(["# two"]) },
    ],
    useXet: false,
  });
  const read = async (path: string, revision: string) =>
    Buffer.from(await (await downloadFile({ ...access, path, revision }))!.arrayBuffer());
  assert.deepEqual(await read("b.parquet", "main"), big);
  assert.equal((await read("README.md", first!.commit.oid)).toString(), "# one");
  assert.equal((await read("README.md", second!.commit.oid)).toString(), "# two");
  assert.deepEqual(await read("a.parquet", first!.commit.oid), big.subarray(0, 900));
  assert.equal(hub.repo(repo.name).at("main").entries.has("a.parquet"), false);
  const { "lfs-put": whole, "lfs-part": parts, "lfs-complete": completed } = hub.counters().routes;
  assert.deepEqual([whole, parts, completed], [1, 3, 1]);
  const user = await whoAmI({ hubUrl: hub.endpoint, accessToken: WRITE });
  assert.deepEqual(user.type === "user" && user.orgs.map(({ name }) => name), ["us"]);
});

test("what is there is not asked for again; other sizes, spellings and refs are refused", async () => {
  const [oid, size] = [sha256(big.subarray(0, 900)), 900];
  const { body } = await batch([{ oid, size }]);
  const { upload, verify } = body.objects[0]!.actions as Record<"upload" | "verify", Action>;
  assert.equal((await post(new URL(verify.href).pathname, { oid, size })).status, 404);
  assert.equal((await put(upload.href, big.subarray(0, 899))).status, 400, "not the size");
  assert.equal((await put(upload.href, big.subarray(1, 901))).status, 400, "not the sha256");
  assert.equal((await put(upload.href.replace("Signature=", "Signature=x"), big.subarray(0, 900))).status, 403);
  assert.equal((await put(upload.href, big.subarray(0, 900))).status, 200);
  assert.equal((await post(new URL(verify.href).pathname, { oid, size })).status, 200);
  assert.equal((await batch([{ oid, size }], { hash_algo: "sha_256" })).body.objects[0]!.actions, undefined);
  assert.ok((await batch([{ oid, size: 5 }])).body.objects[0]!.error);
  assert.ok((await batch([{ oid: "no", size: 5 }])).body.objects[0]!.error);
  assert.equal((await batch([], { hash_algo: "md5" })).status, 409);
  assert.equal((await batch([], { ref: { name: "none" } })).status, 404);
  assert.equal((await batch([], { operation: "download" })).status, 422);
});

test("parts must be there, in order, of their size, and make up the object", async () => {
  const open = async () => {
    const { body } = await batch([{ oid: sha256(big), size: big.length }]);
    return body.objects[0]!.actions!["upload"]!;
  };
  const { href, header } = await open();
  assert.deepEqual(Object.keys(header).sort(), ["00001", "00002", "00003", "chunk_size"]);
  assert.equal((await put(header["00003"]!, big.subarray(1500))).status, 400, "a last part of another size");
  const etags: string[] = [];
  for (const [at, key] of ["00001", "00002", "00003"].entries())
    etags.push((await put(header[key]!, big.subarray(at * PART, (at + 1) * PART))).headers.get("etag")!);
  const end = (link: string, list: string[]) => {
    const parts = list.map((etag, at) => ({ partNumber: at + 1, etag }));
    return post(link, { oid: sha256(big), parts }, undefined);
  };
  assert.equal((await end(href, etags.slice(1))).status, 400);
  assert.equal((await end(href, [etags[1]!, etags[0]!, etags[2]!])).status, 400);
  assert.equal((await end(href.replace("uploadId=", "uploadId=x"), etags)).status, 403);
  assert.equal((await end(href, etags)).status, 200);
  assert.equal((await end(href, etags)).status, 404, "an upload ends once");
  const only = { key: "lfsFile", value: { path: "c.bin", algo: "sha256", oid: sha256(big), size: big.length } };
  assert.equal((await send({}, only)).status, 200);
  hub.state.store.forget();
  assert.equal(
    (await batch([{ oid: sha256(big), size: big.length }])).body.objects[0]!.actions,
    undefined,
    "in a commit",
  );
});

test("commits: stale parents, unknown objects, binaries outside LFS, odd paths, a quota", async () => {
  const parent = hub.repo(repo.name).at("main").sha;
  const lfsFile = { key: "lfsFile", value: { path: "a.bin", algo: "sha256", oid: sha256(big), size: big.length } };
  assert.equal((await send({}, lfsFile)).status, 400, "never uploaded");
  assert.equal((await send({}, file("a.parquet", "x"))).status, 400);
  assert.equal((await send({}, file("../a", "x"))).status, 400);
  assert.equal((await send({}, { key: "deletedFile", value: { path: "none" } })).status, 404);
  assert.equal((await send({}, { key: "moved", value: { path: "none" } })).status, 400);
  assert.equal((await post("/api/datasets/me/data/commit/main", "no json")).status, 400);
  assert.equal((await post("/api/datasets/me/data/commit/none", lines({}))).status, 404);
  assert.equal((await send({ parentCommit: parent }, file("d/a.txt", "1"), file("d/b.txt", "2"))).status, 200);
  assert.equal((await send({ parentCommit: parent }, file("a.txt", "2"))).status, 412);
  assert.equal((await send({}, { key: "deletedFolder", value: { path: "d" } })).status, 200);
  assert.deepEqual([...hub.repo(repo.name).at("main").entries.keys()], [".gitattributes"]);
  assert.equal((await send({}, file("a.txt", "3"))).status, 200);
  const { status, body } = await send({}, file("a.txt", "4"));
  assert.deepEqual([status, /hourly quotas for action: commit/.test(`${body["error"]}`)], [429, true]);
  clockMs += 3_600_001;
  assert.equal((await send({}, file("a.txt", "4"))).status, 200);
});

test("two commits at once: one of them is told to come back", async () => {
  hub.faults.push({ route: "commit", nth: 1, do: { kind: "sip", everyMs: 200 } });
  const both = await Promise.all([send({}, file("a.txt", "1")), send({}, file("a.txt", "2"))]);
  assert.deepEqual(both.map(({ status }) => status).sort(), [200, 409]);
});

test("pull requests have a ref of their own and leave main alone", async () => {
  const before = hub.repo(repo.name).at("main").sha;
  const { status, body } = await post("/api/datasets/me/data/commit/main?create_pr=1", lines({}, file("a.txt", "1")));
  assert.equal(status, 200);
  assert.match(String(body["pullRequestUrl"]), /\/datasets\/me\/data\/discussions\/1$/);
  assert.equal(hub.repo(repo.name).at("main").sha, before);
  const more = await post("/api/datasets/me/data/commit/refs%2Fpr%2F1", lines({}, file("b.txt", "2")));
  assert.equal(more.status, 200);
  assert.deepEqual([...hub.repo(repo.name).at("refs/pr/1").entries.keys()], [".gitattributes", "a.txt", "b.txt"]);
});

test("preupload says how each file is to come, and what is there", async () => {
  await send({}, file("notes.txt", "1"));
  const files = ["notes.txt", "a.parquet", "tmp/x.txt"].map((path) => ({ path, size: 10, sample: "" }));
  const asked = {
    files: [...files, { path: "b.parquet", size: 0 }, { path: "c.txt", size: 2e7 }],
    gitIgnore: "tmp/\n",
  };
  const { body } = await post("/api/datasets/me/data/preupload/main", asked);
  const oid = createHash("sha1").update("blob 1\x001").digest("hex");
  assert.deepEqual(body["files"], [
    { path: "notes.txt", uploadMode: "regular", shouldIgnore: false, oid },
    { path: "a.parquet", uploadMode: "lfs", shouldIgnore: false },
    { path: "tmp/x.txt", uploadMode: "regular", shouldIgnore: true },
    { path: "b.parquet", uploadMode: "regular", shouldIgnore: false },
    { path: "c.txt", uploadMode: "lfs", shouldIgnore: false },
  ]);
});

test("who may write, and to what", async () => {
  const create = (asked: object, token?: string) => post("/api/repos/create", { type: "dataset", ...asked }, token);
  const again = await create({ name: "data", organization: null });
  assert.deepEqual([again.status, again.body["url"]], [409, `${hub.endpoint}/datasets/me/data`]);
  assert.equal((await create({ name: "other" }, READ)).status, 403);
  assert.equal((await create({ name: "x", organization: "them" })).status, 403);
  assert.equal((await create({ name: "x", organization: "us", private: true })).status, 200);
  assert.equal(hub.repo("us/x").access, "private");
  assert.equal((await create({ name: "-- " })).status, 400);
  const body = lines({}, file("a.txt", "1"));
  assert.equal((await post("/api/datasets/me/data/commit/main", body, READ)).status, 403);
  assert.equal((await post("/api/datasets/me/data/preupload/main", { files: [] }, READ)).status, 403);
  assert.equal((await post("/api/datasets/me/data/commit/main", body, "")).status, 401);
});

test("a card's YAML is checked", async () => {
  const errors = async (yaml: string) => {
    const { body } = await post("/api/validate-yaml", { content: `---\n${yaml}\n---\ntext`, repoType: "dataset" });
    return (body["errors"] as { message: string }[]).length;
  };
  assert.equal(await errors("license: cc-by-4.0\nconfigs:\n- config_name: a\n  data_files: x"), 0);
  assert.equal(await errors("license: mine"), 1);
  assert.equal(await errors("size_categories: [many]"), 1);
  assert.equal((await errors("a: [")) > 0, true);
  const twice = "configs:\n- config_name: a\n- config_name: a\n  data_files:\n  - split: to-day\n    path: x";
  assert.equal(await errors(twice), 2);
  assert.deepEqual((await post("/api/validate-yaml", { content: "no yaml" })).body["warnings"], [
    { message: "empty or missing yaml metadata in repo card" },
  ]);
});
