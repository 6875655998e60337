import assert from "node:assert/strict";
import { test } from "node:test";
import { Pacer } from "../../../src/bytes/http/pacer.ts";
import { waitAskedMs } from "../../../src/bytes/http/partial.ts";
import { defaultRetryPolicy } from "../../../src/bytes/retrying.ts";
import { isFault } from "../../../src/errors.ts";
import { VirtualClock } from "../../properties/faults/virtual-clock.ts";
import { remote } from "./remote.ts";

const policy = defaultRetryPolicy;
const WINDOW_MS = 300_000;
const resolver = new URL("https://hub.example/datasets/a/b/resolve/main/c");
const api = new URL("https://hub.example/api/datasets/a/b");
const told = (remaining: number, seconds: number) => ({
  status: 200,
  headers: { ratelimit: `"resolvers";r=${remaining};t=${seconds}` },
});

test("24 requests at once under a limit of 5 in 5 minutes: none is refused, and no window is wasted", async (t) => {
  const waits: number[] = [];
  const quotas = { resolvers: 5 };
  const onWait = (ms: number) => waits.push(ms);
  const { client, hub, clock, close } = await remote(Buffer.alloc(10, 1), { quotas }, ".small", { onWait });
  t.after(close);
  const { id } = hub.repo();
  const { traffic, pacer } = client.options.transport;
  let heard = traffic.requests;
  const learn = pacer.learn.bind(pacer);
  pacer.learn = (url, answer) => {
    learn(url, answer);
    heard += 1;
  };
  clock.busy = () => traffic.requests > heard;
  const began = clock.now();
  const headers = { authorization: `Bearer ${client.options.token}` };
  const one = () => client.fetch(client.url(`datasets/${id}/resolve/main/.small`), { headers });
  await one();
  await Promise.all(Array.from({ length: 23 }, one));
  assert.deepEqual([...new Set(hub.log.map(({ status }) => status))], [200]);
  const windows = (clock.now() - began) / WINDOW_MS;
  assert.ok(windows >= 4 && windows < 4.1, `${windows} windows`);
  assert.ok(waits.length > 0 && waits.every((ms) => ms > 0 && ms <= WINDOW_MS + 1000), "and says that it waits");
});

test("requests under way count, whatever order answers come in", async () => {
  const clock = new VirtualClock();
  const pacer = new Pacer(clock);
  pacer.learn(resolver, told(3, 60));
  await pacer.turn(resolver, policy);
  await pacer.turn(resolver, policy);
  pacer.learn(resolver, told(1, 60));
  pacer.learn(resolver, told(2, 60));
  await pacer.turn(resolver, policy);
  assert.deepEqual(clock.waits, []);
  await pacer.turn(resolver, policy);
  assert.deepEqual(clock.waits, [61_000]);
});

test("one limit holds up no other, and no other host", async () => {
  const clock = new VirtualClock();
  const pacer = new Pacer(clock);
  pacer.learn(resolver, told(0, 60));
  await pacer.turn(api, policy);
  await pacer.turn(new URL(resolver.pathname, "https://other.example"), policy);
  assert.deepEqual(clock.waits, []);
});

test("a 429 holds up all requests of its kind, as long as it says", async () => {
  const clock = new VirtualClock();
  const pacer = new Pacer(clock);
  pacer.learn(resolver, { status: 429, headers: { "retry-after": "20" } });
  await Promise.all([pacer.turn(resolver, policy), pacer.turn(resolver, policy)]);
  assert.deepEqual(clock.waits, [21_000, 21_000]);
  pacer.learn(resolver, { status: 429, headers: {} });
  await pacer.turn(resolver, policy);
  assert.equal(clock.waits.length, 2, "one that says nothing is its own request's affair");
});

test("a wait of hours is an error that says so, and a waiter may leave", async () => {
  const clock = new VirtualClock();
  const pacer = new Pacer(clock);
  pacer.learn(resolver, told(0, 7200));
  await assert.rejects(
    pacer.turn(resolver, policy),
    (error) => isFault(error, "rate-limited") && error.exitCode === 75,
  );
  pacer.learn(api, told(0, 10));
  const reason = new Error("left");
  await assert.rejects(pacer.turn(api, policy, AbortSignal.abort(reason)), reason);
});

test("Retry-After may be a date", () => {
  const at = Date.UTC(2026, 0, 1);
  const headers = { "retry-after": new Date(at + 90_000).toUTCString() };
  assert.equal(waitAskedMs({ headers }, at), 90_000);
  assert.equal(waitAskedMs({ headers }, at + 100_000), 0);
});
