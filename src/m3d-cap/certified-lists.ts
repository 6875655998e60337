import { createHash } from "node:crypto";
import { EtlError } from "../errors.ts";
import { Certificate } from "../model/certificate.ts";
import { listNames } from "../model/selection.ts";
import type { SplitFile } from "./split-file.ts";

/** Of the lists alone, in their usual order: whoever changes one of them changes it. */
export function listsSha256(lists: SplitFile): string {
  const present = listNames.flatMap((name) => (lists[name] ? [[name, lists[name].map(({ image }) => image)]] : []));
  return createHash("sha256").update(JSON.stringify(present)).digest("hex");
}

/** The certificate that lists carry; undefined where they have none. One that is of other lists is an error. */
export function certificateOf(lists: SplitFile, path: string): Certificate | undefined {
  const found = (lists as { certificate?: unknown }).certificate;
  if (found === undefined) return undefined;
  const { success, data } = Certificate.safeParse(found);
  if (success && data.sha256 === listsSha256(lists)) return data;
  throw new EtlError(
    "bad-split-file",
    `${path}: its certificate is not of these lists; take it out, or write the lists anew with audit --write-split`,
  );
}
