import assert from "node:assert/strict";
import { once } from "node:events";
import { Readable } from "node:stream";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Answer, bodyChunks } from "../../../src/bytes/http/transport.ts";

const answerOf = (body: Readable) => ({ status: 206, headers: {}, body }) as unknown as Answer;

test("chunks are those that came, not joined", async () => {
  const sent = Array.from({ length: 20 }, (_, at) => Buffer.alloc(1000 + at, at));
  const body = new Readable({ highWaterMark: 1 << 20, read() {} });
  for (const chunk of [...sent, null]) body.push(chunk);
  const got: Uint8Array[] = [];
  for await (const chunk of bodyChunks(answerOf(body))) got.push(chunk);
  assert.deepEqual(got, sent);
});

test("a body waits for a slow reader, and goes on with it", async () => {
  let made = 0;
  const read = function (this: Readable) {
    this.push(made++ < 200 ? Buffer.alloc(1000) : null);
  };
  const body = new Readable({ highWaterMark: 5000, read });
  let got = 0;
  for await (const _ of bodyChunks(answerOf(body))) {
    got += 1;
    for (let turns = 0; turns < 5; turns++) await nextTurn();
    assert.ok(made - got < 20, `${made - got} chunks wait`);
  }
  assert.equal(got, 200);
});

test("a body that breaks while its reader waits gives its error, and so does one that has broken", async () => {
  const broken = new Error("the line went dead");
  const body = new Readable({ read() {} });
  body.push(Buffer.alloc(10));
  const chunks = bodyChunks(answerOf(body));
  assert.equal((await chunks.next()).value?.byteLength, 10);
  const next = chunks.next();
  body.destroy(broken);
  await assert.rejects(next, broken);

  const before = new Readable({ read() {} });
  before.destroy(broken);
  await assert.rejects(once(before, "end"), broken);
  await assert.rejects(bodyChunks(answerOf(before)).next(), broken);
});

test("a body that is closed without an error ends: before anybody listens, and while its reader waits", async () => {
  const body = new Readable({ read() {} });
  const waiting = bodyChunks(answerOf(body)).next();
  body.destroy();
  assert.equal((await waiting).done, true);
  assert.equal((await bodyChunks(answerOf(body)).next()).done, true);
});
