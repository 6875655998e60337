import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { networkFault } from "../../bytes/http/network-fault.ts";
import { paced } from "../../bytes/http/paced.ts";
import { type Answer, bodyChunks } from "../../bytes/http/transport.ts";
import { EtlError } from "../../errors.ts";
import { readFault } from "../../files/read-file.ts";
import { makeWhole } from "../../files/whole-file.ts";
import { createFile } from "../../files/written-file.ts";
import type { Store, Stored } from "../store.ts";
import { asked, type S3Access } from "./requests.ts";

/** S3 takes no more in one request. */
const MAX_OBJECT_BYTES = 5 * 2 ** 30;
/** A page of 1,000 keys, which are at most 1 KiB each. */
const MAX_PAGE_BYTES = 8_000_000;

/** The objects of a bucket below a prefix, which is empty or ends with `/`. */
export function s3Store(access: S3Access, prefix: string): Store {
  const { bucket } = access;
  return {
    isAtomic: true,
    async putIfAbsent(key, file, signal) {
      const content = await contentOf(file, `s3://${bucket.name}/${prefix}${key}`);
      const headers = { "if-none-match": "*" };
      const wanted = { method: "PUT", content, headers, expected: [412], signal } as const;
      return asked(access, prefix + key, wanted, async (answer) => {
        await answer.body.dump();
        return answer.status !== 412;
      });
    },
    get: (key, file, signal) =>
      asked(access, prefix + key, { method: "GET", expected: [404], signal }, async (answer) => {
        if (answer.status !== 404) {
          await makeWhole(file, (temporary) => received(access, answer, temporary, key, signal));
          return true;
        }
        const page = await textOf(answer, key);
        if (!page.includes("NoSuchBucket")) return false;
        throw new EtlError("source-not-found", `s3://${bucket.name}: there is no such bucket; make it first`);
      }),
    list: (below, signal) => listed(access, prefix, below, signal),
    delete: (key, signal) =>
      asked(access, prefix + key, { method: "DELETE", expected: [404], signal }, (answer) => answer.body.dump()),
  };
}

async function contentOf(file: string, name: string) {
  try {
    const { size: byteLength } = await stat(file);
    if (byteLength > MAX_OBJECT_BYTES)
      throw new EtlError(
        "limit-exceeded",
        `${name}: ${byteLength} bytes, and S3 takes ${MAX_OBJECT_BYTES} at once; choose a smaller --shard-size`,
      );
    const hash = createHash("sha256");
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk);
    return { file, byteLength, sha256: hash.digest("hex") };
  } catch (error) {
    throw readFault(error, file);
  }
}

async function received(
  { bucket, transport }: S3Access,
  answer: Answer,
  temporary: string,
  name: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { byteLength } = await createFile(temporary, async (sink) => {
    try {
      for await (const chunk of paced(bodyChunks(answer), transport.stallMs, name)) {
        transport.traffic.bytes += chunk.byteLength;
        await sink.write(chunk);
      }
    } catch (error) {
      throw networkFault(error, bucket.base, signal);
    } finally {
      answer.body.destroy();
    }
  });
  const told = answer.headers["content-length"];
  if (told !== undefined && Number(told) !== byteLength)
    throw new EtlError("short-read", `${name}: ${byteLength} of ${told} bytes came`);
}

async function textOf({ body }: Answer, name: string): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    if ((size += (part as Uint8Array).byteLength) > MAX_PAGE_BYTES)
      throw new EtlError("limit-exceeded", `${name}: more than ${MAX_PAGE_BYTES} bytes came for a page of names`);
    parts.push(part as Uint8Array);
  }
  return Buffer.concat(parts).toString("utf8");
}

interface Queried {
  querySelector(name: string): { readonly textContent: string | null } | null;
}

async function* listed(
  access: S3Access,
  prefix: string,
  below: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Stored> {
  const { DOMParser } = await import("linkedom");
  for (let token = ""; ; ) {
    const query = { "list-type": "2", prefix: prefix + below, ...(token !== "" && { "continuation-token": token }) };
    const page = await asked(access, "", { method: "GET", query, signal }, async (answer) =>
      new DOMParser().parseFromString(await textOf(answer, access.bucket.name), "text/xml"),
    );
    const textIn = (node: Queried, name: string) => node.querySelector(name)?.textContent ?? "";
    for (const one of page.querySelectorAll("Contents"))
      yield { key: textIn(one, "Key").slice(prefix.length), byteLength: Number(textIn(one, "Size")) };
    token = textIn(page, "NextContinuationToken");
    if (token === "") return;
  }
}
