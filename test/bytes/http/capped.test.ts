import http from "node:http";
import type { AddressInfo } from "node:net";
import { byteSourceSuite } from "../../../devkit/conformance/byte-source.ts";
import { httpSource } from "../../../src/bytes/http/http-source.ts";
import { Transport } from "../../../src/bytes/http/transport.ts";
import { defaultRetryPolicy } from "../../../src/bytes/retrying.ts";

/** Gives 100 kB at most, and spells what it says of them in its own way. */
const CAP_BYTES = 100_000;

byteSourceSuite("a server that caps ranges", async (bytes) => {
  const server = http.createServer((request, response) => {
    const [, start, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range!)!.map(Number) as [number, number, number];
    const end = Math.min(last + 1, start + CAP_BYTES);
    response.writeHead(206, { "CONTENT-RANGE": `Bytes ${start}-${end - 1}/${bytes.byteLength}` });
    response.end(bytes.subarray(start, end));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/a`);
  const transport = new Transport({});
  const source = httpSource({
    name: "a",
    byteLength: bytes.byteLength,
    resolve: async () => ({ url, headers: {}, useUntilMs: Number.POSITIVE_INFINITY }),
    transport,
    retry: defaultRetryPolicy,
  });
  const close = async () => {
    await transport.close();
    server.close();
    server.closeAllConnections();
  };
  return { source, close };
});

byteSourceSuite("a link that leads on to another origin", async (bytes) => {
  const store = http.createServer((request, response) => {
    // What tells who asks is for the first origin alone.
    if (request.headers.authorization) return response.writeHead(400).end();
    const [, start, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range!)!.map(Number) as [number, number, number];
    response.writeHead(206, { "content-range": `bytes ${start}-${last}/${bytes.byteLength}` });
    return response.end(bytes.subarray(start, last + 1));
  });
  await new Promise<void>((resolve) => store.listen(0, "127.0.0.1", resolve));
  const location = `http://127.0.0.1:${(store.address() as AddressInfo).port}/b`;
  const first = http.createServer((request, response) => {
    response.writeHead(request.headers.authorization === "Bearer hf_x" ? 302 : 400, { location }).end();
  });
  await new Promise<void>((resolve) => first.listen(0, "127.0.0.1", resolve));
  const url = new URL(`http://127.0.0.1:${(first.address() as AddressInfo).port}/a`);
  const transport = new Transport({});
  const source = httpSource({
    name: "a",
    byteLength: bytes.byteLength,
    resolve: async () => ({ url, headers: { authorization: "Bearer hf_x" }, useUntilMs: Number.POSITIVE_INFINITY }),
    transport,
    retry: defaultRetryPolicy,
  });
  const close = async () => {
    await transport.close();
    for (const server of [first, store]) {
      server.close();
      server.closeAllConnections();
    }
  };
  return { source, close };
});
