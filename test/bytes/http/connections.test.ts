import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Link } from "../../../devkit/hub/link.ts";
import { noise } from "../../../devkit/rows/rows.ts";
import { readAll } from "../../../src/bytes/byte-source.ts";
import { Connections } from "../../../src/bytes/http/connections.ts";
import { type Load, ModelledLink } from "./modelled-link.ts";
import { remote } from "./remote.ts";

const MB = 1e6;
/** Series of 3 to 12 MB, one after the other. */
const series = (n: number) => (3 + ((n * 7) % 10)) * MB;
const measured = (load: Load, fixed?: number) => {
  const model = new ModelledLink(load);
  return { model, connections: new Connections(fixed, () => model.nowMs) };
};

test("it starts with 4 and grows while throughput does: within 2 seconds 95 % of what the link gives are used", () => {
  for (const cap of [60, 200, 400, 600]) {
    const { model, connections } = measured({
      link: { latencyMs: 80, perConnection: 50 * MB, cap: cap * MB },
      bytes: series,
    });
    assert.equal(connections.limit, 4);
    model.run(connections, 2_000);
    const rate = model.run(connections, 12_000) / 1000;
    const all = measured({ link: { latencyMs: 80, perConnection: 50 * MB, cap: cap * MB }, bytes: series }, 16);
    all.model.run(all.connections, 2_000);
    const most = all.model.run(all.connections, 12_000) / 1000;
    assert.ok(rate >= 0.95 * most, `${rate} of ${most} MB/s with ${connections.limit} at a cap of ${cap}`);
  }
});

test("where more bring nothing it goes back, and does not creep up", () => {
  const { model, connections } = measured({ link: { perConnection: 50 * MB, cap: 100 * MB }, bytes: series });
  const limits = new Set<number>();
  for (let second = 5; second <= 60; second++) {
    model.run(connections, second * 1000);
    limits.add(connections.limit);
  }
  assert.ok(Math.max(...limits) <= 5 && limits.has(4), `${[...limits]}`);
});

test("a link that gets faster later is found out", () => {
  const link = { latencyMs: 80, perConnection: 50 * MB, cap: 100 * MB };
  const { model, connections } = measured({ link, bytes: series });
  model.run(connections, 20_000);
  assert.ok(connections.limit <= 8, `${connections.limit}`);
  model.link = new Link({ ...link, cap: 800 * MB });
  model.run(connections, 60_000);
  assert.equal(connections.limit, 16);
});

test("readers that are slow themselves are no reason to grow", () => {
  const link = { latencyMs: 80, perConnection: 50 * MB };
  const { model, connections } = measured({ link, bytes: () => MB, thinkMs: 2_000 });
  model.run(connections, 30_000);
  assert.equal(connections.limit, 4);
});

test("refusals halve it, once for all that were under way; it settles where few are refused", () => {
  const link = { latencyMs: 80, perConnection: 50 * MB };
  const { model, connections } = measured({ link, bytes: series, most: 6 });
  model.run(connections, 60_000);
  const before = model.refused;
  const rate = model.run(connections, 120_000) / 1000;
  assert.ok(connections.limit <= 7, `${connections.limit} at the end`);
  assert.ok(model.refused - before <= 60, `${model.refused - before} refused in a minute`);
  assert.ok(rate > 100, `${rate} MB/s`);
});

test("a number that is given stays, whatever happens", () => {
  const { model, connections } = measured({ link: { perConnection: 50 * MB }, bytes: series, most: 3 }, 5);
  model.run(connections, 20_000);
  assert.ok(model.refused > 0);
  assert.deepEqual([connections.limit, connections.most], [5, 5]);
});

test("whatever comes, it stays between 1 and 16", () => {
  const event = fc.oneof(
    fc.record({ kind: fc.constant("begin" as const) }),
    fc.record({ kind: fc.constant("end" as const), failed: fc.boolean() }),
    fc.record({ kind: fc.constant("bytes" as const), bytes: fc.nat(1e8), ms: fc.nat(2000) }),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 400 }), (events) => {
      let now = 0;
      const connections = new Connections(undefined, () => now);
      const open: ((failed: boolean) => void)[] = [];
      for (const one of events) {
        if (one.kind === "begin") open.push(connections.begin());
        else if (one.kind === "end") open.shift()?.(one.failed);
        else {
          now += one.ms;
          connections.received(one.bytes);
        }
        assert.ok(Number.isInteger(connections.limit) && connections.limit >= 1 && connections.limit <= 16);
      }
    }),
  );
});

test("whatever the link, it comes to 85 % of what 16 connections would bring", () => {
  const links = fc.record({
    latencyMs: fc.integer({ min: 1, max: 300 }),
    perConnection: fc.integer({ min: 2, max: 100 }).map((rate) => rate * MB),
    cap: fc.integer({ min: 10, max: 800 }).map((rate) => rate * MB),
  });
  fc.assert(
    fc.property(links, (link) => {
      const [grown, all] = [measured({ link, bytes: series }), measured({ link, bytes: series }, 16)];
      const rates = [grown, all].map(({ model, connections }) => {
        model.run(connections, 30_000);
        return model.run(connections, 50_000) / 1000;
      });
      assert.ok(rates[0]! >= 0.85 * rates[1]!, `${rates} MB/s with ${grown.connections.limit}`);
    }),
    { numRuns: 12 },
  );
});

for (const [what, fault] of [
  ["a 429", { kind: "rate-limit", seconds: 1, tell: "retry-after" }],
  ["a reset", { kind: "reset", at: 1000 }],
  ["a busy server", { kind: "status", status: 503 }],
] as const)
  test(`${what} of the miniature Hub halves the connections, and the bytes are the same`, async (t) => {
    const bytes = noise(100_000, 5);
    const faults = [{ route: "cdn", nth: 3, do: fault }];
    const { source, client, hub, close } = await remote(bytes, { faults }, "a.zip", {}, null);
    t.after(close);
    const { connections } = client.options.transport;
    for (let at = 0; at < 5; at++) {
      assert.deepEqual([connections.limit, connections.peak], [at < 3 ? 4 : 2, at === 0 ? 0 : 1]);
      assert.deepEqual(await readAll(source, { start: 0, end: bytes.byteLength }), bytes);
    }
    assert.equal(hub.counters().cdn, 6);
  });

test("a link that has expired and a file that has changed are no reason for fewer connections", async (t) => {
  const faults = [
    { route: "cdn", nth: 1, do: { kind: "expired" } },
    { route: "cdn", nth: 3, do: { kind: "changed", grow: 1 } },
  ] as const;
  const { source, client, close } = await remote(noise(1000, 5), { faults }, "a.zip", {}, null);
  t.after(close);
  await readAll(source, { start: 0, end: 1000 });
  await assert.rejects(readAll(source, { start: 0, end: 1000 }), /now/);
  assert.equal(client.options.transport.connections.limit, 4);
});
