import assert from "node:assert/strict";
import { test } from "node:test";
import { request } from "undici";
import { memoryContent, startHub } from "../../../devkit/hub/hub.ts";
import { Link, type LinkOptions, linkOf, PIECE } from "../../../devkit/hub/link.ts";
import { serveFolder } from "../../../devkit/hub/serve.ts";

const MB = 1e6;

/** Ms that `connections` take which each send `bytes` as fast as the link lets them, on a clock of their own. */
function sent(options: LinkOptions, connections: number, bytes: number): number[] {
  const link = new Link(options);
  const lines = Array.from({ length: connections }, () => ({ left: bytes, atMs: 0 }));
  for (;;) {
    const next = lines.filter(({ left }) => left > 0).sort((a, b) => a.atMs - b.atMs)[0];
    if (!next) return lines.map(({ atMs }) => atMs);
    const piece = Math.min(PIECE, next.left);
    next.left -= piece;
    next.atMs = link.pass(next, piece, next.atMs);
  }
}

test("each connection has its rate, all together have the cap, and they share it evenly", () => {
  const link = { perConnection: 50 * MB, cap: 100 * MB };
  for (const [connections, most] of [
    [1, 50],
    [2, 100],
    [4, 100],
    [8, 100],
  ] as const) {
    const ends = sent(link, connections, 20 * MB);
    const rate = (connections * 20 * 1000) / Math.max(...ends);
    assert.ok(Math.abs(rate / most - 1) < 0.05, `${connections} connections: ${rate} of ${most} MB/s`);
    assert.ok(Math.min(...ends) > 0.98 * Math.max(...ends), `${ends}`);
  }
});

test("a pause is made up for by a moment's rate, no more", () => {
  const link = new Link({ cap: 1 * MB });
  const one = {};
  link.pass(one, 100_000, 0);
  assert.ok(link.pass(one, 100_000, 10_000) >= 10_000 + 100 - 20);
});

test("through a link come the same bytes, and of two answers neither waits for the other's end", async (t) => {
  const file = Buffer.alloc(2 * MB, "0123456789abcdefg");
  const content = memoryContent({ "a.zip": file });
  const hub = await startHub({ repos: [{ id: "a/b", content }], link: { latencyMs: 1, cap: 40 * MB } });
  t.after(() => hub.close());
  const { headers } = await request(`${hub.endpoint}/datasets/a/b/resolve/main/a.zip`);
  const order: string[] = [];
  const read = async (name: string) => {
    const parts: Buffer[] = [];
    for await (const part of (await request(String(headers["location"]))).body) {
      parts.push(part);
      if (order.at(-1) !== name) order.push(name);
    }
    order.push(`${name} ended`);
    assert.ok(Buffer.concat(parts).equals(file));
  };
  await Promise.all([read("one"), read("other")]);
  const firstEnd = order.findIndex((event) => event.endsWith("ended"));
  assert.ok(firstEnd > 3, order.join(", "));
});

test("the flags say what the link is, or nothing", async () => {
  assert.deepEqual(linkOf({ latency: "80", "per-connection": "50MB", cap: "1.5GB" }), {
    latencyMs: 80,
    perConnection: 50 * MB,
    cap: 1500 * MB,
  });
  assert.deepEqual(linkOf({}), {});
  for (const cap of ["fast", "50", "0MB", "-1MB"]) {
    assert.ok(Number.isNaN(linkOf({ cap }).cap), cap);
    assert.equal(await serveFolder(["--dir", ".", `--cap=${cap}`]), undefined);
    assert.equal(process.exitCode, 64);
  }
  process.exitCode = 0;
});

test("help is help, and what is not known is one line and the usage, not a stack", async () => {
  assert.equal(await serveFolder(["--help"]), undefined);
  assert.ok(!process.exitCode);
  assert.equal(await serveFolder(["--nonsense"]), undefined);
  assert.equal(process.exitCode, 64);
  process.exitCode = 0;
});
