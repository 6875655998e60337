import assert from "node:assert/strict";
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { Transport } from "../../src/bytes/http/transport.ts";
import { isFault } from "../../src/errors.ts";
import { openStore } from "../../src/stores/open-store.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const SECRET = "not-for-anybodys-eyes";
type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let answers: Answer[];
let asked: IncomingMessage[];
let home: string;
let transport: Transport;
beforeEach(async () => {
  home = temporaryFolder("s3-answers");
  transport = new Transport();
  [answers, asked] = [[], []];
  server = createServer((request, response) => {
    asked.push(request);
    request.resume().on("end", () => answers.shift()?.(request, response));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(async () => {
  await transport.close();
  server.close();
});
const opened = (more: Record<string, string> = {}) => {
  const { port } = server.address() as AddressInfo;
  const keys = { AWS_ACCESS_KEY_ID: "AKIA", AWS_SECRET_ACCESS_KEY: SECRET };
  const env = { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}/s3/`, ...keys, ...more };
  return openStore("s3://bucket/out", { env, transport, retry: { firstWaitMs: 1 } });
};
const says = (status: number, code = "", headers: Record<string, string> = {}) =>
  answers.push((_, response) =>
    response.writeHead(status, headers).end(`<Error><Code>${code}</Code><Message>so it is</Message></Error>`),
  );
const put = async (more?: Record<string, string>) => {
  await writeFile(path.join(home, "file"), "content");
  return opened(more).putIfAbsent("data/one", path.join(home, "file"));
};

test("what may pass is asked for again: too many, a broken server, a body that did not come, one who writes too", async () => {
  says(503, "SlowDown");
  says(500, "InternalError");
  says(400, "RequestTimeout");
  says(409, "ConditionalRequestConflict");
  says(200);
  assert.equal(await put({ AWS_SESSION_TOKEN: "for-an-hour" }), true);
  assert.equal(asked.length, 5);
  for (const { url, headers, method } of asked) {
    assert.equal(`${method} ${url}`, "PUT /s3/bucket/out/data/one");
    assert.equal(headers["if-none-match"], "*");
    assert.equal(headers["x-amz-security-token"], "for-an-hour");
    assert.match(String(headers["authorization"]), /Credential=AKIA\/\d{8}\/us-east-1\/s3\/aws4_request/);
  }
});

test("what was not sent whole is not taken for whole, and leaves no file", async () => {
  const half: Answer = (_, response) => {
    response.writeHead(200, { "content-length": "10" }).write("01234");
    setImmediate(() => response.destroy());
  };
  answers.push(half, half, (_, response) => response.end("0123456789"));
  const file = path.join(home, "got");
  assert.equal(await opened().get("data/one", file), true);
  assert.equal(await readFile(file, "utf8"), "0123456789");
  answers.push(half, half, half, half, half);
  await assert.rejects(opened().get("data/two", path.join(home, "two")), (error) => isFault(error, "network"));
  assert.deepEqual(await readdir(home), ["got"]);
});

test("what will not pass is said once, with what to do, and without the keys", async () => {
  const cases = [
    [403, "SignatureDoesNotMatch", "not-allowed", /check AWS_ACCESS_KEY_ID/, {}],
    [404, "NoSuchBucket", "source-not-found", /make the bucket first/, {}],
    [301, "PermanentRedirect", "usage", /AWS_REGION=eu-west-3/, { "x-amz-bucket-region": "eu-west-3" }],
    [403, "RequestTimeTooSkewed", "not-allowed", /clock/, {}],
    [400, "InvalidRequest", "cannot-write", /so it is/, {}],
  ] as const;
  for (const [status, code, kind, words, headers] of cases) {
    says(status, code, headers);
    await assert.rejects(put(), (error) => {
      assert.ok(isFault(error, kind), code);
      assert.match(error.message, words);
      assert.ok(!`${error.message} ${error.stack}`.includes(SECRET));
      return true;
    });
  }
  assert.equal(asked.length, cases.length);
});

test("addresses and keys that are none are usage errors, before any request", async () => {
  for (const address of ["s3://", "s3://Bucket/x", "s3://bucket/../x", "s3://bucket/a//b", "file://host/x"])
    assert.throws(
      () => openStore(address, { env: {} }),
      (error) => isFault(error, "usage"),
      address,
    );
  assert.throws(() => openStore("s3://bucket/x", { env: {} }), /AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/);
  assert.throws(() => opened({ AWS_ENDPOINT_URL_S3: "nowhere" }), /AWS_ENDPOINT_URL nowhere/);
  assert.equal(asked.length, 0);
});

test("a container's role: its keys are asked for once, and anew before they end", async () => {
  const tell =
    (AccessKeyId: string, lifeMs: number): Answer =>
    (_, response) => {
      const Expiration = new Date(Date.now() + lifeMs).toISOString();
      response.end(JSON.stringify({ AccessKeyId, SecretAccessKey: SECRET, Token: "of-the-role", Expiration }));
    };
  const { port } = server.address() as AddressInfo;
  const role = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/role`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: "who",
  };
  const store = openStore("s3://bucket/out", {
    env: { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}/s3/`, ...role },
    transport,
    retry: { firstWaitMs: 1 },
  });
  // The first are good for less than is kept in hand.
  answers.push(tell("FIRST", 60_000));
  says(204);
  answers.push(tell("SECOND", 3_600_000));
  says(204);
  says(204);
  for (const key of ["a", "b", "c"]) await store.delete(key);
  assert.deepEqual(
    asked.map(({ method, url }) => `${method} ${url}`),
    ["GET /role", "DELETE /s3/bucket/out/a", "GET /role", "DELETE /s3/bucket/out/b", "DELETE /s3/bucket/out/c"],
  );
  assert.equal(asked[0]!.headers["authorization"], "who");
  for (const [at, key] of [
    [1, "FIRST"],
    [3, "SECOND"],
    [4, "SECOND"],
  ] as const) {
    assert.match(String(asked[at]!.headers["authorization"]), new RegExp(`Credential=${key}/`));
    assert.equal(asked[at]!.headers["x-amz-security-token"], "of-the-role");
  }
  says(404);
  const without = openStore("s3://bucket/out", { env: { ...role }, transport });
  await assert.rejects(without.delete("a"), (error) => isFault(error, "not-allowed") && /a role/.test(error.message));
});
