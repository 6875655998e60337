import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { before, test } from "node:test";
import { type Hub, startHub } from "../../devkit/hub/hub.ts";
import { writePhantomRepo } from "../../devkit/phantoms/phantom-repo.ts";
import { type RepackLayout, repack } from "../../devkit/phantoms/repack.ts";
import { partPath } from "../../src/output/layout.ts";
import { planOf } from "../../src/output/output-folder.ts";
import { countFetch } from "../../src/plan/fetch-groups.ts";
import { voxshard } from "../command.ts";
import { filesOf } from "../properties/determined-files.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const REPO = "phantoms/M3D-Cap";
const output = ["--size", "4,24,24", "--dtype", "uint8", "--slices", "--no-preview", "--shard-size", "50kB", "--quiet"];
const folder = temporaryFolder("parts");
before(async () => {
  await writePhantomRepo(path.join(folder, "zip"), {
    casesPerArchive: 2,
    seriesPerCase: 2,
    slices: 5,
    height: 40,
    width: 32,
  });
});

let nodes = 0;
/** The command line on a node that has seen nothing: with an empty cache. */
async function onNewNode(hub: Hub, ...args: string[]) {
  const VOXSHARD_CACHE = path.join(folder, `node-${nodes++}`);
  const ended = await voxshard([...args, "--json"], { HF_ENDPOINT: hub.endpoint, VOXSHARD_CACHE });
  assert.equal(ended.code, 0, ended.stderr);
  return JSON.parse(ended.stdout);
}

/** Kinds of requests for anything but a file: a revision, a listing. */
const besidesFiles = (hub: Hub) =>
  Object.keys(hub.counters().routes).filter((route) => !/^(?:resolve|cdn)/.test(route));

type Case = readonly [layout: RepackLayout | "zip", ...more: string[]];
const cases: readonly Case[] = [
  ["zip"],
  ["zip", "--order", "shuffle"],
  ["tar"],
  ["tar.gz"],
  ["tar.gz in parts"],
  ["WebDataset"],
  ["loose"],
  ["zip in a folder"],
];
for (const [layout, ...more] of cases)
  test(`${[layout, ...more].join(" ")}: a cold task asks for its shard's bytes and nothing else, and makes what convert makes`, async () => {
    const repo = path.join(folder, layout);
    if (layout !== "zip") await repack(path.join(folder, "zip"), repo, layout);
    const hub = await startHub({ dir: repo, repo: REPO });
    try {
      const name = [layout, ...more].join("");
      const [whole, out] = [path.join(folder, `${name} whole`), path.join(folder, `${name} out`)];
      await onNewNode(hub, "convert", REPO, "--out", whole, ...output, ...more);
      const { plan: file, shards } = await onNewNode(hub, "plan", REPO, "--out", out, ...output, ...more);
      const plan = await planOf(out);
      assert.ok(shards > 1);
      for (let shard = 0; shard < shards; shard++) {
        hub.resetLog();
        await onNewNode(hub, "run", "--plan", file, "--shard", `${shard}`, "--connections", "1");
        const { cdn, resolve, routes } = hub.counters();
        const asked = countFetch(plan.rows, [plan.shards[shard]!], plan.archives);
        assert.deepEqual(besidesFiles(hub), []);
        // Small files are no CDN's: following a link to one takes a request more.
        const small = routes["resolve-cache"] ?? 0;
        // A link leads to one piece.
        const pieces = layout === "tar.gz in parts" ? (await readdir(repo, { recursive: true })).length : 1;
        const links = asked.resolves * pieces;
        assert.ok(resolve <= links, `${resolve} of ${links} resolves`);
        const most = asked.ranges * pieces + (small > 0 ? resolve : 0);
        assert.ok(cdn + small <= most, `${cdn + small} of ${most} ranges`);
      }
      hub.resetLog();
      await onNewNode(hub, "finalize", out);
      assert.deepEqual(await filesOf(out), await filesOf(whole));
      assert.equal(hub.log.length, 0);
    } finally {
      await hub.close();
    }
  });

test("several shards of one task share what they read; a damaged part is passed over, and the plan itself is read", async () => {
  const hub = await startHub({ dir: path.join(folder, "loose"), repo: REPO });
  try {
    const [out, other] = [path.join(folder, "together"), path.join(folder, "damaged")];
    for (const one of [out, other]) {
      const { plan, shards } = await onNewNode(hub, "plan", REPO, "--out", one, ...output);
      if (one === other) {
        const part = partPath(one, 1);
        const bytes = await readFile(part);
        bytes[bytes.length >> 1]! ^= 1;
        await writeFile(part, bytes);
      }
      hub.resetLog();
      const { made } = await onNewNode(hub, "run", "--plan", plan, "--shards", `0-${shards - 1}`);
      assert.equal(made, shards);
      assert.equal(besidesFiles(hub).length === 0, one === out);
      await onNewNode(hub, "finalize", one);
      assert.deepEqual(await filesOf(one), await filesOf(path.join(folder, "loose whole")));
      assert.equal((await readdir(path.join(one, ".voxshard/parts"))).length, shards + 1);
    }
  } finally {
    await hub.close();
  }
});
