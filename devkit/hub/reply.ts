import type { Readable } from "node:stream";

/** What a route answers; header names are in lower case. The body is opened only when it is sent. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  body?: Buffer | (() => Readable);
}

/** An error as the Hub words it: JSON, and the headers that its clients tell errors apart by. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string | undefined;
  readonly headers: Record<string, string>;

  constructor(status: number, message: string, code?: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }

  reply(): Reply {
    const reply = json({ error: this.message }, this.status);
    // Header values are Latin-1; a message may quote a path that is not.
    reply.headers["x-error-message"] = this.message.replace(/[^\x20-\x7e]/g, "?");
    if (this.code !== undefined) reply.headers["x-error-code"] = this.code;
    Object.assign(reply.headers, this.headers);
    return reply;
  }
}

export function json(value: unknown, status = 200, headers: Record<string, string> = {}): Reply {
  return text(JSON.stringify(value), "application/json; charset=utf-8", status, headers);
}

export function text(
  body: string,
  type = "text/plain; charset=utf-8",
  status = 200,
  headers: Record<string, string> = {},
): Reply {
  const bytes = Buffer.from(body);
  return { status, headers: { "content-type": type, "content-length": `${bytes.length}`, ...headers }, body: bytes };
}

/** An error as the object store behind the CDN words it. */
export function xml(status: number, code: string, message: string): Reply {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return text(body, "application/xml", status);
}
