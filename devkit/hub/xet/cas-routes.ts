import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { parseRange, type Range } from "../ranges.ts";
import { json, Refusal, type Reply, xml } from "../reply.ts";
import { type Context, type Route, route } from "../router.ts";
import type { XetFile } from "./cas.ts";
import type { Term } from "./shard.ts";

/** Of the storage behind buckets, on the host of the CDN; they take the tokens that the Hub gives for them. */
export const casRoutes: readonly Route[] = [
  route("xet-xorb", "POST", "/v1/xorbs/default/:hash", putXorb),
  route("xet-shard", "POST", "/v1/shards", putShard),
  route("xet-chunk", "GET", "/v1/chunks/default/:hash", chunk),
  route("xet-reconstruction", "GET", "/v2/reconstructions/:hash", reconstruction),
  route("xet-bytes", "GET", "/xorbs/:hash", xorbBytes),
];

const MAX_BODY_BYTES = 64 << 20;

async function putXorb(context: Context): Promise<Reply> {
  allow(context, "write");
  const bytes = await context.body();
  if (bytes.length > MAX_BODY_BYTES) throw new Refusal(413, "a xorb has 64 MB at most");
  const put = () => context.hub.cas.putXorb(context.params["hash"]!, bytes);
  return json({ was_inserted: await believed(put) });
}

async function putShard(context: Context): Promise<Reply> {
  allow(context, "write");
  const bytes = await context.body();
  const isNew = await believed(async () => context.hub.cas.putShard(bytes));
  return json({ result: isNew ? 1 : 0 });
}

async function believed<T>(check: () => Promise<T>): Promise<T> {
  return check().catch((error) => {
    throw new Refusal(400, `${(error as Error).message}`);
  });
}

function chunk(context: Context): Reply {
  allow(context, "read");
  const body = context.hub.cas.shardOf(context.params["hash"]!);
  if (!body) throw new Refusal(404, "chunk not found");
  return { status: 200, headers: { "content-length": `${body.length}` }, body };
}

/** Which chunks of which xorbs a file's bytes are, with a link for each run of them. */
function reconstruction(context: Context): Reply {
  allow(context, "read");
  const file = context.hub.cas.files.get(context.params["hash"]!);
  if (!file) throw new Refusal(404, "file not found");
  const range = parseRange(context.headers.range, file.size);
  if (range === "unsatisfiable") throw new Refusal(416, "the range is beyond the end");
  const { terms, offset } = narrowed(context, file, range === "whole" ? { start: 0, end: file.size } : range);
  const xorbs: Record<string, object[]> = {};
  for (const { xorb, first, end } of terms) {
    const chunks = context.hub.cas.xorbs.get(xorb)!;
    const bytes = { start: chunks[first]!.start, end: chunks[end - 1]!.end - 1 };
    const signed = `/xorbs/${xorb}?X-Xet-Signed-Range=bytes%3D${bytes.start}-${bytes.end}`;
    const url = context.hub.signer.sign(context.hub.cdn, signed, context.hub.urlTtlSeconds);
    (xorbs[xorb] ??= []).push({ url, ranges: [{ chunks: { start: first, end }, bytes }] });
  }
  return json({
    offset_into_first_range: offset,
    terms: terms.map(({ xorb, length, first, end }) => ({
      hash: xorb,
      unpacked_length: length,
      range: { start: first, end },
    })),
    xorbs,
  });
}

/** The terms that a range needs, less the chunks of their ends that it does not. */
function narrowed({ hub }: Context, file: XetFile, range: Range): { terms: Term[]; offset: number } {
  const terms: Term[] = [];
  let offset = 0;
  for (const term of file.terms) {
    let at = term.start;
    let [first, end, length] = [term.end, term.first, 0];
    for (const [index, chunk] of hub.cas.xorbs.get(term.xorb)!.slice(term.first, term.end).entries()) {
      const [from, to] = [at, (at += chunk.length)];
      if (to <= range.start || from >= range.end) continue;
      if (terms.length === 0 && length === 0) offset = Math.max(0, range.start - from);
      first = Math.min(first, term.first + index);
      end = term.first + index + 1;
      length += chunk.length;
    }
    if (length > 0) terms.push({ ...term, first, end, length });
  }
  return { terms, offset };
}

/** A link is for one range to the byte. */
function xorbBytes({ hub, params, headers, url, logged }: Context): Reply {
  const problem = hub.signer.problem(logged.url);
  if (problem || headers.range !== url.searchParams.get("X-Xet-Signed-Range"))
    return xml(403, "AccessDenied", problem ?? "the range is not the signed one");
  const file = hub.cas.xorbPath(params["hash"]!);
  const chunks = hub.cas.xorbs.get(params["hash"]!)!;
  const total = chunks.at(-1)!.end;
  const { start, end } = parseRange(headers.range, total) as Range;
  const open = async function* () {
    yield* createReadStream(await file, { start, end: end - 1 });
  };
  const sized = { "content-length": `${end - start}`, "content-range": `bytes ${start}-${end - 1}/${total}` };
  return { status: 206, headers: sized, body: () => Readable.from(open()) };
}

/** Refuses who has no token of the storage's own, or one that may only read. */
function allow({ hub, headers }: Context, need: "read" | "write"): void {
  const token = hub.xetTokens.get((headers.authorization ?? "").replace(/^Bearer /, ""));
  if (!token || token.untilMs <= Date.now()) throw new Refusal(401, "the token is unknown, or has ended");
  if (need === "write" && token.may === "read") throw new Refusal(403, "the token may only read");
}
