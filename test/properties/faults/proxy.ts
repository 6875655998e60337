import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";

/** How a proxy fails; `cuts` breaks its first tunnel after so many bytes of answers. */
export type ProxyFault =
  | { readonly kind: "none" | "refuses" | "silent" }
  | { readonly kind: "cuts"; readonly at: number };

export interface Proxy {
  readonly url: string;
  /** Where tunnels were asked to lead, in order. */
  readonly tunnels: readonly string[];
  close(): Promise<void>;
}

/** An HTTP proxy on the loopback that makes tunnels, and nothing else. */
export async function startProxy(fault: ProxyFault): Promise<Proxy> {
  const tunnels: string[] = [];
  const sockets = new Set<Duplex>();
  const server = createServer((_, response) => response.writeHead(405).end());
  server.on("connect", ({ url = "" }, client: Duplex) => {
    tunnels.push(url);
    keep(client);
    if (fault.kind === "silent") return;
    if (fault.kind === "refuses") return void client.end("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n");
    const [host, port] = url.split(":");
    const target = connect(Number(port), host);
    keep(target);
    target.on("connect", () => client.write("HTTP/1.1 200 Connection established\r\n\r\n"));
    client.pipe(target);
    if (fault.kind === "cuts" && tunnels.length === 1) cutAfter(fault.at, target, client);
    else target.pipe(client);
  });
  const keep = (socket: Duplex) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tunnels,
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function cutAfter(at: number, target: Socket, client: Duplex): void {
  let left = at;
  target.on("data", (chunk: Buffer) => {
    if (left <= 0) return;
    client.write(chunk.subarray(0, left));
    left -= chunk.byteLength;
    if (left <= 0) client.end(() => target.destroy());
  });
}
