import { waitAskedMs } from "../bytes/http/partial.ts";
import type { Answer } from "../bytes/http/transport.ts";
import { RetryAfter } from "../bytes/retrying.ts";
import { EtlError } from "../errors.ts";

/** Rides as the cause on the error of a file that is not there, in a repository that is. */
export class NoSuchEntry extends Error {}

/** What an answer of the Hub's above 399 means, told from its status and `X-Error-Code`. */
export function hubFault(
  status: number,
  headers: Answer["headers"],
  text: string,
  what: string,
  token: string | undefined,
): EtlError {
  const signedIn = token !== undefined;
  const code = String(headers["x-error-code"] ?? "");
  const message = String(headers["x-error-message"] ?? "") || text;
  const words = `${what}: HTTP ${status} ${code} ${message}`.replace(/\s+/g, " ").trim();
  // Some servers repeat what they were sent.
  const detail = signedIn ? words.replaceAll(token, "hf_…") : words;
  if (/disabled/i.test(message) && status === 403)
    return new EtlError(
      "disabled",
      `${what}: the Hub has disabled this repository; use a mirror (--endpoint) or a local copy`,
    );
  if (code === "GatedRepo")
    return new EtlError("not-allowed", `${what}: gated; accept its terms on the Hub and set HF_TOKEN`);
  if (code === "EntryNotFound") return new EtlError("source-not-found", detail, new NoSuchEntry());
  if (code === "RevisionNotFound") return new EtlError("source-not-found", detail);
  if (code === "RepoNotFound" || status === 404 || status === 401)
    return signedIn && status === 401 && code !== "RepoNotFound"
      ? new EtlError("not-allowed", `${detail}; check HF_TOKEN`)
      : new EtlError(
          "source-not-found",
          `${what}: not found, or private${signedIn ? " to others" : ": set HF_TOKEN if it is yours"}`,
        );
  if (status === 409 || status === 412) return new EtlError("commit-raced", detail);
  if (status === 403) return new EtlError("not-allowed", detail);
  if (status === 429) return new EtlError("rate-limited", detail, new RetryAfter(waitAskedMs({ headers })));
  if (status === 408 || status >= 500)
    return new EtlError("server-error", detail, new RetryAfter(waitAskedMs({ headers })));
  return new EtlError("source-not-found", detail);
}
