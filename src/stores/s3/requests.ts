import { createReadStream } from "node:fs";
import { firstWords, waitAskedMs } from "../../bytes/http/partial.ts";
import type { Answer, Transport } from "../../bytes/http/transport.ts";
import { RetryAfter, type RetryPolicy, withRetries } from "../../bytes/retrying.ts";
import { EtlError } from "../../errors.ts";
import type { Bucket } from "./bucket.ts";
import type { Keys } from "./keys.ts";

export interface S3Access {
  readonly bucket: Bucket;
  readonly keys: () => Promise<Keys>;
  readonly transport: Transport;
  readonly retry: RetryPolicy;
}

interface Wanted {
  readonly method: "GET" | "PUT" | "DELETE";
  readonly query?: Readonly<Record<string, string>>;
  /** What is sent. */
  readonly content?: { readonly file: string; readonly byteLength: number; readonly sha256: string };
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses above 299 that mean something to who asks. */
  readonly expected?: readonly number[];
  readonly signal?: AbortSignal | undefined;
}

/** SHA-256 of nothing. */
const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/**
 * Asks the bucket for something, and has `take` read the answer; all of it again where that fails for a reason that may
 * pass. The body's hash is signed too, so the server refuses what has changed on its way.
 */
export function asked<T>(
  access: S3Access,
  key: string,
  wanted: Wanted,
  take: (answer: Answer) => Promise<T>,
): Promise<T> {
  const { bucket, retry } = access;
  const { pathname } = bucket.base;
  // The bucket itself is asked for without a slash behind its name, as AWS's own tools do.
  const path =
    key === "" ? pathname.replace(/(.)\/$/, "$1") : pathname + key.split("/").map(encodeURIComponent).join("/");
  const url = new URL(path, bucket.base);
  for (const [name, value] of Object.entries(wanted.query ?? {})) url.searchParams.set(name, value);
  return withRetries(async () => take(await answered(access, url, wanted)), retry, wanted.signal);
}

async function answered(access: S3Access, url: URL, wanted: Wanted): Promise<Answer> {
  const { bucket, transport, retry } = access;
  const { method, content, expected = [], signal } = wanted;
  await transport.pacer.turn(url, retry, signal);
  const { AwsV4Signer } = await import("aws4fetch");
  const headers = { ...wanted.headers, "x-amz-content-sha256": content?.sha256 ?? EMPTY };
  const { accessKeyId, secretAccessKey, sessionToken } = await access.keys();
  const { region } = bucket;
  const keys = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  const signed = await new AwsV4Signer({ method, url: url.href, headers, service: "s3", region, ...keys }).sign();
  const sent = Object.fromEntries(signed.headers);
  const answer = await transport.request(signed.url, {
    method,
    headers: content ? { ...sent, "content-length": String(content.byteLength) } : sent,
    ...(content && { body: createReadStream(content.file) }),
    signal,
  });
  if (answer.status < 300 || expected.includes(answer.status)) return answer;
  throw faultOf(answer, await firstWords(answer.body), bucket, url);
}

/** What an answer above 299 means. */
function faultOf({ status, headers }: Answer, text: string, { name, region }: Bucket, url: URL): EtlError {
  const [, code = ""] = /<Code>([^<]*)</.exec(text) ?? [];
  const [, message = ""] = /<Message>([^<]*)</.exec(text) ?? [];
  const detail = `s3://${name} at ${url.host}: HTTP ${status} ${code} ${message}`.trimEnd();
  const later = new RetryAfter(waitAskedMs({ headers }));
  const elsewhere = headers["x-amz-bucket-region"];
  if (typeof elsewhere === "string" && elsewhere !== region)
    return new EtlError("usage", `s3://${name}: is in ${elsewhere}, not in ${region}; set AWS_REGION=${elsewhere}`);
  if (code === "NoSuchBucket") return new EtlError("source-not-found", `${detail}; make the bucket first`);
  if (code === "RequestTimeTooSkewed") return new EtlError("not-allowed", `${detail}; set this machine's clock`);
  if (status === 401 || status === 403)
    return new EtlError("not-allowed", `${detail}; check AWS_ACCESS_KEY_ID and what its owner may do`);
  if (status === 429 || code === "SlowDown") return new EtlError("rate-limited", detail, later);
  // 409: somebody else writes the key at this very moment. 400: a body that did not come whole.
  if (status >= 500 || status === 408 || status === 409 || /^(RequestTimeout|IncompleteBody|BadDigest)$/.test(code))
    return new EtlError("server-error", detail, later);
  return new EtlError(status === 404 ? "source-not-found" : "cannot-write", detail);
}
