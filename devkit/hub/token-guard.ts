import type { IncomingMessage } from "node:http";

/** `hf_hub` and `hf_xet` are clients' names in User-Agent; tokens are longer. */
const TOKEN = /\bhf_[A-Za-z0-9]{8,}/;

/** Remembers every token that came to a host that is not the Hub. */
export class TokenGuard {
  readonly #tokens: readonly string[];
  readonly leaks: string[] = [];

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  inspect(request: IncomingMessage): void {
    const leak = (text: string, where: string) => {
      // Random signatures look like anything now and then.
      if (TOKEN.test(text.replace(/\bSignature=[\w-]*/g, "")) || this.#tokens.some((token) => text.includes(token))) {
        this.leaks.push(
          `${request.method} ${request.headers.host}${(request.url ?? "").split("?")[0]}: token in ${where}`,
        );
      }
    };
    leak(decodeLoosely(request.url ?? ""), "the URL");
    for (const [name, value] of Object.entries(request.headers)) leak(`${value}`, name);
  }

  assertClean(): void {
    if (this.leaks.length > 0) throw new Error(`a token left the Hub:\n${this.leaks.join("\n")}`);
  }
}

function decodeLoosely(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}
