import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { request } from "undici";
import { type FaultAction, type Hub, memoryContent, startHub } from "../../../devkit/hub/hub.ts";

const zip = Buffer.from(Array.from({ length: 100_000 }, (_, at) => at % 253));
const FILE = "/datasets/voxshard/m3d-mini/resolve/main/a.zip";
const TREE = "/api/datasets/voxshard/m3d-mini/tree/main";
let hub: Hub;
let url: string;

before(async () => {
  const content = memoryContent({ "a.zip": zip, "b.txt": "b", "c.txt": "c" });
  hub = await startHub({ repos: [{ id: "voxshard/m3d-mini", content }], pageSize: 1 });
});
beforeEach(async () => {
  hub.faults.length = 0;
  url = String((await request(hub.endpoint + FILE)).headers["location"]);
});
after(() => hub.close());

const range = { range: "bytes=1000-59999" };
const right = zip.subarray(1000, 60_000);

/** Status and body of a ranged CDN request; a broken body gives what came before it broke. */
async function read(target = url, signal?: AbortSignal) {
  const { statusCode, headers, body } = await request(target, { headers: range, signal: signal ?? null });
  const chunks: Buffer[] = [];
  let broken = false;
  try {
    for await (const chunk of body) chunks.push(chunk);
  } catch {
    broken = true;
  }
  return { status: statusCode, headers, bytes: Buffer.concat(chunks), broken };
}

async function withCdn(action: FaultAction, signal?: AbortSignal) {
  hub.faults.push({ route: "cdn", do: action });
  return read(url, signal);
}

test("faults strike the nth, every nth, and so many times", async () => {
  hub.faults.push({ route: "cdn", nth: [2], path: /a\.zip/, do: { kind: "status", status: 503 } });
  hub.faults.push({ route: "cdn", every: 2, times: 1, path: /other/, do: { kind: "status", status: 500 } });
  const statuses = [(await read()).status, (await read()).status, (await read()).status];
  assert.deepEqual(statuses, [206, 503, 206]);
  assert.deepEqual(hub.log.at(-2)?.faults, ["status"]);
});

test("429 tells when to come back in each of the ways", async () => {
  const told = async (tell: "ratelimit" | "retry-after" | "nothing") => {
    hub.faults.splice(0, 1, { route: "resolve", do: { kind: "rate-limit", seconds: 7, tell } });
    const { statusCode, headers } = await request(hub.endpoint + FILE);
    return [statusCode, headers["ratelimit"], headers["retry-after"]];
  };
  assert.deepEqual(await told("ratelimit"), [429, '"resolvers";r=0;t=7', undefined]);
  assert.deepEqual(await told("retry-after"), [429, undefined, "7"]);
  assert.deepEqual(await told("nothing"), [429, undefined, undefined]);
});

test("a body is cut with and without a length to show it", async () => {
  const shown = await withCdn({ kind: "truncate", at: 500, length: true });
  assert.deepEqual([shown.broken, shown.bytes], [true, right.subarray(0, 500)]);
  hub.faults.length = 0;
  const silent = await withCdn({ kind: "truncate", at: 500, length: false });
  assert.deepEqual([silent.broken, silent.bytes], [false, right.subarray(0, 500)]);
});

test("a connection is reset before and in the middle of a body", async () => {
  await assert.rejects(withCdn({ kind: "reset" }), /ECONNRESET|other side closed/);
  hub.faults.length = 0;
  const middle = await withCdn({ kind: "reset", at: 700 });
  assert.deepEqual([middle.broken, middle.bytes.length], [true, 700]);
});

test("headers stall, bodies stall and drip", async () => {
  await assert.rejects(withCdn({ kind: "stall" }, AbortSignal.timeout(100)));
  hub.faults.length = 0;
  const stalled = await withCdn({ kind: "stall", at: 600 }, AbortSignal.timeout(300));
  assert.deepEqual([stalled.broken, stalled.bytes.length], [true, 600]);
  hub.faults.length = 0;
  const dripped = await withCdn({ kind: "drip", bytes: 20_000, everyMs: 10 });
  assert.deepEqual(dripped.bytes, right);
});

test("answers lie about ranges, bytes and encodings", async () => {
  const answers = async (action: FaultAction) => {
    hub.faults.length = 0;
    return withCdn(action);
  };
  assert.deepEqual((await answers({ kind: "ignore-range" })).bytes, zip);
  assert.equal(
    (await answers({ kind: "content-range", shift: 1 })).headers["content-range"],
    "bytes 1001-60000/100000",
  );
  assert.equal((await answers({ kind: "content-range", total: 9 })).headers["content-range"], "bytes 1000-59999/9");
  const { bytes } = await answers({ kind: "flip", offset: 1003, bit: 2 });
  assert.equal(bytes[3], right[3]! ^ 4);
  assert.equal((await answers({ kind: "flip", offset: 3 })).bytes.compare(right), 0);
  assert.match(String((await answers({ kind: "html" })).headers["content-type"]), /html/);
  assert.equal((await answers({ kind: "gzip" })).headers["content-encoding"], "gzip");
  assert.equal((await answers({ kind: "expired" })).status, 403);
  assert.equal((await answers({ kind: "headers", set: { ETag: null } })).headers["etag"], undefined);
  assert.equal((await answers({ kind: "changed", grow: 5 })).headers["content-range"], "bytes 1000-59999/100005");
});

test("redirects lead to a third host, or in a circle", async () => {
  hub.faults.push({ route: "resolve", nth: 1, do: { kind: "redirect", to: "third" } });
  hub.faults.push({ route: "resolve", nth: 2, do: { kind: "redirect", to: "loop" } });
  const third = String((await request(hub.endpoint + FILE)).headers["location"]);
  assert.equal(new URL(third).host, new URL(hub.third).host);
  assert.deepEqual((await read(third)).bytes, right);
  assert.equal((await request(hub.endpoint + FILE)).headers["location"], hub.endpoint + FILE);

  // A request that another fault refuses is not sent on to where the file is not.
  hub.faults.push({ route: "resolve", do: { kind: "status", status: 502 } });
  hub.faults.push({ route: "resolve", do: { kind: "redirect", to: "third" } });
  assert.equal((await request(hub.endpoint + FILE)).statusCode, 502);
});

test("a branch moves, and its old commit is still served; a page fails in the middle of a listing", async () => {
  const { sha } = hub.repo().at("main");
  hub.faults.push({ route: "tree", nth: 2, do: { kind: "move-branch" } });
  hub.faults.push({ route: "tree", nth: 2, do: { kind: "status", status: 502 } });
  const page = await request(hub.endpoint + TREE);
  const next = /<(.*)>; rel="next"/.exec(String(page.headers["link"]))?.[1];
  assert.equal((await request(next!)).statusCode, 502);
  assert.notEqual(hub.repo().at("main").sha, sha);
  assert.equal((await request(`${hub.endpoint}${FILE.replace("main", sha)}`)).headers["x-repo-commit"], sha);
  assert.equal((await request(next!)).statusCode, 200);
});
