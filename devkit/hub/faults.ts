import type { LoggedRequest } from "./log.ts";
import { parseRange } from "./ranges.ts";
import type { Reply } from "./reply.ts";

export type FaultAction =
  /** 429, telling when to come back by RateLimit (r=0;t), by Retry-After alone, or not at all. */
  | { kind: "rate-limit"; seconds?: number; tell?: "ratelimit" | "retry-after" | "nothing" }
  /** A bare status; with `after` the request is carried out first, and only the answer is lost. */
  | { kind: "status"; status: number; after?: boolean; headers?: Record<string, string> }
  /** The body ends cleanly after `at` bytes; without `length` no Content-Length shows it. */
  | { kind: "truncate"; at: number; length: boolean }
  | { kind: "drip"; bytes: number; everyMs: number }
  /** Silence: before the headers, or after `at` body bytes; for ever without `ms`. */
  | { kind: "stall"; ms?: number; at?: number }
  /** A TCP reset: before any byte, or after `at` body bytes. */
  | { kind: "reset"; at?: number }
  /** A TCP reset once `at` bytes of the request's body have come. */
  | { kind: "hang-up"; at: number }
  /** Takes `at` bytes of the request's body and no more, for ever. */
  | { kind: "deaf"; at: number }
  /** Takes the request's body piece by piece, with pauses. */
  | { kind: "sip"; everyMs: number }
  /** 403 as for an expired URL; for ever unless `times` or `nth` says otherwise. */
  | { kind: "expired" }
  /** The whole file for a range. */
  | { kind: "ignore-range" }
  /** Lies in Content-Range: a start moved by `shift`, or another total. */
  | { kind: "content-range"; shift?: number; total?: number }
  /** One bit turned at a file's offset; requests that do not cover it do not count. */
  | { kind: "flip"; offset: number; bit?: number }
  /** A captive portal's page, with status 200. */
  | { kind: "html" }
  | { kind: "gzip" }
  /** As if the file had been replaced: another ETag, and `grow` more bytes. */
  | { kind: "changed"; grow?: number }
  /** Sets headers, or takes them away. */
  | { kind: "headers"; set: Record<string, string | null> }
  /** Main moves to a new commit just before the request is answered. */
  | { kind: "move-branch"; repo?: string }
  /** To a third host that serves the same, round in a circle, or anywhere. */
  | { kind: "redirect"; to: "third" | "loop" | (string & {}) }
  /** Anything else. */
  | { kind: "custom"; reply: (reply: Reply) => Reply | Promise<Reply> };

export interface Fault {
  /** A route's name, or "*" for all: see `routes` of the log. */
  readonly route: string;
  readonly method?: string;
  /** Tested on the decoded URL, and on the file's path. */
  readonly path?: RegExp;
  /** Which of the matching requests, from 1; all of them when neither nth nor every is given. */
  readonly nth?: number | readonly number[];
  readonly every?: number;
  /** At most so many times. */
  readonly times?: number;
  readonly do: FaultAction;
}

/** Picks the faults of a request, and keeps count of what each has seen. */
export class FaultPicker {
  readonly #counts = new WeakMap<Fault, { seen: number; done: number }>();

  pick(faults: readonly Fault[], request: LoggedRequest): FaultAction[] {
    return faults.filter((fault) => matches(fault, request) && this.#due(fault)).map((fault) => fault.do);
  }

  #due(fault: Fault): boolean {
    const count = this.#counts.get(fault) ?? { seen: 0, done: 0 };
    this.#counts.set(fault, count);
    count.seen += 1;
    const { nth, every, times = Number.POSITIVE_INFINITY } = fault;
    const due = nth !== undefined ? [nth].flat().includes(count.seen) : every === undefined || count.seen % every === 0;
    if (!due || count.done >= times) return false;
    count.done += 1;
    return true;
  }
}

function matches(fault: Fault, request: LoggedRequest): boolean {
  if (fault.route !== "*" && fault.route !== request.route) return false;
  if (fault.method !== undefined && fault.method !== request.method) return false;
  const subjects = [safeDecode(request.url), request.path ?? ""];
  // Without search(), a pattern with the g flag would remember where it stopped.
  if (fault.path !== undefined && !subjects.some((subject) => subject.search(fault.path!) >= 0)) return false;
  if (fault.do.kind !== "flip") return true;
  const range = parseRange(request.range, Number.MAX_SAFE_INTEGER);
  return typeof range === "string" || (range.start <= fault.do.offset && fault.do.offset < range.end);
}

function safeDecode(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}
