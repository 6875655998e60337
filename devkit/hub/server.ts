import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A server on a random port, and the URL that clients know it by. */
export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Listens on one of the loopback addresses: clients tell hosts apart by name, not by port. Systems that have 127.0.0.1
 * alone get "localhost" as the other name.
 */
export async function listen(address: string, port: number, listener: RequestListener): Promise<Listening> {
  const server = createServer(listener);
  const name = await bind(server, address, port);
  // A connection that an injected fault left half-open must not end the process.
  server.on("clientError", (_, socket) => socket.destroy());
  return {
    url: `http://${name}:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function bind(server: Server, address: string, port: number): Promise<string> {
  try {
    await listening(server, address, port);
    return address;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRNOTAVAIL" || address === "127.0.0.1") throw error;
    await listening(server, "127.0.0.1", port);
    return "localhost";
  }
}

function listening(server: Server, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
