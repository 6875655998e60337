import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  datasetInfo,
  downloadFile,
  fileDownloadInfo,
  type ListFileEntry,
  listFiles,
  pathsInfo,
  whoAmI,
} from "@huggingface/hub";
import { type Hub, memoryContent, startHub } from "../../devkit/hub/hub.ts";

const accessToken = "hf_reader0123456789";
const zip = Buffer.alloc(20_000, "zip");
const repo = { type: "dataset", name: "voxshard/m3d-mini" } as const;
let hub: Hub;

before(async () => {
  const files = { "README.md": "# mini", "M3D_Cap/a.zip": zip, "M3D_Cap/b.zip": zip, "M3D_Cap/c.json": "{}" };
  hub = await startHub({
    repos: [{ id: repo.name, content: memoryContent(files), access: "private" }],
    tokens: { [accessToken]: { name: "reader", role: "read" } },
    pageSize: 2,
  });
});
after(() => hub.close());

/** The Hub's own client is the judge of whether this is a Hub. */
const options = () => ({ repo, hubUrl: hub.endpoint, accessToken });

test("listFiles walks all pages", async () => {
  const found: ListFileEntry[] = [];
  for await (const entry of listFiles({ ...options(), recursive: true })) found.push(entry);
  const expected = ["M3D_Cap", "M3D_Cap/a.zip", "M3D_Cap/b.zip", "M3D_Cap/c.json", "README.md"];
  assert.deepEqual(
    found.map(({ path }) => path),
    expected,
  );
  assert.equal(found[0]?.type, "directory");
  assert.equal(found[1]?.lfs?.size, zip.length);
  assert.equal(hub.counters().routes["tree"], 3);
});

test("pathsInfo tells of files and folders, and is silent about the rest", async () => {
  const found = await pathsInfo({ ...options(), paths: ["M3D_Cap/a.zip", "M3D_Cap", "none"], expand: true });
  assert.deepEqual(
    found.map(({ type, path }) => [type, path]),
    [
      ["file", "M3D_Cap/a.zip"],
      ["directory", "M3D_Cap"],
    ],
  );
  const body = new URLSearchParams([
    ["paths", "README.md"],
    ["paths", "M3D_Cap/c.json"],
    ["expand", "False"],
  ]);
  const headers = { authorization: `Bearer ${accessToken}` };
  const form = await fetch(`${hub.endpoint}/api/datasets/${repo.name}/paths-info/main`, {
    method: "POST",
    body,
    headers,
  });
  assert.equal(((await form.json()) as unknown[]).length, 2);
});

test("files come whole, by the CDN and by the resolve cache", async () => {
  const big = await downloadFile({ ...options(), path: "M3D_Cap/a.zip" });
  assert.deepEqual(Buffer.from(await big!.arrayBuffer()), zip);
  const small = await downloadFile({ ...options(), path: "README.md" });
  assert.equal(await small!.text(), "# mini");
  assert.equal(await downloadFile({ ...options(), path: "none" }), null);
  const info = await fileDownloadInfo({ ...options(), path: "M3D_Cap/a.zip" });
  assert.equal(info?.size, zip.length);
});

test("datasetInfo and whoAmI understand what they are told", async () => {
  const info = await datasetInfo({ name: repo.name, hubUrl: hub.endpoint, accessToken, additionalFields: ["sha"] });
  assert.deepEqual([info.name, info.private, info.sha], [repo.name, true, hub.repo().at("main").sha]);
  assert.equal((await whoAmI({ hubUrl: hub.endpoint, accessToken })).name, "reader");
});
