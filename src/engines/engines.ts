import { EtlError } from "../errors.ts";
import type { Engine } from "./engine.ts";
import { local } from "./local.ts";
import { slurm } from "./slurm.ts";

const engines: readonly Engine[] = [slurm, local];

export function engineOf(name: string | undefined): Engine {
  const found = engines.find((engine) => engine.name === name);
  if (found) return found;
  throw new EtlError(
    "usage",
    `--engine${name === undefined ? "" : ` ${name}`}: choose ${engines.map((one) => one.name).join(", ")}`,
  );
}
