import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { memorySource } from "../../devkit/bytes/memory-source.ts";
import { byteSourceSuite, type Serve } from "../../devkit/conformance/byte-source.ts";
import type { Fault, HubOptions } from "../../devkit/hub/hub.ts";
import type { ByteSource } from "../../src/bytes/byte-source.ts";
import { concatenated } from "../../src/bytes/concatenated.ts";
import { fileSource } from "../../src/bytes/file-source.ts";
import { gunzipped } from "../../src/bytes/gunzipped.ts";
import { remote } from "./http/remote.ts";

const served =
  (options: Omit<HubOptions, "repos"> = {}, file = "a.zip"): Serve =>
  async (bytes) => {
    const { source, close } = await remote(bytes, options, file);
    return { source, close };
  };

byteSourceSuite("memory", async (bytes) => ({ source: memorySource("memory", bytes) }));

byteSourceSuite("a file", async (bytes) => {
  const folder = await mkdtemp(path.join(tmpdir(), "bytes-"));
  const file = path.join(folder, "a");
  await writeFile(file, bytes);
  return { source: fileSource(file, bytes.byteLength), close: () => rm(folder, { recursive: true }) };
});

byteSourceSuite("HTTP, by signed links", served());
byteSourceSuite("HTTP, from the Hub itself", served({}, ".small"));

const broken: Fault[] = [
  { route: "cdn", every: 2, do: { kind: "truncate", at: 50_000, length: true } },
  { route: "cdn", every: 3, do: { kind: "truncate", at: 70_000, length: false } },
  { route: "cdn", every: 5, do: { kind: "status", status: 503 } },
  { route: "cdn", every: 7, do: { kind: "reset", at: 30_000 } },
  { route: "cdn", every: 11, do: { kind: "expired" } },
  { route: "cdn", every: 13, do: { kind: "content-range", shift: 1 } },
];
byteSourceSuite("HTTP that breaks again and again", served({ faults: broken }));

const cut = (bytes: Uint8Array): ByteSource[] => {
  const ends = [0, 1, 777, 777, 500_000, 2_000_000, bytes.byteLength];
  return ends.map((end, at) => memorySource(`part ${at}`, bytes.subarray(ends[at - 1] ?? 0, end)));
};
byteSourceSuite("several sources end to end", async (bytes) => ({ source: concatenated("parts", cut(bytes)) }));

byteSourceSuite("a gzip file", async (bytes) => ({
  source: gunzipped(memorySource("gzip", gzipSync(bytes, { level: 1 }))),
}));
byteSourceSuite("a gzip file of several members, by HTTP that breaks", async (bytes) => {
  const members = [bytes.subarray(0, 900_000), bytes.subarray(900_000)].map((one) => gzipSync(one, { level: 1 }));
  const { source, close } = await served({ faults: broken })(Buffer.concat(members));
  return { source: gunzipped(source), ...(close && { close }) };
});
