import assert from "node:assert/strict";
import { test } from "node:test";
import type { Member } from "../../src/archive/archive-format.ts";
import { readMembers } from "../../src/archive/ranges.ts";
import type { ByteSource } from "../../src/bytes/byte-source.ts";

test("a source that always has the next chunk ready leaves turns to everything else", async () => {
  const [chunk, byteLength] = [new Uint8Array(64 << 10), 16 << 20];
  const source: ByteSource = {
    name: "fast",
    byteLength,
    async *read({ start, end }) {
      for (let at = start; at < end; at += chunk.byteLength) yield chunk.subarray(0, end - at);
    },
  };
  const members = [0, 1].map((nth) => {
    const [start, end] = [(nth * byteLength) / 2, ((nth + 1) * byteLength) / 2];
    return { path: String(nth), start, end } as Member;
  });
  let turns = 0;
  let count = setImmediate(function again() {
    turns += 1;
    count = setImmediate(again);
  });
  let bytes = 0;
  for await (const { extent } of readMembers(source, [{ range: { start: 0, end: byteLength }, members }]))
    bytes += extent.byteLength;
  clearImmediate(count);
  assert.equal(bytes, byteLength);
  // Every 512 KiB.
  assert.ok(turns >= 30, `${turns} turns`);
});
