import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { checkProxies } from "../../src/bytes/http/network-fault.ts";
import { redirectTarget } from "../../src/bytes/http/redirect.ts";
import { Transport } from "../../src/bytes/http/transport.ts";
import { isFault } from "../../src/errors.ts";

async function listening(server: http.Server | https.Server) {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
const closed = (server: http.Server) => new Promise((resolve) => server.close(resolve));

async function refusedBy(url: string, kind: "network" | "unreachable", words: RegExp): Promise<void> {
  const transport = new Transport({ stallMs: 5000 });
  try {
    await assert.rejects(transport.request(new URL(url)), (error) => isFault(error, kind) && words.test(error.message));
  } finally {
    await transport.close();
  }
}

test("a port that nobody listens on is said, and tried again", async () => {
  const server = http.createServer();
  const port = await listening(server);
  await closed(server);
  await refusedBy(`http://127.0.0.1:${port}/`, "network", /refuses connections; .* \(ECONNREFUSED\)$/);
});

const hasOpenssl = (() => {
  try {
    return execFileSync("openssl", ["version"]).length > 0;
  } catch {
    return false;
  }
})();
test("a certificate of one's own is said, with what to do, and not tried again", { skip: !hasOpenssl }, async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "tls-"));
  const [key, cert] = ["key.pem", "cert.pem"].map((name) => path.join(folder, name)) as [string, string];
  const made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"];
  execFileSync("openssl", [...made, "-keyout", key, "-out", cert], { stdio: "ignore" });
  const server = https.createServer({ key: readFileSync(key), cert: readFileSync(cert) });
  const port = await listening(server);
  try {
    const words = /signed by nobody this machine trusts; .*NODE_EXTRA_CA_CERTS \(DEPTH_ZERO_SELF_SIGNED_CERT\)/;
    await refusedBy(`https://127.0.0.1:${port}/`, "unreachable", words);
  } finally {
    await closed(server);
    rmSync(folder, { recursive: true });
  }
});

test("a proxy that wants a password is said, and not tried again", async () => {
  const proxy = http.createServer();
  proxy.on("connect", (_, socket) => socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"));
  const port = await listening(proxy);
  process.env["HTTPS_PROXY"] = `http://127.0.0.1:${port}`;
  try {
    await refusedBy("https://hub.example/", "unreachable", /the proxy asks for a name and password/);
  } finally {
    delete process.env["HTTPS_PROXY"];
    await closed(proxy);
  }
});

test("a proxy's address without http:// is a usage error that does not repeat it", () => {
  for (const value of ["localhost:3128", "me:secret@proxy", "http//x"])
    assert.throws(
      () => checkProxies({ HTTPS_PROXY: value }),
      (error) =>
        isFault(error, "usage") &&
        /^HTTPS_PROXY: not an address/.test(error.message) &&
        !error.message.includes("secret"),
    );
  checkProxies({ HTTP_PROXY: "http://me:secret@proxy:3128", https_proxy: "" });
});

test("a redirect to what is not an address is a fault of the server", () => {
  assert.throws(
    () => redirectTarget("http://[", new URL("https://hub.example/"), "a.zip"),
    (error) => isFault(error, "server-error") && /redirects to what is not an address/.test(error.message),
  );
});
