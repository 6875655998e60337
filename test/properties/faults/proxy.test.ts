import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { isFault } from "../../../src/errors.ts";
import { type Ended, Phantom } from "./disturbed.ts";
import { startProxy } from "./proxy.ts";
import { told } from "./rows.ts";
import { proxyTable } from "./table.ts";

let phantom: Phantom;
let calm: Ended;
before(async () => {
  phantom = await Phantom.make();
  calm = await phantom.converted();
});
after(() => phantom.remove());
const variables = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"];
const outer = Object.fromEntries(variables.map((name) => [name, process.env[name]]));
afterEach(() => {
  for (const [name, value] of Object.entries(outer)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

for (const { name, fault, reaction } of proxyTable)
  test(`proxy ${name}: ${told(reaction)}`, async () => {
    const proxy = await startProxy(fault);
    process.env["HTTP_PROXY"] = proxy.url;
    const ended = await phantom.converted({ stallMs: fault.kind === "silent" ? 300 : 30_000 });
    await proxy.close();
    assert.ok(proxy.tunnels.length > 0);
    if (typeof reaction === "object" && "stop" in reaction) {
      assert.ok(isFault(ended.error, reaction.stop), String(ended.error));
      assert.equal(ended.log.length, 0, "nothing goes round the proxy");
      assert.ok(proxy.tunnels.length <= 12, `${proxy.tunnels.length} tunnels asked for`);
      return;
    }
    if (ended.error !== undefined) throw ended.error;
    assert.deepEqual(ended.files, calm.files);
    const hosts = new Set(proxy.tunnels.map((target) => target.split(":")[0]));
    assert.deepEqual([...hosts].sort(), ["127.0.0.1", "127.0.0.2"], "the Hub and the store alike");
  });

test("a proxy that is not there: stop, network", async () => {
  const proxy = await startProxy({ kind: "none" });
  await proxy.close();
  process.env["HTTP_PROXY"] = proxy.url;
  const { error, log } = await phantom.converted();
  assert.ok(isFault(error, "network"), String(error));
  assert.equal(log.length, 0);
});

test("NO_PROXY goes round it", async () => {
  const proxy = await startProxy({ kind: "refuses" });
  Object.assign(process.env, { HTTP_PROXY: proxy.url, NO_PROXY: "127.0.0.1,127.0.0.2" });
  const { error, files } = await phantom.converted();
  await proxy.close();
  assert.equal(error, undefined);
  assert.deepEqual(files, calm.files);
  assert.deepEqual(proxy.tunnels, []);
});
