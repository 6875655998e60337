import type { AsyncBuffer } from "hyparquet";

/** Ranges asked for in one turn that lie so near each other are one request. */
const GAP_BYTES = 4096;

interface Asked {
  readonly start: number;
  readonly end: number;
  readonly give: (bytes: Promise<ArrayBuffer>) => void;
}

/** What went wrong, in the server's own words where it has any. */
export async function checked(response: Response, what: string): Promise<Response> {
  if (response.ok) return response;
  const said = response.headers.get("content-type")?.startsWith("text/plain") ? await response.text() : "";
  throw new Error(said || `${what}: HTTP ${response.status}`);
}

async function fetchRange(url: string, start: number, end: number): Promise<ArrayBuffer> {
  const response = await checked(await fetch(url, { headers: { range: `bytes=${start}-${end - 1}` } }), url);
  const bytes = await response.arrayBuffer();
  if (response.status !== 206 || bytes.byteLength !== end - start)
    throw new Error(`${url}: this server does not answer Range requests`);
  return bytes;
}

/** A file of known size as hyparquet reads one: exact ranges, neighbours together. */
export function rangeFile(url: string, byteLength: number): AsyncBuffer {
  let waiting: Asked[] = [];
  const send = () => {
    const sorted = waiting.sort((a, b) => a.start - b.start);
    waiting = [];
    while (sorted.length > 0) {
      const { start } = sorted[0]!;
      let end = sorted[0]!.end;
      const together: Asked[] = [];
      while (sorted[0] && sorted[0].start <= end + GAP_BYTES) {
        end = Math.max(end, sorted[0].end);
        together.push(sorted.shift()!);
      }
      const bytes = fetchRange(url, start, end);
      for (const one of together) one.give(bytes.then((all) => all.slice(one.start - start, one.end - start)));
    }
  };
  return {
    byteLength,
    slice: (start, end = byteLength) =>
      new Promise((give) => {
        if (waiting.length === 0) setTimeout(send);
        waiting.push({ start, end, give });
      }),
  };
}
