import { parseArgs } from "node:util";
import { EtlError } from "../errors.ts";
import type { Job } from "./job.ts";

export interface JobFlags {
  readonly flavor: "cpu-basic";
  readonly namespace: string | undefined;
  /** Seconds. */
  readonly timeout: number;
  /** The Hub's address, where `run` is given one. */
  readonly endpoint: string | undefined;
}

/** Two cores and 16 GB, the least that there is. */
const FLAVOR = "cpu-basic";
/** A task lasts minutes; what lasts so long hangs. */
const TIMEOUT_SECONDS = 14_400;

/** The engine's own flags, given behind `--`. */
export function jobFlags({ flags, run }: Job): JobFlags {
  const text = { type: "string" } as const;
  try {
    const { values } = parseArgs({ args: [...flags], options: { flavor: text, namespace: text, timeout: text } });
    const timeout = Number(values.timeout ?? TIMEOUT_SECONDS);
    if (!Number.isSafeInteger(timeout) || timeout < 60)
      throw new Error(`--timeout ${values.timeout}: 60 seconds or more`);
    const at = run.indexOf("--endpoint");
    return {
      // The service knows its flavors; a name that is none is refused there.
      flavor: (values.flavor ?? FLAVOR) as typeof FLAVOR,
      namespace: values.namespace,
      timeout,
      endpoint: at < 0 ? undefined : run[at + 1],
    };
  } catch (error) {
    throw new EtlError(
      "usage",
      `hf-jobs takes --flavor, --namespace and --timeout: ${(error as Error).message}`,
      error,
    );
  }
}
