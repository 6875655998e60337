import assert from "node:assert/strict";
import path from "node:path";
import { after, before, test } from "node:test";
import { type Hub, startHub } from "../../devkit/hub/hub.ts";
import { writePhantomRepo } from "../../devkit/phantoms/phantom-repo.ts";
import { indexSource } from "../../src/catalogue/index-source.ts";
import { isFault } from "../../src/errors.ts";
import { Output, Selection } from "../../src/model/selection.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import { convert } from "../../src/run/convert.ts";
import { verify } from "../../src/run/verify.ts";
import { openSource } from "../../src/source/open-source.ts";
import { workers } from "../../src/workers/workers.ts";
import { filesOf } from "../properties/determined-files.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const REPO = "phantoms/M3D-Cap";
const folder = temporaryFolder("hub");
let hub: Hub;
before(async () => {
  process.env["VOXSHARD_CACHE"] = path.join(folder, "cache");
  await writePhantomRepo(path.join(folder, "repo"), {
    casesPerArchive: 2,
    seriesPerCase: 3,
    slices: 8,
    height: 64,
    width: 64,
  });
  hub = await startHub({ dir: path.join(folder, "repo"), repo: REPO, pageSize: 2 });
});
after(() => hub.close());

interface RunOptions {
  splits?: string[];
  /** Null: as many as bring more. */
  connections?: number | null;
  threads?: number;
  attempts?: number;
}
async function run(out: string, options: RunOptions = {}) {
  const { splits = [], threads = 2, attempts = 5 } = options;
  const connections = options.connections === null ? undefined : (options.connections ?? 4);
  const retry = { firstWaitMs: 1, maxWaitMs: 5, attempts };
  const source = await openSource(REPO, { endpoint: hub.endpoint, connections, retry });
  const executor = workers(threads);
  try {
    const plan = makePlan(
      source,
      await indexSource(source),
      Selection.parse({ splits }),
      Output.parse({ shardBytes: 30_000_000 }),
    );
    hub.resetLog();
    const converted = await convert(plan, source, { folder: path.join(folder, out), executor, connections });
    return { plan, converted };
  } finally {
    await executor.close();
    await source.close();
  }
}

test("what the plan says of bytes and ranges is what the server then sees", async () => {
  const { plan, converted } = await run("all");
  assert.equal(
    converted.receipts.reduce((sum, receipt) => sum + receipt.rows, 0),
    18,
  );
  assert.equal(hub.counters().cdn, plan.fetch.ranges);
  assert.equal(hub.counters().cdnBytes, plan.fetch.bytes);
  assert.ok(hub.counters().resolve <= plan.fetch.resolves);
  assert.deepEqual((await verify(path.join(folder, "all"))).problems, []);
});

test("other numbers of connections and workers give the same bytes", async () => {
  await run("one", { connections: 1, threads: 1 });
  await run("eight", { connections: 8, threads: 2 });
  await run("many", { connections: null, threads: 1 });
  assert.deepEqual(await filesOf(path.join(folder, "one")), await filesOf(path.join(folder, "eight")));
  assert.deepEqual(await filesOf(path.join(folder, "one")), await filesOf(path.join(folder, "many")));
});

test("a second run makes nothing and asks for nothing", async () => {
  const { converted } = await run("all");
  assert.equal(converted.made, 0);
  assert.equal(hub.counters().cdn, 0);
});

test("broken bodies, expired links, busy servers and a flipped bit end in the same bytes", async () => {
  hub.faults.push(
    { route: "cdn", nth: [1, 13], do: { kind: "truncate", at: 5000, length: true } },
    { route: "cdn", nth: 3, do: { kind: "truncate", at: 3000, length: false } },
    { route: "cdn", nth: [5, 15], do: { kind: "status", status: 503 } },
    { route: "cdn", nth: 7, do: { kind: "reset", at: 100 } },
    { route: "cdn", nth: 9, do: { kind: "content-range", shift: 7 } },
    { route: "cdn", nth: 11, do: { kind: "expired" } },
    { route: "cdn", nth: 17, do: { kind: "ignore-range" } },
    { route: "cdn", nth: 19, do: { kind: "html" } },
    { route: "cdn", nth: 21, do: { kind: "gzip" } },
    { route: "cdn", nth: [23], do: { kind: "flip", offset: 30_000 } },
    { route: "resolve", nth: 1, do: { kind: "rate-limit", seconds: 0, tell: "retry-after" } },
  );
  // Where connections take turns so, one read meets all 13.
  await run("faulty", { attempts: 14 });
  hub.faults.length = 0;
  assert.deepEqual(await filesOf(path.join(folder, "faulty")), await filesOf(path.join(folder, "all")));
});

test("a link that is refused for ever ends in an error, not in a circle", async () => {
  hub.faults.push({ route: "cdn", do: { kind: "expired" } });
  await assert.rejects(run("refused"), (error) => isFault(error, "not-allowed"));
  hub.faults.length = 0;
  assert.ok(hub.counters().cdn < 40);
});

const refusals: readonly ["private" | "gated" | "disabled", string][] = [
  ["private", "source-not-found"],
  ["gated", "not-allowed"],
  ["disabled", "disabled"],
];
for (const [access, kind] of refusals) {
  test(`a ${access} repository has its own error`, async () => {
    const closed = await startHub({ repos: [{ id: REPO, dir: path.join(folder, "repo"), access }] });
    await assert.rejects(
      openSource(REPO, { endpoint: closed.endpoint }),
      (error) => isFault(error) && error.fault.kind === kind,
    );
    await closed.close();
  });
}

test("one folder of a repository is a source, with the lists that lie above it", async () => {
  const [all, one] = await Promise.all(
    ["hf:phantoms/M3D-Cap", "hf:phantoms/M3D-Cap/M3D_Cap/ct_quizze@main"].map(async (text) => {
      const source = await openSource(text, { endpoint: hub.endpoint });
      const index = await indexSource(source);
      await source.close();
      return { source, ids: index.entries.map(({ id }) => id).sort() };
    }),
  );
  assert.deepEqual(
    one!.ids,
    all!.ids.filter((id) => id.startsWith("ct_quizze/")),
  );
  assert.ok(one!.ids.length > 0 && one!.ids.length < all!.ids.length);
  assert.equal(one!.source.name, "phantoms/M3D-Cap/M3D_Cap/ct_quizze");
  assert.deepEqual(one!.source.splitFile, all!.source.splitFile);
  await assert.rejects(openSource("phantoms/M3D-Cap/ct_quiz", { endpoint: hub.endpoint }), (error) =>
    isFault(error, "source-not-found"),
  );
});
