import { createHmac, randomBytes } from "node:crypto";

/**
 * Signs the CDN's URLs like CloudFront: the policy names the URL and the second of expiry, the signature covers path and
 * query to the letter. The Range is not signed, so that one URL serves any number of ranges until it expires.
 */
export class Signer {
  readonly #key = randomBytes(32);
  #generation = 0;

  sign(origin: string, pathAndQuery: string, ttlSeconds: number): string {
    const expires = Math.floor(Date.now() / 1000 + ttlSeconds);
    const [path] = pathAndQuery.split("?");
    const condition = { DateLessThan: { "AWS:EpochTime": expires } };
    const policy = {
      Statement: [{ Resource: `${origin}${path}*`, Condition: condition }],
      Generation: this.#generation,
    };
    const encoded = Buffer.from(JSON.stringify(policy)).toString("base64url");
    const joined = `${pathAndQuery}${pathAndQuery.includes("?") ? "&" : "?"}Expires=${expires}&Policy=${encoded}`;
    return `${origin}${joined}&Key-Pair-Id=KVOXSHARD&Signature=${this.#mac(joined)}`;
  }

  /** The first reason to refuse a URL, if there is one. */
  problem(pathAndQuery: string): "unsigned" | "altered" | "expired" | undefined {
    const match = /^(.*)&Key-Pair-Id=KVOXSHARD&Signature=([\w-]+)$/.exec(pathAndQuery);
    if (!match) return /[?&]Signature=/.test(pathAndQuery) ? "altered" : "unsigned";
    const [, signed = "", signature] = match;
    if (this.#mac(signed) !== signature) return "altered";
    const query = new URLSearchParams(signed.slice(signed.indexOf("?")));
    const policy: unknown = JSON.parse(Buffer.from(query.get("Policy") ?? "", "base64url").toString());
    const current = (policy as { Generation: number }).Generation === this.#generation;
    return current && Number(query.get("Expires")) > Date.now() / 1000 ? undefined : "expired";
  }

  /** Lets every URL handed out so far expire at once. */
  expireAll(): void {
    this.#generation += 1;
  }

  #mac(text: string): string {
    return createHmac("sha256", this.#key).update(text).digest("base64url");
  }
}
