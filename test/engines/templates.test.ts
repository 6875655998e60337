import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { Job } from "kubernetes-models/batch/v1/Job";
import { parse } from "yaml";
import { z } from "zod";
import { awsBatch } from "../../src/engines/aws-batch.ts";
import type { Engine } from "../../src/engines/engine.ts";
import { filled } from "../../src/engines/filled.ts";
import type { Job as EngineJob } from "../../src/engines/job.ts";
import { kubernetes } from "../../src/engines/kubernetes.ts";
import { isFault } from "../../src/errors.ts";

const job: EngineJob = {
  name: "voxshard-1",
  folder: "/shared/out",
  files: "/shared/out/.voxshard/engine",
  tasks: Array.from({ length: 200 }, (_, at) => at + (at > 100 ? 5 : 0)),
  shardsPerTask: 4,
  width: 16,
  resubmits: 3,
  voxshard: ["voxshard"],
  run: ["--workers", "2"],
  publish: { repository: "me/m3d", flags: [] },
  image: "registry.example/voxshard:1",
  queue: "cpu",
  flags: [],
  templates: undefined,
};
const stored = { ...job, folder: "s3://bucket/m3d" };
async function fileOf(engine: Engine, of: EngineJob, name: string): Promise<string> {
  return (await engine.files(of)).find((file) => file.name === name)!.text;
}
const run = (plan: string) => [
  "run",
  "--plan",
  plan,
  "--tasks",
  "0-100,106-204",
  "--shards-per-task",
  "4",
  "--quiet",
  ...job.run,
];

type Fields = { [name: string]: unknown };
/** Every value of a document, with a function that puts another in its place. */
function* leaves(at: unknown, path = ""): Generator<{ path: string; put: (value: unknown) => void; value: unknown }> {
  for (const [name, value] of Object.entries(at as Fields)) {
    if (typeof value === "object" && value !== null && Object.keys(value).length > 0)
      yield* leaves(value, `${path}/${name}`);
    else {
      const put = (other: unknown) => {
        (at as Fields)[name] = other;
      };
      yield { path: `${path}/${name}`, value, put };
    }
  }
}

describe("Kubernetes' template", () => {
  const valid = (job: unknown) => {
    try {
      new Job(job as never).validate();
      return true;
    } catch {
      return false;
    }
  };

  test("is a Job by the schema, and has no field that the schema does not know", async () => {
    for (const of of [job, stored])
      for (const name of ["job.yaml", "finalize.yaml"]) {
        const manifest = parse(await fileOf(kubernetes, of, name));
        new Job(manifest).validate();
        for (const { path, value, put } of leaves(manifest)) {
          // The schema lets unknown fields pass; of those that it knows, it knows the type.
          put(typeof value === "string" ? [] : "a string");
          assert.ok(!valid(manifest), `${path} is no field of a Job`);
          put(value);
        }
        manifest.spec.template.spec.colour = "red";
        assert.ok(valid(manifest), "the schema itself takes a field it does not know");
      }
  });

  test("is an Indexed Job whose pods can be tried again, with every exit code that is final", async () => {
    const { spec } = parse(await fileOf(kubernetes, job, "job.yaml"));
    assert.equal(spec.completionMode, "Indexed");
    assert.deepEqual([spec.completions, spec.parallelism], [200, 16]);
    // What the schema does not know: only pods that do not start themselves anew may have a failure policy.
    assert.equal(spec.template.spec.restartPolicy, "Never");
    const [container] = spec.template.spec.containers;
    const rules = spec.podFailurePolicy.rules;
    const codes = rules.flatMap((rule: { onExitCodes?: { values: number[] } }) => rule.onExitCodes?.values ?? []);
    assert.deepEqual(codes.sort(), [64, 65, 66, 77]);
    for (const { onExitCodes } of rules)
      if (onExitCodes) assert.equal(onExitCodes.containerName, container.name, "the policy names the container");
    assert.deepEqual(container.args, run("/shared/out/.voxshard/plan.json"));
    const volumes = spec.template.spec.volumes.map(({ name }: { name: string }) => name);
    assert.deepEqual(
      volumes,
      container.volumeMounts.map(({ name }: { name: string }) => name),
    );
  });

  test("a store needs no volume; the index comes before the data set", async () => {
    const { spec } = parse(await fileOf(kubernetes, stored, "job.yaml"));
    assert.deepEqual(spec.template.spec.containers[0].args, run("s3://bucket/m3d/.voxshard/plan.json"));
    assert.deepEqual(spec.template.spec.volumes, [{ name: "scratch", emptyDir: {} }]);
    const after = parse(await fileOf(kubernetes, stored, "finalize.yaml")).spec.template.spec;
    const calls = [...after.initContainers, ...after.containers].map(({ args }: { args: string[] }) => args.join(" "));
    assert.deepEqual(calls, ["finalize s3://bucket/m3d --quiet", "publish s3://bucket/m3d me/m3d"]);
  });
});

// By the API's reference, of what `aws batch … --cli-input-json` takes; strict, so that a misspelt field fails.
const requirement = z.strictObject({ type: z.enum(["VCPU", "MEMORY", "GPU"]), value: z.string().regex(/^\d+$/) });
const Definition = z.strictObject({
  jobDefinitionName: z.string().regex(/^[\w-]{1,128}$/),
  type: z.literal("container"),
  platformCapabilities: z.array(z.enum(["EC2", "FARGATE"])),
  containerProperties: z.strictObject({
    image: z.string(),
    command: z.array(z.string()),
    resourceRequirements: z.array(requirement),
    volumes: z.array(z.strictObject({ name: z.string(), host: z.strictObject({ sourcePath: z.string() }) })),
    mountPoints: z.array(
      z.strictObject({ sourceVolume: z.string(), containerPath: z.string(), readOnly: z.boolean() }),
    ),
  }),
  retryStrategy: z.strictObject({
    attempts: z.int().min(1).max(10),
    evaluateOnExit: z
      .array(
        z.strictObject({
          onExitCode: z
            .string()
            .regex(/^\d+\*?$/)
            .optional(),
          onStatusReason: z.string().optional(),
          onReason: z.string().optional(),
          action: z.enum(["RETRY", "EXIT"]),
        }),
      )
      .max(5),
  }),
  timeout: z.strictObject({ attemptDurationSeconds: z.int().min(60) }),
  tags: z.record(z.string(), z.string()),
});
const pair = z.strictObject({ name: z.string(), value: z.string() });
const Submit = z.strictObject({
  jobName: z.string().regex(/^[\w-]{1,128}$/),
  jobQueue: z.string(),
  jobDefinition: z.string(),
  arrayProperties: z.strictObject({ size: z.int().min(2).max(10_000) }).optional(),
  containerOverrides: z
    .strictObject({ command: z.array(z.string()).optional(), environment: z.array(pair).optional() })
    .optional(),
});

describe("AWS Batch's templates", () => {
  const submitted = async (of: EngineJob, name: string) => Submit.parse(JSON.parse(await fileOf(awsBatch, of, name)));

  test("are what the API takes, one array of all tasks", async () => {
    const definition = Definition.parse(JSON.parse(await fileOf(awsBatch, job, "definition.json")));
    const array = await submitted(job, "job.json");
    assert.equal(array.jobDefinition, definition.jobDefinitionName);
    assert.equal(array.arrayProperties!.size, 200);
    assert.deepEqual(definition.containerProperties.command, run("/shared/out/.voxshard/plan.json"));
    assert.deepEqual((await submitted(job, "publish.json")).containerOverrides!.command?.[0], "publish");
    const retried = definition.retryStrategy.evaluateOnExit.filter(({ action }) => action === "RETRY");
    assert.deepEqual(
      retried.flatMap(({ onExitCode }) => onExitCode ?? []),
      ["75", "137"],
    );
    assert.deepEqual(definition.retryStrategy.evaluateOnExit.at(-1), { onReason: "*", action: "EXIT" });
  });

  test("one task is no array, and more than an array takes are refused", async () => {
    const alone = await submitted({ ...job, tasks: [7] }, "job.json");
    assert.deepEqual(alone.containerOverrides, { environment: [{ name: "VOXSHARD_SHARD", value: "0" }] });
    const many = { ...job, tasks: Array.from({ length: 10_001 }, (_, at) => at) };
    await assert.rejects(
      awsBatch.files(many),
      (error) => isFault(error, "usage") && /shards-per-task/.test(error.message),
    );
    await assert.rejects(awsBatch.files({ ...job, queue: undefined }), /--queue/);
    await assert.rejects(awsBatch.files({ ...job, image: undefined }), /--image/);
  });
});

test("a template that asks for what there is not is refused, not filled with nothing", () => {
  assert.throws(
    () => filled(["image: $", "{imag}"].join(""), { image: "one" }),
    (error) => isFault(error, "usage") && /imag/.test(error.message),
  );
});

test("the image takes at most 15 lines, copies what the package is, and runs voxshard", async () => {
  const lines = (await readFile("Dockerfile", "utf8")).trimEnd().split("\n");
  assert.ok(lines.length <= 15, `${lines.length} lines`);
  const node = /^FROM node:(\d+)/.exec(lines.findLast((line) => line.startsWith("FROM"))!)?.[1];
  assert.ok(Number(node) >= 20, "engines.node");
  assert.equal(lines.at(-1), 'ENTRYPOINT ["voxshard"]');
  const ignored = (await readFile(".dockerignore", "utf8")).split("\n");
  assert.ok(ignored.includes("node_modules") && ignored.includes("dist"), "what the host has built stays there");
});
