import type { FlagName } from "./flags.ts";
import type { Session } from "./session.ts";

/** What a command leaves on standard output, as JSON and for people. */
export interface Result {
  readonly document: unknown;
  readonly text: string;
  readonly exitCode?: number;
  /** Why the exit code is not 0, for standard error. */
  readonly complaint?: string;
}
export interface Task {
  readonly usage: string;
  readonly summary: string;
  /** Lines without the program's name, each with what it is for. */
  readonly examples: readonly (readonly [line: string, what: string])[];
  readonly help: string;
  readonly flags: readonly FlagName[];
  /** What carries it out is loaded only when it runs: help and mistakes are answered at once. */
  load(): Promise<(session: Session) => Promise<Result>>;
}
