import type { ServerResponse } from "node:http";
import { Transform } from "node:stream";
import type { ServedFile } from "./content.ts";
import type { Fault } from "./faults.ts";

/** Answers 206, 200 or 416 with a file's bytes, or with the fault instead. */
export function sendRange(
  file: ServedFile,
  range: string | undefined,
  response: ServerResponse,
  count: (bytes: number) => void,
  fault?: Fault,
): void {
  if (fault?.stall) return;
  if (fault?.status !== undefined) {
    response.writeHead(fault.status, fault.headers).end(fault.body ?? "");
    return;
  }
  const asked = parseRange(range, file.size);
  if (asked === "unsatisfiable") {
    response.writeHead(416, { "content-range": `bytes */${file.size}` }).end();
    return;
  }
  const [start, end] = asked ?? [0, file.size];
  const headers: Record<string, string | number> = {
    "accept-ranges": "bytes",
    etag: `"${file.oid}"`,
    "content-length": end - start,
    "content-type": "application/octet-stream",
  };
  const shift = fault?.shiftRange ?? 0;
  if (asked) headers["content-range"] = `bytes ${start + shift}-${end - 1 + shift}/${file.size}`;
  response.writeHead(asked ? 206 : 200, { ...headers, ...fault?.headers });
  if (start === end) return void response.end();
  const body = file.read(start, end).pipe(faulty(start, fault, count));
  body.on("error", () => response.destroy());
  response.on("close", () => body.destroy());
  body.pipe(response);
}

/** Counts what passes, flips a bit or breaks off where the fault says so. */
function faulty(start: number, fault: Fault | undefined, count: (bytes: number) => void): Transform {
  let position = start;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      let part = chunk;
      const flip = (fault?.flipAt ?? -1) - position;
      if (flip >= 0 && flip < part.byteLength) part[flip]! ^= 1;
      const left = fault?.cutAfter === undefined ? Number.POSITIVE_INFINITY : start + fault.cutAfter - position;
      if (left < part.byteLength) part = part.subarray(0, Math.max(0, left));
      position += part.byteLength;
      count(part.byteLength);
      this.push(part);
      // The bytes before the break must reach the client, so the socket is closed a turn later.
      if (part.byteLength < chunk.byteLength) setTimeout(() => this.destroy(new Error("cut")), 20);
      else done();
    },
  });
}

/** [start, end) of a single byte range; undefined where there is none. */
function parseRange(text: string | undefined, size: number): [number, number] | "unsatisfiable" | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(text ?? "");
  if (!match || (match[1] === "" && match[2] === "")) return undefined;
  if (match[1] === "") return [Math.max(0, size - Number(match[2])), size];
  const start = Number(match[1]);
  if (start >= size) return "unsatisfiable";
  return [start, match[2] === "" ? size : Math.min(size, Number(match[2]) + 1)];
}
