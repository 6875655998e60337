import { fileURLToPath } from "node:url";
import { Transport } from "../bytes/http/transport.ts";
import { defaultRetryPolicy, type RetryPolicy } from "../bytes/retrying.ts";
import { EtlError } from "../errors.ts";
import { hubClient } from "../hub/hub-access.ts";
import { bucketStore } from "./bucket/bucket-store.ts";
import { folderStore } from "./folder-store.ts";
import { bucketOf } from "./s3/bucket.ts";
import { keysOf } from "./s3/keys.ts";
import { s3Store } from "./s3/s3-store.ts";
import type { Store } from "./store.ts";

export interface StoreOptions {
  readonly transport?: Transport | undefined;
  readonly retry?: Partial<RetryPolicy> | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/**
 * The store at an address: `s3://bucket/prefix`, `hf://buckets/owner/name/prefix` (of the Hub that HF_ENDPOINT names), or
 * `file:///path`. No request is made.
 */
export function openStore(address: string, options: StoreOptions = {}): Store {
  const { transport = new Transport(), env = process.env } = options;
  if (address.startsWith("file:")) return folderStore(pathOf(address));
  if (address.startsWith("hf:")) {
    const form = /^hf:\/\/buckets\/(\w[\w.-]*\/\w[\w.-]*)(?:\/(.*))?$/;
    const { bucket, prefix } = parted(address, form.exec(address), "hf://buckets/owner/name/prefix");
    return bucketStore(hubClient({ ...options, env }, transport), bucket, prefix);
  }
  const form = /^s3:\/\/([a-z0-9][a-z0-9.-]+)(?:\/(.*))?$/;
  const { bucket, prefix } = parted(address, form.exec(address), "s3://bucket/prefix");
  const retry = { ...defaultRetryPolicy, ...options.retry };
  return s3Store({ bucket: bucketOf(bucket, env), keys: keysOf(env, transport), transport, retry }, prefix);
}

/** A bucket, and the prefix within, which is empty or ends with `/`. */
function parted(address: string, found: RegExpExecArray | null, form: string) {
  const [, bucket, prefix = ""] = found ?? [];
  if (bucket === undefined || /(?:^|\/)\.{0,2}\/|[?#\\]/.test(prefix))
    throw new EtlError("usage", `${address}: give it as ${form}`);
  return { bucket, prefix: prefix.replace(/\/*$/, prefix === "" ? "" : "/") };
}

function pathOf(address: string): string {
  try {
    return fileURLToPath(address);
  } catch (error) {
    throw new EtlError("usage", `${address}: give it as file:///path/of/a/folder`, error);
  }
}
