import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryContent, startHub } from "../../../devkit/hub/hub.ts";
import { voxshard } from "../../command.ts";
import { Phantom } from "./disturbed.ts";
import { VirtualClock } from "./virtual-clock.ts";

test("a conversion under narrow limits keeps within them, says that it waits, and ends in the same bytes", async (t) => {
  const phantom = await Phantom.make();
  t.after(() => phantom.remove());
  const calm = await phantom.converted();
  const clock = new VirtualClock();
  const began = clock.now();
  const hub = { quotas: { api: 2, resolvers: 1 }, now: () => clock.now() };
  const ended = await phantom.converted({ clock, hub });
  assert.equal(ended.error, undefined);
  assert.deepEqual(ended.files, calm.files);
  const refused = ended.log.filter(({ status }) => status === 429);
  assert.equal(refused.length, 0);
  const api = ended.log.filter(({ url }) => url.startsWith("/api/")).length;
  const windows = Math.ceil(api / 2) - 1;
  assert.ok(clock.now() - began >= windows * 300_000, `${(clock.now() - began) / 300_000} windows for ${api} requests`);
  assert.ok(ended.told.filter((ms) => ms > 290_000).length >= windows, `${ended.told}`);
});

test("the command says on its progress line that it waits, how long and why", async () => {
  const hub = await startHub({
    repos: [{ id: "a/b", content: memoryContent({ "README.md": "# nothing" }) }],
    faults: [{ route: "tree", nth: 1, do: { kind: "rate-limit", seconds: 0 } }],
  });
  const ended = await voxshard(["index", "a/b"], { HF_ENDPOINT: hub.endpoint });
  await hub.close();
  assert.match(ended.stderr, /^waiting 1 s: .*HTTP 429.*rate limit/m);
  assert.equal(ended.stderr.match(/waiting/g)?.length, 1);
  assert.deepEqual(
    hub.log.filter(({ route }) => route === "tree").map(({ status }) => status),
    [429, 200],
  );
});
