import path from "node:path";

/** Parts of the stand-ins: the program that stands in for the image's command lies in the folder that containers share. */
const head = `#!${process.execPath}
const { spawnSync } = require("node:child_process");
const { existsSync, readFileSync, writeFileSync } = require("node:fs");
const args = process.argv.slice(2);
const contained = (folder, command, env = {}) =>
  spawnSync(process.execPath, [folder + "/voxshard.mjs", ...command], { env: { ...process.env, ...env }, stdio: "inherit" }).status;
`;

/** A kubectl that carries out the Jobs of what it applies: their pods one after the other, and none again. */
export const kubectl = `${head}
const { parse } = require(${JSON.stringify(path.resolve("node_modules/yaml"))});
if (!["delete", "apply"].includes(args[0])) throw new Error(args.join(" "));
const files = args.filter((_, at) => args[at - 1] === "-f");
for (const file of args[0] === "apply" ? files : []) {
  const { metadata, spec } = parse(readFileSync(file, "utf8"));
  const pod = (env) => {
    const { initContainers = [], containers } = spec.template.spec;
    for (const { args, volumeMounts } of [...initContainers, ...containers])
      if (contained(volumeMounts.find(({ name }) => name === "out").mountPath, args, env) !== 0) return;
  };
  for (let index = 0; index < (spec.completions ?? 1); index++)
    pod(spec.completionMode === "Indexed" ? { JOB_COMPLETION_INDEX: String(index) } : {});
  console.log("job.batch/" + metadata.name + " created");
}
`;

/** An aws that carries out the jobs it is given, one after the other, and none whose forerunner has failed. */
export const aws = `${head}
const [service, verb] = args;
const input = () => JSON.parse(readFileSync(args[args.indexOf("--cli-input-json") + 1].replace("file://", ""), "utf8"));
const state = existsSync(".state") ? JSON.parse(readFileSync(".state", "utf8")) : { ended: [] };
if (service !== "batch") throw new Error(args.join(" "));
if (verb === "register-job-definition") state.definition = input();
else if (verb === "submit-job") {
  const { jobDefinition, arrayProperties, containerOverrides = {} } = input();
  const { jobDefinitionName, containerProperties } = state.definition;
  if (jobDefinition !== jobDefinitionName) throw new Error(jobDefinition);
  const before = args.includes("--depends-on") ? args[args.indexOf("--depends-on") + 1].replace("jobId=", "") : undefined;
  const own = Object.fromEntries((containerOverrides.environment ?? []).map(({ name, value }) => [name, value]));
  const command = containerOverrides.command ?? containerProperties.command;
  let ended = 0;
  for (let index = 0; index < (arrayProperties?.size ?? 1); index++) {
    if (before !== undefined && state.ended[before] !== 0) ended = 1;
    else ended ||= contained(containerProperties.mountPoints[0].containerPath, command,
      arrayProperties ? { AWS_BATCH_JOB_ARRAY_INDEX: String(index) } : own);
  }
  state.ended.push(ended);
  console.log(state.ended.length - 1);
} else throw new Error(args.join(" "));
writeFileSync(".state", JSON.stringify(state));
`;
