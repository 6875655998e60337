import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type ByteSource, readAll } from "../../src/bytes/byte-source.ts";
import { isFault } from "../../src/errors.ts";
import { noise } from "../rows/rows.ts";

/** A source of these bytes; `close` lets go of what it stands on. */
export type Serve = (bytes: Uint8Array) => Promise<{ source: ByteSource; close?: () => Promise<void> }>;

/** Larger than any chunk, and of no round size. */
const SIZE = 2_345_677;
const bytes = noise(SIZE, 5);
const part = (start: number, end: number) => Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);

/** What every source promises. */
export function byteSourceSuite(name: string, serve: Serve): void {
  describe(`${name} keeps the promises of a byte source`, () => {
    let source: ByteSource;
    let close: (() => Promise<void>) | undefined;
    before(async () => {
      ({ source, close } = await serve(bytes));
    });
    after(async () => {
      await source.close?.();
      await close?.();
    });
    const assertRead = async (start: number, end: number, options = {}) => {
      const got = await readAll(source, { start, end }, options);
      assert.ok(part(start, end).equals(got), `${start} to ${end}`);
    };

    test("a range gives exactly its bytes", async () => {
      for (const [start, end] of [
        [0, 1],
        [SIZE - 1, SIZE],
        [777, 778],
        [65_535, 131_073],
        [1_000_000, 1_000_000],
        [0, SIZE],
      ] as const)
        await assertRead(start, end);
    });

    test("reads go on, back and over each other, many at once", async () => {
      const ranges = Array.from({ length: 12 }, (_, at) => [(at * 7 * 99_991) % 2_000_000, 20_011 * (at + 1)] as const);
      await Promise.all(ranges.map(([start, size]) => assertRead(start, start + size)));
    });

    test("chunks stay as they are while later ones come", async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of source.read({ start: 5, end: SIZE })) chunks.push(chunk);
      assert.ok(part(5, SIZE).equals(Buffer.concat(chunks)));
      assert.ok(chunks.every((chunk) => chunk.byteLength > 0));
    });

    test("a reader may leave, and others read on", async () => {
      for (const at of [0, 1_000_000])
        for await (const chunk of source.read({ start: at, end: SIZE })) {
          assert.equal(chunk[0], bytes[at]);
          break;
        }
      await assertRead(10, 200_000);
    });

    test("beyond the end there is nothing: an error where the length is known, never other bytes", async () => {
      const got: Uint8Array[] = [];
      const reading = async () => {
        for await (const chunk of source.read({ start: SIZE - 10, end: SIZE + 10 })) got.push(chunk);
      };
      if (source.byteLength === SIZE) await assert.rejects(reading, (error) => isFault(error));
      else await reading();
      const all = Buffer.concat(got);
      assert.ok(
        part(SIZE - 10, SIZE)
          .subarray(0, all.byteLength)
          .equals(all),
      );
      await assertRead(0, 10);
    });

    test("an aborted read ends with the reason, and no other does", async () => {
      const reason = new Error("no longer wanted");
      await assert.rejects(readAll(source, { start: 0, end: 10 }, { signal: AbortSignal.abort(reason) }), reason);
      const controller = new AbortController();
      const reading = async () => {
        for await (const _ of source.read({ start: 0, end: SIZE }, controller)) controller.abort(reason);
      };
      await Promise.all([assert.rejects(reading, reason), assertRead(0, SIZE), assertRead(99, 300_000)]);
    });

    test("the signal of a read that is over has no power", async () => {
      const controller = new AbortController();
      await assertRead(0, 100_000, controller);
      controller.abort();
      await assertRead(100_000, 300_000);
    });
  });
}
