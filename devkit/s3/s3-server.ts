import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** An S3 server with one empty bucket. */
export interface S3Server {
  readonly bucket: string;
  /** The variables by which the AWS tools find it. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const BUCKET = "shards";

/** A real S3 server (@20minutes/s3rver, which checks signatures) in a process of its own, on loopback. */
export async function startS3(): Promise<S3Server> {
  const directory = await mkdtemp(path.join(tmpdir(), "s3-"));
  const script = fileURLToPath(new URL("./serve.js", import.meta.url));
  // It seals its pages' tokens with DES, which OpenSSL keeps among its old ones.
  const args = ["--openssl-legacy-provider", script, directory, BUCKET];
  const server = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [port] = await once(createInterface(server.stdout), "line");
  return {
    bucket: BUCKET,
    env: {
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "S3RVER",
      AWS_SECRET_ACCESS_KEY: "S3RVER",
    },
    async close() {
      const ended = once(server, "exit");
      server.kill("SIGKILL");
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
