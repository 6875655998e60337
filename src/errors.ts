/** Everything that can go wrong, as data. `detail` says in one line what, where and what to do. */
export interface Fault {
  readonly kind: FaultKind;
  readonly detail: string;
}

/** What the run does about a fault: try the read again, reject the series it concerns, or stop with an exit code. */
export type Remedy = "retry" | "reject" | "stop";

interface Consequence {
  readonly remedy: Remedy;
  readonly exitCode: number;
}
const reject: Consequence = { remedy: "reject", exitCode: 65 };
const retry: Consequence = { remedy: "retry", exitCode: 75 };
const stop = (exitCode: number): Consequence => ({ remedy: "stop", exitCode });

/** The one table of what each fault leads to. Exit codes are those of BSD's sysexits.h. */
export const consequences = {
  usage: stop(64),
  "source-not-found": stop(66),
  "cannot-write": stop(73),
  "disk-full": stop(75),
  "not-allowed": stop(77),
  disabled: stop(77),
  network: retry,
  unreachable: stop(75),
  "rate-limited": retry,
  "server-error": retry,
  "link-expired": retry,
  "wrong-range": retry,
  "short-read": retry,
  "too-slow": retry,
  "commit-raced": retry,
  interrupted: stop(75),
  "source-changed": stop(65),
  "bad-split-file": stop(65),
  "bad-table": stop(65),
  "bad-archive": stop(65),
  "other-plan": stop(65),
  "bad-plan": stop(65),
  "not-verified": stop(65),
  "limit-exceeded": reject,
  "missing-series": reject,
  "no-slices": reject,
  "no-readable-slice": reject,
  "empty-volume": reject,
  "bad-slice-name": reject,
  "report-not-utf8": reject,
  "name-collision": reject,
  "bad-series-name": reject,
  "duplicate-row": reject,
  "crc-mismatch": reject,
  "bad-member": reject,
  "bad-array": reject,
  "unreadable-archive": reject,
  "other-bytes": reject,
  "taken-down": reject,
} as const satisfies Record<string, Consequence>;
export type FaultKind = keyof typeof consequences;

/** The only error class of the project: it carries a {@link Fault}, and the cause when another error led to it. */
export class EtlError extends Error {
  override readonly name = "EtlError";
  readonly fault: Fault;
  constructor(kind: FaultKind, detail: string, cause?: unknown) {
    super(detail, cause === undefined ? undefined : { cause });
    this.fault = { kind, detail };
  }
  get remedy(): Remedy {
    return consequences[this.fault.kind].remedy;
  }
  get exitCode(): number {
    return consequences[this.fault.kind].exitCode;
  }
}

/** True when `error` carries a fault, and, where kinds are given, one of those. */
export function isFault(error: unknown, ...kinds: readonly FaultKind[]): error is EtlError {
  return error instanceof EtlError && (kinds.length === 0 || kinds.includes(error.fault.kind));
}
