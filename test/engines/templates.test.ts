import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { Job } from "kubernetes-models/batch/v1/Job";
import { parse } from "yaml";
import { z } from "zod";
import { filled } from "../../src/engines/filled.ts";
import { isFault } from "../../src/errors.ts";

const values = {
  name: "voxshard-1",
  queue: "cpu",
  image: "registry.example/voxshard:1",
  folder: "/shared/out",
  plan: "/shared/out/.voxshard/plan.json",
  tasks: "200",
  width: "16",
  shards_per_task: "4",
};
const template = async (name: string) => filled(await readFile(`src/engines/templates/${name}`, "utf8"), values);

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
    const job = parse(await template("k8s/job.yaml"));
    new Job(job).validate();
    for (const { path, value, put } of leaves(job)) {
      // The schema lets unknown fields pass; of those that it knows, it knows the type.
      put(typeof value === "string" ? [] : "a string");
      assert.ok(!valid(job), `${path} is no field of a Job`);
      put(value);
    }
    job.spec.template.spec.colour = "red";
    assert.ok(valid(job), "the schema itself takes a field it does not know");
  });

  test("is an Indexed Job whose pods can be tried again, with every exit code that is final", async () => {
    const { spec } = parse(await template("k8s/job.yaml"));
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
    assert.deepEqual(container.args, ["run", "--plan", values.plan, "--shards-per-task", "4", "--quiet"]);
    const volumes = spec.template.spec.volumes.map(({ name }: { name: string }) => name);
    assert.deepEqual(
      volumes,
      container.volumeMounts.map(({ name }: { name: string }) => name),
    );
  });
});

describe("AWS Batch's templates", () => {
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
  const Submit = z.strictObject({
    jobName: z.string().regex(/^[\w-]{1,128}$/),
    jobQueue: z.string(),
    jobDefinition: z.string(),
    arrayProperties: z.strictObject({ size: z.int().min(2).max(10_000) }),
  });

  test("are what the API takes, one array of all tasks", async () => {
    const definition = Definition.parse(JSON.parse(await template("aws-batch/definition.json")));
    const job = Submit.parse(JSON.parse(await template("aws-batch/job.json")));
    assert.equal(job.jobDefinition, definition.jobDefinitionName);
    assert.equal(job.arrayProperties.size, 200);
    const retried = definition.retryStrategy.evaluateOnExit.filter(({ action }) => action === "RETRY");
    assert.deepEqual(
      retried.flatMap(({ onExitCode }) => onExitCode ?? []),
      ["75", "137"],
    );
    assert.deepEqual(definition.retryStrategy.evaluateOnExit.at(-1), { onReason: "*", action: "EXIT" });
  });
});

test("a template that asks for what there is not is refused, not filled with nothing", () => {
  assert.throws(
    () => filled(["image: $", "{imag}"].join(""), values),
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
