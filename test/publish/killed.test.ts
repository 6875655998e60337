import assert from "node:assert/strict";
import path from "node:path";
import { before, test } from "node:test";
import type { FaultAction } from "../../devkit/hub/hub.ts";
import type { Reply } from "../../devkit/hub/reply.ts";
import type { Plan } from "../../src/model/plan.ts";
import { sha256OfFile } from "../../src/output/output-folder.ts";
import { voxshard } from "../command.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { converted, phantomRepo } from "./phantom-output.ts";
import { AT_ONCE, ID, straight } from "./straight.ts";
import { startWritableHub, type WritableHub } from "./writable-hub.ts";

const root = temporaryFolder("killed");
let out: string;
let fromHub: string;
let plan: Plan;
before(async () => {
  out = path.join(root, "out");
  const repo = await phantomRepo(root, 1);
  plan = await converted(out, repo);
  // The rows say where they come from: the Hub's shards are others than those of the local copy.
  const hub = await startWritableHub({ dir: repo, repo: "phantoms/M3D-Cap" });
  fromHub = path.join(root, "from-hub");
  await converted(fromHub, "phantoms/M3D-Cap", { endpoint: hub.endpoint });
  await hub.close();
});

interface Moment {
  readonly route: string;
  readonly nth: number;
  /** The Hub has done what the request asks, and not said so; else it has heard nothing of it. */
  readonly isDone: boolean;
}
const moments: readonly Moment[] = [
  { route: "create", nth: 1, isDone: true },
  { route: "lfs-batch", nth: 1, isDone: false },
  { route: "lfs-put", nth: 1, isDone: false },
  { route: "lfs-put", nth: 3, isDone: true },
  { route: "commit", nth: 1, isDone: false },
  { route: "commit", nth: 1, isDone: true },
];

for (const at of moments) {
  const moment = `at ${at.route} ${at.nth}, ${at.isDone ? "after" : "before"} the Hub has done it`;

  test(`publish, killed ${moment}`, async (t) => {
    const hub = await startWritableHub();
    t.after(() => hub.close());
    const env = { HF_ENDPOINT: hub.endpoint, HF_TOKEN: "hf_writer" };
    const silenced = await killed(hub, ["publish", out, ID], env, at);
    const again = await voxshard(["publish", out, ID], env);
    assert.equal(again.code, 0, again.stderr);
    await assertWhole(hub, out, silenced());
  });

  test(`straight through, killed ${moment}`, async (t) => {
    const { hub, env, args } = await straight(root);
    t.after(() => hub.close());
    const silenced = await killed(hub, args, env, at);
    const again = await voxshard(args, env);
    assert.equal(again.code, 0, again.stderr);
    await assertWhole(hub, fromHub, silenced());
    const third = await voxshard(args, env);
    assert.deepEqual([third.code, (JSON.parse(third.stdout) as { commits: number }).commits], [0, 0]);
  });
}

/** Tells how many objects the Hub took without an answer: of those sent at once, the signal may have cut some off. */
async function killed(
  hub: WritableHub,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  { route, nth, isDone }: Moment,
): Promise<() => number> {
  let done = 0;
  const silence = ({ status }: Reply): Promise<never> => {
    // What the signal cut off was refused.
    if (status === 200) done += 1;
    return new Promise(() => {});
  };
  const action: FaultAction = isDone ? { kind: "custom", reply: silence } : { kind: "deaf", at: 0 };
  hub.faults.push({ route, nth: Array.from({ length: AT_ONCE }, (_, at) => nth + at), do: action });
  const seen = () => hub.log.filter((one) => one.route === route).length;
  const stopped = await voxshard(args, env, { signal: "SIGKILL", when: () => (isDone ? done > 0 : seen() >= nth) });
  assert.equal(stopped.code, null, stopped.stderr);
  hub.faults.length = 0;
  return () => (route === "lfs-put" ? done : 0);
}

/** The data set is the folder; one commit made it, and no object was stored twice. */
async function assertWhole(hub: WritableHub, folder: string, silenced: number): Promise<void> {
  const { entries } = hub.repo(ID).at("main");
  for (const name of [...plan.shards.map((shard) => shard.path), "index.parquet"])
    assert.equal(entries.get(name)?.lfs?.sha256, await sha256OfFile(path.join(folder, name)), name);
  assert.equal(hub.repo(ID).commits.size, 2, "the first one, and ours");
  const puts = hub.log.filter(({ route }) => route === "lfs-put");
  const answered = puts.filter(({ status }) => status === 200);
  const objects = new Set(puts.map(({ url }) => url.split("?")[0]));
  assert.equal(answered.length + silenced, objects.size, "an object was sent again that was stored");
  hub.assertNoLeaks();
}
