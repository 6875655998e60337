import assert from "node:assert/strict";
import { test } from "node:test";
import { memorySource } from "../../devkit/bytes/memory-source.ts";
import { readAll } from "../../src/bytes/byte-source.ts";
import { checkedByContentId } from "../../src/bytes/checked.ts";

const hello = Buffer.from("hello\n");
/** What `git hash-object` and `sha256sum` say of it. */
const IDS = [
  "ce013625030ba8dba906f756967f9e9ca394464a",
  "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",
];

/** A source whose first `lies` answers have one bit more. */
function lying(lies: number) {
  const source = memorySource("M3D_Cap.json", hello);
  let reads = 0;
  return {
    ...source,
    async *read(...args: Parameters<typeof source.read>) {
      reads += 1;
      for await (const chunk of source.read(...args))
        yield reads > lies ? chunk : Uint8Array.from(chunk, (byte) => byte ^ 1);
    },
  };
}
const whole = { start: 0, end: hello.byteLength };

for (const id of IDS)
  test(`a file is what its listing names by an id of ${id.length} digits`, async () => {
    assert.deepEqual(await readAll(checkedByContentId(lying(0), id), whole), new Uint8Array(hello));
    // Read anew once.
    assert.deepEqual(await readAll(checkedByContentId(lying(1), id), whole), new Uint8Array(hello));
    await assert.rejects(readAll(checkedByContentId(lying(2), id), whole), (error: Error) =>
      error.message.startsWith(`M3D_Cap.json: its content has the id`),
    );
    const part = { start: 0, end: 2 };
    assert.equal((await readAll(checkedByContentId(lying(9), id), part)).byteLength, 2);
  });

test("an id of a form that nobody knows is no id", async () => {
  for (const id of ["", "f".repeat(39), "F".repeat(40), `sha256:${IDS[1]}`])
    assert.equal((await readAll(checkedByContentId(lying(9), id), whole)).byteLength, hello.byteLength);
});
