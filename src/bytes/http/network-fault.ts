import { EtlError, type FaultKind } from "../../errors.ts";

type Cause = readonly [signs: RegExp, kind: FaultKind, why: string];

/** What a connection's error means, by its code or words: those that no second try mends are not tried again. */
const causes: readonly Cause[] = [
  [/^ENOTFOUND|^EAI_/, "network", "its name cannot be resolved; check the address, and this machine's DNS"],
  [/^ECONNREFUSED/, "network", "refuses connections; check the address and its port, and that it runs"],
  [/^(?:UND_ERR_\w*TIMEOUT|ETIMEDOUT)/, "network", "no answer in time; check the network, or a firewall on the way"],
  [/^(?:EHOSTUNREACH|ENETUNREACH)/, "network", "there is no way to it; check the network"],
  [/^CERT_HAS_EXPIRED/, "unreachable", "its certificate has expired; check this machine's clock"],
  [/^ERR_TLS_CERT_ALTNAME_INVALID/, "unreachable", "its certificate is another host's; check the address"],
  [
    /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|CERT_\w+)/,
    "unreachable",
    "its certificate is signed by nobody this machine trusts; name your authority's file in NODE_EXTRA_CA_CERTS",
  ],
  [/^EPROTO|^ERR_SSL_/, "unreachable", "does not speak TLS as it should; check http or https in the address"],
  [/\b407\b/, "unreachable", "the proxy asks for a name and password; give them in HTTPS_PROXY or HTTP_PROXY"],
];

/** A socket's error as a fault that says why and what to do; the caller's own abort passes as it is. */
export function networkFault(error: unknown, url: URL, signal?: AbortSignal): unknown {
  if (signal?.aborted) return signal.reason;
  if (error instanceof EtlError) return error;
  const signs = [...signsOf(error)];
  for (const [sign, kind, why] of causes) {
    const found = signs.find((one) => sign.test(one));
    if (found !== undefined)
      return new EtlError(kind, `${url.origin}: ${why}${/^\w+$/.test(found) ? ` (${found})` : ""}`, error);
  }
  const words = signs.filter((one) => one !== "fetch failed" && !/^\w+$/.test(one));
  return new EtlError("network", `${url.origin}: ${words.at(-1) ?? "the connection failed"}`, error);
}

/** Codes and messages of an error and of what led to it, outermost first. */
function* signsOf(error: unknown): Generator<string> {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code, errors } = at as { code?: unknown; errors?: unknown };
    if (typeof code === "string") yield code;
    if (at.message !== "") yield at.message;
    // One for each address that a name has.
    if (Array.isArray(errors)) for (const one of errors) yield* signsOf(one);
  }
}

/** Throws where a proxy's address is none; it may hold a password, and is not repeated. */
export function checkProxies(env: NodeJS.ProcessEnv): void {
  for (const name of ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"]) {
    const value = env[name];
    if (value && !(/^https?:\/\//i.test(value) && URL.canParse(value)))
      throw new EtlError("usage", `${name}: not an address; give it as http://host:port`);
  }
}
