import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { type IncomingHttpHeaders, type RequestOptions, request } from "node:http";
import path from "node:path";
import { after, before, test } from "node:test";
import { hostsOf } from "../../src/view/guard.ts";
import { openViewed } from "../../src/view/open-viewed.ts";
import { requestedRange } from "../../src/view/range.ts";
import { serve, type ViewServer } from "../../src/view/server.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const SHARD = "data/test-00000-of-00001.parquet";
const content = Buffer.from("0123456789");
const folder = temporaryFolder("view");
let server: ViewServer;
before(async () => {
  const out = path.join(folder, "out");
  await mkdir(path.join(out, "data"), { recursive: true });
  await mkdir(path.join(out, ".voxshard"));
  for (const name of ["index.parquet", SHARD, "README.md", "data/notes.txt", ".voxshard/plan.json"])
    await writeFile(path.join(out, name), content);
  await writeFile(path.join(folder, "secret"), "secret");
  await symlink(path.join(folder, "secret"), path.join(out, "data", "train-00000-of-00001.parquet"));
  server = await serve(await openViewed(out), { host: "127.0.0.1", port: 0 });
});
after(() => server.close());

interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** As it stands: `fetch` would tidy the path up and set headers of its own. */
function ask(target: string, options: RequestOptions = {}): Promise<Got> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path: target, ...options }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (part) => (body += part));
      response.on("end", () => resolve({ status: response.statusCode!, headers: response.headers, body }));
    });
    sent.on("error", reject).end();
  });
}
const key = () => new URL(server.url).pathname;
const port = () => new URL(server.url).port;

test("the address has a key of 128 bits, and nothing is told without it", async () => {
  assert.match(server.url, /^http:\/\/127\.0\.0\.1:\d+\/[\w-]{22}\/$/);
  const other = `${key().slice(0, -2)}${key().at(-2) === "A" ? "B" : "A"}/`;
  for (const target of ["/", "/view.json", `${other}view.json`, "//", "/%00/", `/x${key()}`, "/favicon.ico"]) {
    const { status, body } = await ask(target);
    assert.deepEqual([status, body], [404, ""], target);
  }
  assert.equal((await ask(key())).status, 200);
  assert.equal((await ask(key().slice(0, -1))).headers.location, key());
});

test("another host's name, origin or site is refused, also with the key", async () => {
  const target = `${key()}view.json`;
  const host = `127.0.0.1:${port()}`;
  const refused: [Record<string, string>, number][] = [
    [{ host: "evil.example" }, 421],
    [{ host: `evil.example:${port()}` }, 421],
    [{ host: "127.0.0.1" }, 421],
    [{ host: `127.0.0.1.evil.example:${port()}` }, 421],
    [{ host, origin: "http://evil.example" }, 403],
    [{ host, origin: "null" }, 403],
    [{ host, origin: `https://${host}` }, 403],
    [{ host, "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }, 403],
    [{ host, "sec-fetch-site": "same-site", "sec-fetch-mode": "cors" }, 403],
  ];
  for (const [headers, status] of refused) {
    const got = await ask(target, { headers });
    assert.deepEqual([got.status, got.body], [status, ""], JSON.stringify(headers));
  }
  for (const headers of [{ host }, { host, origin: `http://${host}` }, { host: `localhost:${port()}` }])
    assert.equal((await ask(target, { headers })).status, 200, JSON.stringify(headers));
});

test("it reads and nothing else", async () => {
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
    assert.equal((await ask(`${key()}view.json`, { method })).status, 405, method);
  const { status, body, headers } = await ask(`${key()}files/index.parquet`, { method: "HEAD" });
  assert.deepEqual([status, body, headers["content-length"]], [200, "", "10"]);
});

test("only the index and shards are served, whatever the path and wherever a link leads", async () => {
  const wanted = ["index.parquet", SHARD];
  const { files } = JSON.parse((await ask(`${key()}view.json`)).body);
  assert.deepEqual(Object.keys(files), wanted);
  for (const name of wanted) assert.equal((await ask(`${key()}files/${name}`)).body, "0123456789");
  const others = [
    "README.md",
    "data/notes.txt",
    ".voxshard/plan.json",
    "data/train-00000-of-00001.parquet",
    "",
    "data",
  ];
  const ways = [
    "../secret",
    "..%2fsecret",
    "%2e%2e/secret",
    "data/../../secret",
    "/etc/passwd",
    "..\\secret",
    "%",
    "%00",
  ];
  const kinds = ["constructor", "__proto__", "toString"];
  for (const name of [...others, ...ways, ...kinds])
    assert.equal((await ask(`${key()}files/${name}`)).status, 404, name);
  for (const name of ["../../secret", "constructor", "app.js.map", "series?id=x", "archives.json"])
    assert.equal((await ask(key() + name)).status, 404, name);
});

test("every answer forbids what the page has no use for", async () => {
  for (const target of [key(), `${key()}files/${SHARD}`, "/nothing", `${key()}view.json`]) {
    const { headers } = await ask(target);
    const policy = String(headers["content-security-policy"]);
    assert.match(policy, /^default-src 'none';.*connect-src 'self';.*frame-ancestors 'none'/, target);
    assert.doesNotMatch(policy, /unsafe|\*|https?:/, target);
    assert.deepEqual(
      [headers["x-content-type-options"], headers["referrer-policy"], headers["cross-origin-resource-policy"]],
      ["nosniff", "no-referrer", "same-origin"],
    );
  }
});

test("a range of the file is answered, any other refused", async () => {
  const ranged = (range: string) => ask(`${key()}files/${SHARD}`, { headers: { range } });
  const answers: [string, string, string][] = [
    ["bytes=2-4", "234", "bytes 2-4/10"],
    ["bytes=8-", "89", "bytes 8-9/10"],
    ["bytes=-3", "789", "bytes 7-9/10"],
    ["bytes=5-99999", "56789", "bytes 5-9/10"],
  ];
  for (const [range, body, contentRange] of answers) {
    const got = await ranged(range);
    assert.deepEqual([got.status, got.body, got.headers["content-range"]], [206, body, contentRange], range);
  }
  for (const range of [
    "bytes=10-",
    "bytes=4-2",
    "bytes=0-1,3-4",
    "bytes=-",
    "lines=1-2",
    "bytes=-0",
    "bytes=1e1-",
    "bytes=--1",
  ]) {
    const got = await ranged(range);
    assert.deepEqual([got.status, got.body, got.headers["content-range"]], [416, "", "bytes */10"], range);
  }
});

test("one answer has 1.1 GB at most", () => {
  assert.deepEqual(requestedRange("bytes=0-1099999999", 2e9), { start: 0, end: 1.1e9 });
  assert.equal(requestedRange("bytes=0-1100000000", 2e9), "unsatisfiable");
});

test("the names of this machine depend on who may reach it", () => {
  assert.deepEqual([...hostsOf("127.0.0.1", 80)], ["127.0.0.1:80", "localhost:80", "[::1]:80"]);
  assert.deepEqual([...hostsOf("lab7", 80)], ["lab7:80"]);
  assert.ok(hostsOf("0.0.0.0", 80).has("localhost:80"));
});
