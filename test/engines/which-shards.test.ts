import assert from "node:assert/strict";
import { test } from "node:test";
import { type ShardChoice, whichShards } from "../../src/engines/which-shards.ts";
import { isFault } from "../../src/errors.ts";

const which = (choice: Partial<ShardChoice>, env: Record<string, string> = {}, count = 20) =>
  whichShards({ indexOffset: 0, shardsPerTask: 1, ...choice }, env, count);
const refuses = (words: RegExp, choice: Partial<ShardChoice>, env: Record<string, string> = {}) =>
  assert.throws(
    () => which(choice, env),
    (error) => isFault(error, "usage") && words.test(error.message),
    JSON.stringify([choice, env]),
  );

test("a flag beats our own variable, which beats the engines'", () => {
  const env = { VOXSHARD_SHARD: "3", SLURM_ARRAY_TASK_ID: "4" };
  assert.deepEqual(which({ shard: "5" }, env), [5]);
  assert.deepEqual(which({ shards: "12-15,3,7,13" }, env), [3, 7, 12, 13, 14, 15]);
  assert.deepEqual(which({}, env), [3]);
});

for (const name of [
  "SLURM_ARRAY_TASK_ID",
  "JOB_COMPLETION_INDEX",
  "AWS_BATCH_JOB_ARRAY_INDEX",
  "CLOUD_RUN_TASK_INDEX",
  "BATCH_TASK_INDEX",
  "PBS_ARRAY_INDEX",
])
  test(`${name} counts from 0`, () => assert.deepEqual(which({}, { [name]: "4" }), [4]));

for (const name of ["SGE_TASK_ID", "LSB_JOBINDEX"])
  test(`${name} counts from 1; outside of an array it names none`, () => {
    assert.deepEqual(which({}, { [name]: "4" }), [3]);
    for (const none of ["undefined", "0", ""]) refuses(/no engine's variable/, {}, { [name]: none });
  });

test("an array in chunks, and tasks of several shards, cover every shard once", () => {
  const made: number[] = [];
  for (const indexOffset of [0, 4])
    for (let task = 0; task < (indexOffset === 0 ? 4 : 3); task++)
      made.push(...which({ indexOffset, shardsPerTask: 3 }, { SLURM_ARRAY_TASK_ID: `${task}` }));
  assert.deepEqual(made, [...Array(20).keys()]);
});

test("a list of tasks is counted by the engine's number", () => {
  const choice = { tasks: "1,4-5", shardsPerTask: 3 };
  const made = [0, 1, 2].map((number) => which(choice, { JOB_COMPLETION_INDEX: `${number}` }));
  assert.deepEqual(made, [
    [3, 4, 5],
    [12, 13, 14],
    [15, 16, 17],
  ]);
  refuses(/--tasks 1,4-5 has no task of this number/, choice, { JOB_COMPLETION_INDEX: "3" });
  refuses(/for a task's number/, { tasks: "1", shard: "1" });
});

test("what names no shard of the plan, or two, is a usage error", () => {
  refuses(
    /SLURM_ARRAY_TASK_ID=1, JOB_COMPLETION_INDEX=2: .*give --shard/,
    {},
    {
      SLURM_ARRAY_TASK_ID: "1",
      JOB_COMPLETION_INDEX: "2",
    },
  );
  assert.deepEqual(which({}, { SLURM_ARRAY_TASK_ID: "1", SGE_TASK_ID: "2" }), [1], "they agree");
  refuses(/SLURM_ARRAY_TASK_ID=20: the plan has the shards 0 to 19/, {}, { SLURM_ARRAY_TASK_ID: "20" });
  refuses(/0 to 19/, {}, { SLURM_ARRAY_TASK_ID: "x" });
  refuses(/0 to 19/, { shardsPerTask: 10 }, { SLURM_ARRAY_TASK_ID: "2" });
  refuses(/--shard 20: the plan has/, { shard: "20" });
  for (const shard of ["-1", "x", "1.5", ""]) refuses(/--shard .*give numbers/, { shard });
  for (const shards of ["3-1", "1,,2", "a", "0-9999999"]) refuses(/--shards .*give numbers/, { shards });
  refuses(/not both/, { shard: "1", shards: "2" });
  refuses(/for a task's number/, { shard: "1", shardsPerTask: 2 });
});
