import assert from "node:assert/strict";
import { truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { Transport } from "../../src/bytes/http/transport.ts";
import { defaultRetryPolicy } from "../../src/bytes/retrying.ts";
import { createRepository } from "../../src/hub/create.ts";
import { HubClient } from "../../src/hub/hub-client.ts";
import { stage } from "../../src/hub/stage.ts";
import { collectGarbage } from "../../src/memory/collect-garbage.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { startWritableHub } from "./writable-hub.ts";

const BYTES = 90_000_000;

test("what was sent of a file is let go, while the rest of it is still on its way", async () => {
  const root = temporaryFolder("memory");
  const file = path.join(root, "a.parquet");
  await writeFile(file, "");
  await truncate(file, BYTES);
  const hub = await startWritableHub();
  const transport = new Transport();
  const endpoint = new URL(hub.endpoint);
  const client = new HubClient({ endpoint, token: "hf_writer", transport, retry: defaultRetryPolicy });
  await createRepository(client, "me/memory", true);
  let [sent, held] = [0, 0];
  const onBytes = (bytes: number) => {
    const before = sent;
    sent += bytes;
    if (before >= BYTES * 0.9 || sent < BYTES * 0.9) return;
    // What it lets go is freed by a thread beside it; the next one waits for that.
    collectGarbage();
    collectGarbage();
    held = process.memoryUsage().arrayBuffers;
  };
  await stage(client, [{ path: "a.parquet", content: pathToFileURL(file) }], { id: "me/memory", onBytes });
  await transport.close();
  await hub.close();
  assert.equal(sent, BYTES);
  assert.ok(held > 0 && held < BYTES / 3, `${held} bytes of buffers`);
});
