import { spawn } from "node:child_process";
import path from "node:path";
import { EtlError } from "../errors.ts";
import type { HandedOver } from "./engine.ts";
import type { Job } from "./job.ts";

/** Runs DIR/.voxshard/engine/submit.sh, which calls the engine's own client `program`; what it prints is what came of it. */
export async function handOverScript(program: string, job: Job, signal: AbortSignal): Promise<HandedOver> {
  const script = path.join(job.files, "submit.sh");
  const { code, output, errors } = await scriptEnd(script, signal);
  const why = errors.trim().split("\n").at(-1) ?? "";
  // A shell's own word for a program that is not there.
  if (code === 127) throw new EtlError("usage", `${why || script}: ${program} is needed on the machine that submits`);
  if (code !== 0) throw new EtlError("unreachable", `${program}: ${why || `exit code ${code}`} (${script})`);
  return { text: output, exitCode: 0 };
}

function scriptEnd(script: string, signal: AbortSignal) {
  const child = spawn("sh", [script], { stdio: ["ignore", "pipe", "pipe"], signal });
  let [output, errors] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (errors += text));
  return new Promise<{ code: number | null; output: string; errors: string }>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output, errors }));
  });
}
