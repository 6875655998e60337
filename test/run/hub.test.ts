import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { isFault } from "../../src/errors.ts";
import { Output, Selection } from "../../src/model/selection.ts";
import { convert } from "../../src/run/convert.ts";
import { openSource } from "../../src/run/open-source.ts";
import { indexSource, makePlan } from "../../src/run/plan.ts";
import { verify } from "../../src/run/verify-output.ts";
import { workers } from "../../src/run/workers.ts";
import { type Access, type Hub, startHub } from "../mini-hub/hub.ts";
import { writePhantomRepo } from "../phantom/phantom-repo.ts";

const REPO = "phantoms/M3D-Cap";
let folder: string;
let hub: Hub;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "hub-"));
  process.env["VOXSHARD_CACHE"] = path.join(folder, "cache");
  await writePhantomRepo(path.join(folder, "repo"), { casesPerArchive: 2, slices: 8, side: 64 });
  hub = await startHub({ dir: path.join(folder, "repo"), repo: REPO, pageSize: 2 });
});
after(async () => {
  await hub.close();
  await rm(folder, { recursive: true, force: true });
});

async function run(out: string, options: { splits?: string[]; connections?: number; threads?: number } = {}) {
  const { splits = [], connections = 4, threads = 2 } = options;
  const retry = { firstWaitMs: 1, maxWaitMs: 5 };
  const source = await openSource(REPO, { endpoint: hub.endpoint, connections, retry });
  const executor = workers(threads);
  try {
    const plan = makePlan(
      source,
      await indexSource(source),
      Selection.parse({ splits }),
      Output.parse({ shardBytes: 30_000_000 }),
    );
    hub.log.clear();
    const converted = await convert(plan, source, { folder: path.join(folder, out), executor, connections });
    return { plan, converted };
  } finally {
    await executor.close();
    await source.close();
  }
}

const contentOf = async (out: string) => {
  const root = path.join(folder, out);
  const files = (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  return Promise.all(
    files
      .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
      .sort()
      .map(async (name) => [name, (await readFile(path.join(root, name))).toString("base64")]),
  );
};

test("what the plan says of bytes and ranges is what the server then sees", async () => {
  const { plan, converted } = await run("all");
  assert.equal(
    converted.receipts.reduce((sum, receipt) => sum + receipt.rows, 0),
    18,
  );
  assert.equal(hub.log.of("cdn").length, plan.fetch.ranges);
  assert.equal(hub.log.bytes("cdn"), plan.fetch.bytes);
  assert.ok(hub.log.of("resolve").length <= plan.fetch.resolves);
  assert.deepEqual((await verify(path.join(folder, "all"))).problems, []);
});

test("other numbers of connections and workers give the same bytes", async () => {
  await run("one", { connections: 1, threads: 1 });
  await run("eight", { connections: 8, threads: 2 });
  assert.deepEqual(await contentOf("one"), await contentOf("eight"));
});

test("a second run makes nothing and asks for nothing", async () => {
  const { converted } = await run("all");
  assert.equal(converted.made, 0);
  assert.equal(hub.log.of("cdn").length, 0);
});

test("broken bodies, expired links, busy servers and a flipped bit end in the same bytes", async () => {
  hub.faults.push(
    { bucket: "cdn", cutAfter: 5000, times: 2 },
    { bucket: "cdn", skip: 1, status: 503, times: 2 },
    { bucket: "cdn", skip: 1, status: 403, times: 1 },
    { bucket: "cdn", skip: 2, shiftRange: 7, times: 1 },
    { bucket: "resolve", status: 429, headers: { "retry-after": "0" }, times: 1 },
  );
  await run("faulty");
  hub.faults.length = 0;
  assert.deepEqual(await contentOf("faulty"), await contentOf("all"));
});

test("a link that is refused for ever ends in an error, not in a circle", async () => {
  hub.faults.push({ bucket: "cdn", status: 403, body: "no" });
  await assert.rejects(run("refused"), (error) => isFault(error, "not-allowed"));
  hub.faults.length = 0;
  assert.ok(hub.log.of("cdn").length < 40);
});

const refusals: readonly [Access, string][] = [
  ["private", "source-not-found"],
  ["gated", "not-allowed"],
  ["disabled", "disabled"],
];
for (const [access, kind] of refusals) {
  test(`a ${access} repository has its own error`, async () => {
    const closed = await startHub({ dir: path.join(folder, "repo"), repo: REPO, access });
    await assert.rejects(
      openSource(REPO, { endpoint: closed.endpoint }),
      (error) => isFault(error) && error.fault.kind === kind,
    );
    await closed.close();
  });
}
