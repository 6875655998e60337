import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { storeSuite } from "../../devkit/conformance/store.ts";
import { startHub } from "../../devkit/hub/hub.ts";
import { startS3 } from "../../devkit/s3/s3-server.ts";
import { Transport } from "../../src/bytes/http/transport.ts";
import { openStore } from "../../src/stores/open-store.ts";

storeSuite("a folder", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "folder-store-"));
  const open = () => openStore(pathToFileURL(path.join(folder, "out")).href);
  return { store: open(), other: open(), close: () => rm(folder, { recursive: true, force: true }) };
});

storeSuite("an S3 bucket", async () => {
  const { bucket, env, close } = await startS3();
  const transport = new Transport();
  const open = () => openStore(`s3://${bucket}/some/prefix`, { env, transport });
  return {
    store: open(),
    other: open(),
    close: async () => {
      await transport.close();
      await close();
    },
  };
});

storeSuite("a bucket of the Hub", async () => {
  const tokens = { hf_writer: { name: "me", role: "write" } } as const;
  const hub = await startHub({ tokens, buckets: ["me/shards"], quotas: { api: 1e6, resolvers: 1e6 } });
  const transport = new Transport();
  const env = { HF_ENDPOINT: hub.endpoint, HF_TOKEN: "hf_writer" };
  const open = () => openStore("hf://buckets/me/shards/some/prefix", { env, transport });
  return {
    store: open(),
    other: open(),
    close: async () => {
      await transport.close();
      await hub.close();
    },
  };
});
