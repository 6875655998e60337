import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Cluster, lacking, until } from "../../devkit/slurm/cluster.ts";
import { type ClusterFaultName, clusterFaults, landed } from "../../devkit/slurm/faults.ts";
import { Field, type Victim } from "../../devkit/slurm/victim.ts";
import { readAttempts } from "../../src/output/attempts.ts";
import { planOf } from "../../src/output/output-folder.ts";
import { statusOf } from "../../src/output/status.ts";
import { assertAsReference, shardsOf } from "../properties/crash/site.ts";
import type { Files } from "../properties/determined-files.ts";
import { readmeBlock, Stage } from "./stage.ts";

const without = lacking();
const skip = without.length > 0 ? { skip: `${without.join(", ")}: not installed, so no Slurm can be started` } : {};

describe("the README's lines on a real Slurm, while all befalls it that can", skip, () => {
  let stage: Stage;
  let cluster: Cluster;
  let reference: Files;
  before(async () => {
    stage = await Stage.make({ archives: 5, casesPerArchive: 20 });
    reference = await stage.reference();
    assert.equal(shardsOf(reference).length, 200);
    // Tasks of three shards: 67, in two arrays.
    cluster = await Cluster.up({ nodes: 4, cpus: 4, maxArraySize: 40 });
  });
  after(async () => {
    await cluster?.down();
    await stage?.close();
  });

  test("give what one convert gives, and publish it", async (t) => {
    const { out } = stage;
    const block = await readmeBlock("--engine slurm");
    assert.equal(block.trim().split("\n").length, 4);
    const env = { ...cluster.env };
    const shell = await stage.shell(block, "--shards-per-task 3 --workers 1", env);
    const onLost = async ({ shard, host }: Victim) => {
      const { lost } = await until("the loss", async () => {
        const status = await statusOf(out, await planOf(out), 1000);
        assert.ok(status.lost.some((one) => one.shard === shard && one.host === host));
        return status;
      });
      t.diagnostic(`status: ${lost.length} lost, with shard ${shard} on ${host}`);
    };
    const scene = { cluster, field: new Field(out), full: stage.full(), onLost };
    const meet = async (name: ClusterFaultName, node: string) =>
      t.diagnostic(`${name}: ${await landed(name, scene, node)}`);
    const failed = shell.end.then(({ code, stderr }) => {
      assert.equal(code, 0, stderr);
      return new Promise<never>(() => {});
    });
    await until("the submission", async () => assert.match(shell.said(), /scancel --name/));
    // The controller first: it must be there for the others.
    await Promise.race([failed, meet("controller killed", "n1")]);
    const where = {
      "power cut": "n4",
      "two at once": "n3",
      "kill -9": "n1",
      requeue: "n1",
      "time limit": "n1",
      "full disk": "n2",
      cancelled: "n2",
    } as const;
    assert.deepEqual(Object.keys(clusterFaults).sort(), ["controller killed", ...Object.keys(where)].sort());
    const rest = Object.entries(where).map(([name, node]) => meet(name as ClusterFaultName, node));
    await Promise.race([failed, Promise.all(rest)]);
    const watched = await shell.end;
    assert.equal(watched.code, 0, watched.stderr);
    assert.match(watched.stdout, /^200 of 200 shards: 0 running, 0 failed, 0 lost, 0 not begun/m);
    const right = stage.published("me/reference");
    assert.ok(Object.keys(right).length > 200);
    await until("the data set", async () => assert.deepEqual(stage.published("me/m3d"), right), 120);
    await assertAsReference(out, reference);
    t.diagnostic(`${(await readAttempts(out)).length} attempts at 200 shards`);
  });
});
