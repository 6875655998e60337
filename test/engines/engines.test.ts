import { spawn } from "node:child_process";
import { once } from "node:events";
import { after } from "node:test";
import { engineSuite } from "../../devkit/conformance/engine.ts";
import { startHub } from "../../devkit/hub/hub.ts";
import { awsBatch } from "../../src/engines/aws-batch.ts";
import { hfJobsLookingEvery } from "../../src/engines/hf-jobs.ts";
import { kubernetes } from "../../src/engines/kubernetes.ts";
import { local } from "../../src/engines/local.ts";
import { slurm } from "../../src/engines/slurm.ts";
import { aws, kubectl } from "./clients.ts";

/** Runs a job in the place where it is submitted, an array's tasks one after the other. */
const sbatch = `#!${process.execPath}
const { spawnSync } = require("node:child_process");
const args = process.argv.slice(2);
const list = args.find((arg) => arg.startsWith("--array="))?.slice(8).replace(/%.*/, "");
const numbers = list?.split(",").flatMap((part) => {
  const [from, to = from] = part.split("-").map(Number);
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
});
const script = args.findIndex((arg) => arg.endsWith(".sh"));
for (const number of numbers ?? [undefined]) {
  if (number >= 4) process.exit(1);
  const env = number === undefined ? {} : { SLURM_ARRAY_JOB_ID: process.pid, SLURM_ARRAY_TASK_ID: number };
  spawnSync("bash", args.slice(script), { env: { ...process.env, ...env }, stdio: ["ignore", "ignore", "inherit"] });
}
console.log(process.pid);
`;
// An array ends at 3, so that the suite's job takes two.
const scontrol = "#!/bin/sh\necho 'MaxArraySize            = 4'\n";

engineSuite(slurm, { sbatch, scontrol, scancel: "#!/bin/sh\n" });
engineSuite(local, {});
engineSuite(kubernetes, { kubectl }, { resubmits: false });
engineSuite(awsBatch, { aws }, { resubmits: false });

/** The service's machines see the folder that stands for the store. */
const hub = await startHub({
  tokens: { hf_thesecret0123: { name: "me", role: "write" } },
  quotas: { api: 1e6 },
  async jobs({ command: [program, ...args], environment }) {
    const plan = args[args.indexOf("--plan") + 1]!;
    const standIn = plan.replace(/\.voxshard.*/, `${program}.mjs`);
    const child = spawn(process.execPath, [standIn, ...args], { env: { ...process.env, ...environment } });
    return (await once(child, "exit"))[0];
  },
});
process.env["HF_ENDPOINT"] = hub.endpoint;
after(() => hub.close());
engineSuite(hfJobsLookingEvery(20), {}, { flag: "--flavor=cpu upgrade" });
