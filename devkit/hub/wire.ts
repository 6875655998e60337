import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { type Link, PIECE } from "./link.ts";
import type { LoggedRequest } from "./log.ts";
import type { Reply } from "./reply.ts";

/** How an answer travels; everything absent is a faultless connection. Offsets count body bytes. */
export interface Wire {
  resetAtOnce?: boolean;
  headersAfterMs?: number;
  /** The body stops: ended as if complete, closed by FIN, or reset. */
  cut?: { at: number; how: "end" | "close" | "reset" };
  stall?: { at: number; ms: number };
  drip?: { bytes: number; everyMs: number };
  flip?: { at: number; bit: number };
  link?: Link;
  /** What is amiss with the way in. */
  intake?: { resetAt?: number; deafAt?: number; everyMs?: number };
}

/** What a request brings, booked as it comes. */
export async function* intake(request: IncomingMessage, wire: Wire, logged: LoggedRequest): AsyncGenerator<Buffer> {
  const { resetAt = Number.POSITIVE_INFINITY, deafAt = Number.POSITIVE_INFINITY, everyMs } = wire.intake ?? {};
  // Not `once`: it throws when the client goes away.
  const gone = new Promise((resolve) => request.once("close", resolve));
  for await (const chunk of request as AsyncIterable<Buffer>) {
    logged.received += chunk.length;
    if (logged.received >= resetAt) request.socket.resetAndDestroy();
    if (logged.received >= Math.min(resetAt, deafAt) || (everyMs !== undefined && (await pause(everyMs, gone))))
      await gone;
    yield chunk;
  }
}

/** Sends a reply with backpressure, and books what was sent. Returns early when the client goes away. */
export async function send(response: ServerResponse, reply: Reply, wire: Wire, logged: LoggedRequest): Promise<void> {
  if (response.destroyed) return;
  if (wire.resetAtOnce) return void response.socket?.resetAndDestroy();
  const gone = once(response, "close");
  const waitMs = (wire.headersAfterMs ?? 0) + (wire.link?.latencyMs ?? 0);
  if (waitMs > 0 && (await pause(waitMs, gone))) return;
  logged.status = reply.status;
  const headers = Object.entries(reply.headers).filter(([, value]) => value !== "");
  response.writeHead(reply.status, Object.fromEntries(headers));
  if (logged.method === "HEAD" || reply.body === undefined) return void response.end();
  response.flushHeaders();
  const body = Buffer.isBuffer(reply.body) ? Readable.from([reply.body]) : reply.body();
  try {
    const pieces = shaped(body, wire, gone);
    for await (const chunk of wire.link ? slowed(pieces, wire.link, response, gone) : pieces) {
      logged.bytes += chunk.length;
      if (!response.write(chunk)) await Promise.race([once(response, "drain"), gone]);
      if (response.destroyed) return;
    }
  } catch {
    // A source that fails mid-body can only break the connection.
    return void response.destroy();
  } finally {
    body.destroy();
  }
  await finish(response, wire, logged);
}

async function finish(response: ServerResponse, wire: Wire, logged: LoggedRequest): Promise<void> {
  const { cut } = wire;
  if (!cut || cut.how === "end" || logged.bytes < cut.at) return void response.end();
  // A reset may overtake bytes that are still on their way: let them arrive.
  await new Promise((resolve) => setTimeout(resolve, 30));
  if (cut.how === "reset") response.socket?.resetAndDestroy();
  else response.socket?.destroySoon();
}

/** The body as the faults make it: pieces end where something happens. */
async function* shaped(body: Readable, wire: Wire, gone: Promise<unknown>): AsyncGenerator<Buffer> {
  const end = wire.cut?.at ?? Number.POSITIVE_INFINITY;
  let at = 0;
  for await (const whole of body as AsyncIterable<Buffer>) {
    let chunk = whole;
    while (chunk.length > 0) {
      if (at >= end) return;
      if (wire.stall && at === wire.stall.at && (await pause(wire.stall.ms, gone))) return;
      const until = Math.min(end - at, wire.drip?.bytes ?? chunk.length, stop(wire.stall?.at, at), chunk.length);
      yield flipped(chunk.subarray(0, until), at, wire.flip);
      at += until;
      chunk = chunk.subarray(until);
      if (wire.drip && (await pause(wire.drip.everyMs, gone))) return;
    }
  }
}

/** The same bytes, piece by piece, each when the link has let it pass. */
async function* slowed(
  chunks: AsyncIterable<Buffer>,
  link: Link,
  { socket }: ServerResponse,
  gone: Promise<unknown>,
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks)
    for (let at = 0; at < chunk.length && socket; at += PIECE) {
      const piece = chunk.subarray(at, at + PIECE);
      const now = performance.now();
      const waitMs = link.pass(socket, piece.length, now) - now;
      // A timer waits a millisecond at least; what is due sooner goes now, and is made up for by the next.
      if (waitMs >= 1 && (await pause(waitMs, gone))) return;
      yield piece;
    }
}

function stop(at: number | undefined, now: number): number {
  return at === undefined || at <= now ? Number.POSITIVE_INFINITY : at - now;
}

function flipped(piece: Buffer, at: number, flip: Wire["flip"]): Buffer {
  if (!flip || flip.at < at || flip.at >= at + piece.length) return piece;
  const copy = Buffer.from(piece);
  copy[flip.at - at]! ^= 1 << flip.bit;
  return copy;
}

/** True if the client went away meanwhile. */
async function pause(ms: number, gone: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<false>((resolve) => {
    if (Number.isFinite(ms)) timer = setTimeout(() => resolve(false), ms);
  });
  const left = await Promise.race([over, gone.then(() => true)]);
  clearTimeout(timer);
  return left;
}
