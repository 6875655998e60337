import type { IncomingHttpHeaders } from "node:http";
import type { Reply } from "./reply.ts";
import { xml } from "./reply.ts";
import type { Entry } from "./snapshot.ts";

export type Range = { readonly start: number; readonly end: number };

/** A Range header against a size, as object stores read it: several ranges or bad syntax mean the whole file. */
export function parseRange(header: string | undefined, size: number): Range | "whole" | "unsatisfiable" {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  const [first = "", last = ""] = match?.slice(1) ?? [];
  if (!match || (first === "" && last === "")) return "whole";
  if (first === "") {
    const start = Math.max(0, size - Number(last));
    return start >= size ? "unsatisfiable" : { start, end: size };
  }
  const [start, end] = [Number(first), last === "" ? size : Math.min(size, Number(last) + 1)];
  if (last !== "" && Number(last) < start) return "whole";
  return start >= size ? "unsatisfiable" : { start, end };
}

/** Answers 200, 206, 304, 412 or 416 with a file's bytes. */
export function serveBytes(
  entry: Entry,
  etag: string,
  request: IncomingHttpHeaders,
  extra: Record<string, string>,
): Reply {
  const headers = { "accept-ranges": "bytes", etag, ...extra };
  if (!names(request["if-match"], etag))
    return xml(412, "PreconditionFailed", "At least one of the preconditions failed");
  if (request["if-none-match"] !== undefined && names(request["if-none-match"], etag)) return { status: 304, headers };
  // If-Range with another validator: the file has changed, so the whole new one is due.
  const stale = request["if-range"] !== undefined && request["if-range"] !== etag;
  const range = stale ? "whole" : parseRange(request.range, entry.size);
  if (range === "unsatisfiable") {
    const reply = xml(416, "InvalidRange", "The requested range is not satisfiable");
    reply.headers["content-range"] = `bytes */${entry.size}`;
    return reply;
  }
  const { start, end } = range === "whole" ? { start: 0, end: entry.size } : range;
  const body = () => entry.open(start, end);
  const sized = { ...headers, "content-length": `${end - start}` };
  if (range === "whole") return { status: 200, headers: sized, body };
  return { status: 206, headers: { ...sized, "content-range": `bytes ${start}-${end - 1}/${entry.size}` }, body };
}

function names(header: string | undefined, etag: string): boolean {
  return header === undefined || header.split(",").some((one) => one.trim() === etag || one.trim() === "*");
}

export function contentType(path: string): string {
  if (path.endsWith(".json")) return "application/json";
  if (path.endsWith(".zip")) return "application/zip";
  return /\.(?:md|txt|yaml|yml|jsonl|gitattributes)$/.test(path)
    ? "text/plain; charset=utf-8"
    : "application/octet-stream";
}
