import { EtlError } from "../../errors.ts";
import type { ByteRange } from "../../model/byte-range.ts";
import { RetryAfter } from "../retrying.ts";
import type { Answer } from "./transport.ts";

/** How much of an error's body is read, for the message: it may be of any size. */
const ERROR_BODY_BYTES = 300;

/** A server may cap ranges, and then gives their beginnings; one that gives less than this at a time is of no use. */
const LEAST_CAP_BYTES = 64 << 10;

/**
 * How many bytes of the range a 206 carries: all, or as much as the server gives at a time. Throws unless they are of a file of
 * the pinned size, unencoded, and begin where they should.
 */
export function checkPartial(answer: Answer, range: ByteRange, total: number, name: string): number {
  const got = answer.headers["content-range"];
  const expected = `bytes ${range.start}-${range.end - 1}/${total}`;
  const encoding = answer.headers["content-encoding"] ?? "identity";
  if (encoding !== "identity")
    throw new EtlError("wrong-range", `${name}: the server sent ${encoding} for a byte range`);
  const [, start, last, gotTotal] = /^bytes\s+(\d+)-(\d+)\/(\d+)$/i.exec(String(got).trim()) ?? [];
  const given = Number(last) + 1 - range.start;
  const wanted = range.end - range.start;
  const isBeginning = Number(start) === range.start && Number(gotTotal) === total && given <= wanted;
  if (isBeginning && (given === wanted || given >= LEAST_CAP_BYTES)) return given;
  if (gotTotal !== undefined && Number(gotTotal) !== total)
    throw new EtlError(
      "source-changed",
      `${name}: has ${gotTotal} bytes now, ${total} when it was indexed; start again`,
    );
  throw new EtlError("wrong-range", `${name}: asked for ${expected}, was given ${got ?? "no Content-Range"}`);
}

/** What a status other than the wanted one means; reads a little of the body for the message, and frees the socket. */
export async function statusFault(answer: Answer, name: string): Promise<EtlError> {
  const { status } = answer;
  const words = await firstWords(answer.body);
  const detail = `${name}: HTTP ${status}${words === "" ? "" : ` (${words})`}`;
  if (status === 200) return new EtlError("wrong-range", `${name}: the server ignores byte ranges`);
  if (status === 401 || status === 403) return new EtlError("link-expired", detail);
  if (status === 404 || status === 410) return new EtlError("source-changed", `${detail}; it was there when indexed`);
  if (status === 412 || status === 416) return new EtlError("source-changed", `${detail}; the file has changed`);
  if (status === 429) return new EtlError("rate-limited", detail, new RetryAfter(waitAskedMs(answer)));
  if (status === 408 || status >= 500) return new EtlError("server-error", detail, new RetryAfter(waitAskedMs(answer)));
  return new EtlError("wrong-range", detail);
}

/** How an error's body begins, on one line. */
export async function firstWords(body: AsyncIterable<Uint8Array> | null): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body ?? []) {
      parts.push(chunk);
      if ((size += chunk.byteLength) >= ERROR_BODY_BYTES) break;
    }
  } catch {
    // The status says enough; a body that breaks off adds nothing.
  }
  return Buffer.concat(parts).toString("utf8").slice(0, ERROR_BODY_BYTES).replace(/\s+/g, " ").trim();
}

/** The wait that an answer asks for, in ms: `RateLimit: …;r=0;t=<s>`, else `Retry-After` in seconds or as a date. */
export function waitAskedMs(answer: Pick<Answer, "headers">, nowMs = Date.now()): number {
  const rate = rateLimit(answer);
  if (rate && rate.remaining === 0) return (rate.resetSeconds + 1) * 1000;
  const after = answer.headers["retry-after"];
  if (typeof after !== "string") return 0;
  if (/^\d+$/.test(after)) return (Number(after) + 1) * 1000;
  const date = Date.parse(after);
  return Number.isNaN(date) ? 0 : Math.max(0, date - nowMs);
}

export interface RateLimit {
  /** Requests left in the window, and seconds until it ends. */
  readonly remaining: number;
  readonly resetSeconds: number;
  /** Of a whole window, where `RateLimit-Policy` tells. */
  readonly quota: number | undefined;
  readonly windowMs: number | undefined;
}

/** The Hub's `RateLimit` and `RateLimit-Policy` headers. */
export function rateLimit({ headers }: Pick<Answer, "headers">): RateLimit | undefined {
  const match = /;\s*r=(\d+)\s*;\s*t=(\d+)/.exec(String(headers["ratelimit"] ?? ""));
  if (!match) return undefined;
  const policy = /;\s*q=(\d+)\s*;\s*w=(\d+)/.exec(String(headers["ratelimit-policy"] ?? ""));
  return {
    remaining: Number(match[1]),
    resetSeconds: Number(match[2]),
    quota: policy ? Number(policy[1]) : undefined,
    windowMs: policy ? Number(policy[2]) * 1000 : undefined,
  };
}
