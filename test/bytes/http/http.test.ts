import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Fault } from "../../../devkit/hub/hub.ts";
import { noise } from "../../../devkit/rows/rows.ts";
import { readAll } from "../../../src/bytes/byte-source.ts";
import { httpSource } from "../../../src/bytes/http/http-source.ts";
import { isFault } from "../../../src/errors.ts";
import { resolveLink } from "../../../src/hub/resolve.ts";
import { type Remote, remote, TOKEN } from "./remote.ts";

const bytes = noise(300_000, 3);
const whole = { start: 0, end: bytes.byteLength };
const ranges = ({ hub }: Remote) => hub.log.filter(({ route }) => route === "cdn").map(({ range }) => range);
const cut = (at: number, more: Partial<Fault> = {}): Fault => ({
  route: "cdn",
  do: { kind: "truncate", at, length: true },
  ...more,
});

test("a broken body goes on at the first missing byte, however often it breaks", async (t) => {
  const one = await opened(t, bytes, { faults: [cut(10_000)] }, "a.zip", { attempts: 2 });
  assert.deepEqual(await readAll(one.source, whole), bytes);
  const starts = Array.from({ length: 30 }, (_, at) => `bytes=${at * 10_000}-299999`);
  assert.deepEqual(ranges(one), starts);
  assert.equal(one.hub.counters().resolve, 1);
});

test("without a byte of progress the attempts are counted, with ever longer waits", async (t) => {
  const one = await opened(t, bytes, { faults: [cut(0)] });
  const failed = await readAll(one.source, whole).catch((error) => error);
  assert.ok(isFault(failed, "network") && failed.exitCode === 75, String(failed));
  assert.match(failed.message, /gave up after 5 attempts/);
  assert.equal(ranges(one).length, 5);
  assert.equal(one.clock.waits.length, 4);
  for (const [at, ms] of one.clock.waits.entries()) {
    const most = 500 * 2 ** at;
    assert.ok(ms >= most / 2 && ms <= most, `wait ${at}: ${ms} ms`);
  }
});

test("waits are jittered: no two readers come back in step", async (t) => {
  const one = await opened(t, bytes, {
    faults: [{ route: "cdn", nth: range(1, 20), do: { kind: "status", status: 503 } }],
  });
  await Promise.all(range(1, 20).map(() => readAll(one.source, whole)));
  const waits = one.clock.waits;
  assert.ok(waits.length >= 20 && new Set(waits).size === waits.length, `${waits}`);
});

test("many readers meet an expired link: one new link for all of them", async (t) => {
  const one = await opened(t, bytes);
  await readAll(one.source, { start: 0, end: 10 });
  one.hub.expireUrls();
  const got = await Promise.all(range(0, 24).map((at) => readAll(one.source, { start: at, end: at + 50_000 })));
  for (const [at, part] of got.entries()) assert.deepEqual(part, bytes.subarray(at, at + 50_000));
  assert.equal(one.hub.counters().resolve, 2);
});

test("a link that expires in the middle of a read is replaced, and the read goes on where it was", async (t) => {
  const one = await opened(t, bytes, { faults: [cut(100_000, { nth: 1 })] });
  const parts: Uint8Array[] = [];
  for await (const part of one.source.read(whole)) {
    if (parts.length === 0) one.hub.expireUrls();
    parts.push(part);
  }
  assert.ok(Buffer.concat(parts).equals(bytes));
  assert.deepEqual(ranges(one), ["bytes=0-299999", "bytes=100000-299999", "bytes=100000-299999"]);
  assert.equal(one.hub.counters().resolve, 2);
});

test("a 403 without end ends each reader, soon", async (t) => {
  const one = await opened(t, bytes, { faults: [{ route: "cdn", do: { kind: "expired" } }] });
  const ended = await Promise.allSettled(range(1, 10).map(() => readAll(one.source, whole)));
  for (const each of ended) assert.ok(each.status === "rejected" && isFault(each.reason, "not-allowed"));
  const { cdn, resolve } = one.hub.counters();
  assert.ok(cdn <= 30 && resolve <= 30, `${cdn} ranges, ${resolve} links`);
});

test("a link is not used beyond its end", async (t) => {
  const { client, hub } = await opened(t, bytes);
  let made = 0;
  const source = httpSource({
    name: "a.zip",
    byteLength: 10,
    resolve: async () => {
      made += 1;
      return { url: new URL(`${hub.endpoint}/none`), headers: {}, useUntilMs: Date.now() - 1 };
    },
    transport: client.options.transport,
    retry: { ...client.options.retry, attempts: 1 },
  });
  for (const _ of range(1, 3)) await assert.rejects(readAll(source, { start: 0, end: 10 }));
  assert.equal(made, 3);
});

test("one reader's leaving while the link is made leaves the others theirs", async (t) => {
  const one = await opened(t, bytes, { faults: [{ route: "resolve", nth: 1, do: { kind: "stall", ms: 60_000 } }] });
  const controller = new AbortController();
  const first = readAll(one.source, whole, controller);
  const second = readAll(one.source, whole);
  while (one.hub.counters().resolve === 0) await new Promise(setImmediate);
  controller.abort(new Error("left"));
  await assert.rejects(first, /left/);
  assert.deepEqual(await second, bytes);
  assert.equal(one.hub.counters().resolve, 2);
});

test("where the clock is wrong a new link is used until it is refused", async (t) => {
  const to = "http://127.0.0.3:1/a?Expires=1";
  const { client, hub } = await opened(t, bytes, { faults: [{ route: "resolve", do: { kind: "redirect", to } }] });
  const repo = hub.repo();
  const { sha, entries } = repo.at("main");
  const contentId = entries.get("a.zip")?.lfs?.sha256 ?? "";
  const file = { path: "a.zip", byteLength: bytes.byteLength, contentId };
  const link = await resolveLink(client, repo.id, sha, file);
  assert.deepEqual([link.url.href, link.useUntilMs], [to, Number.POSITIVE_INFINITY]);
});

test("a third host may tag the file otherwise; the token goes to the Hub alone", async (t) => {
  const one = await opened(t, bytes, {
    faults: [
      { route: "resolve", nth: 2, do: { kind: "redirect", to: "third" } },
      { route: "cdn", nth: [3, 4], do: { kind: "headers", set: { etag: '"another"' } } },
    ],
  });
  await readAll(one.source, { start: 0, end: 10 });
  one.hub.expireUrls();
  assert.deepEqual(await readAll(one.source, whole), bytes);
  assert.deepEqual(
    one.hub.log.filter(({ route }) => route === "cdn").map(({ host, status }) => [host, status]),
    [
      ["cdn", 206],
      ["cdn", 403],
      ["third", 206],
    ],
  );
  for (const { host, headers } of one.hub.log)
    assert.equal(headers.authorization, host === "hub" ? `Bearer ${TOKEN}` : undefined);
});

test("a fetch that is redirected to the store leaves the token behind", async (t) => {
  const { client, hub } = await opened(t, bytes);
  const headers = { authorization: `Bearer ${TOKEN}` };
  const got = await client.fetch(client.url(`datasets/${hub.repo().id}/resolve/main/a.zip`), { headers });
  assert.deepEqual(new Uint8Array(await got.arrayBuffer()), bytes);
  assert.deepEqual(
    hub.log.map(({ host, headers }) => [host, headers.authorization]),
    [
      ["hub", `Bearer ${TOKEN}`],
      ["cdn", undefined],
    ],
  );
});

async function opened(t: TestContext, ...options: Parameters<typeof remote>): Promise<Remote> {
  const one = await remote(...options);
  t.after(one.close);
  return one;
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}
