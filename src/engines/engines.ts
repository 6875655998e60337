import { EtlError } from "../errors.ts";
import { awsBatch } from "./aws-batch.ts";
import type { Engine } from "./engine.ts";
import { hfJobs } from "./hf-jobs.ts";
import { kubernetes } from "./kubernetes.ts";
import { local } from "./local.ts";
import { slurm } from "./slurm.ts";

const engines: readonly Engine[] = [slurm, kubernetes, awsBatch, hfJobs, local];

export function engineOf(name: string | undefined): Engine {
  const found = engines.find((engine) => engine.name === name);
  if (found) return found;
  throw new EtlError(
    "usage",
    `--engine${name === undefined ? "" : ` ${name}`}: choose ${engines.map((one) => one.name).join(", ")}`,
  );
}
