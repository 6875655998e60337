import assert from "node:assert/strict";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import type { JobAsked } from "../../devkit/hub/job-routes.ts";
import { type S3Server, startS3 } from "../../devkit/s3/s3-server.ts";
import { Transport } from "../../src/bytes/http/transport.ts";
import { openStore } from "../../src/stores/open-store.ts";
import { voxshard } from "../command.ts";
import { type Files, filesOf } from "../properties/determined-files.ts";
import { phantomRepo } from "../publish/phantom-output.ts";
import { startWritableHub, type WritableHub } from "../publish/writable-hub.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const SOURCE = "you/M3D-Cap";
const OUTPUT = ["--size", "8,64,64", "--dtype", "uint8", "--codec", "none", "--shard-size", "75kB", "--limit", "3"];

const home = temporaryFolder("hf-jobs");
let hub: WritableHub;
let s3: S3Server;
let env: Record<string, string>;
/** Where shards go, and the secrets that jobs need there. */
const places: Readonly<
  Record<string, () => { address: string; env: Readonly<Record<string, string>>; keys: string[] }>
> = {
  S3: () => {
    const keys = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "HF_TOKEN"];
    return { address: `s3://${s3.bucket}/m3d`, env: s3.env, keys };
  },
  // Its token is in a file, as `hf auth login` leaves it.
  "a bucket": () => {
    const token = { HF_TOKEN: "", HF_TOKEN_PATH: path.join(home, "token") };
    return { address: "hf://buckets/me/shards/m3d", env: token, keys: ["HF_TOKEN"] };
  },
};
/** What jobs were run, and how many at once. */
const ran: JobAsked[] = [];
let [alive, most] = [0, 0];

/** A machine of the service: the image's command in a process of its own, that knows what the job was given and no more. */
async function machine(job: JobAsked): Promise<number> {
  const isFirst = ran.push(job) === 1;
  alive += 1;
  most = Math.max(most, alive);
  const scratch = await mkdtemp(path.join(home, "machine-"));
  const given = { ...job.environment, ...job.secrets };
  const own = { HF_TOKEN: "", TMPDIR: scratch, VOXSHARD_CACHE: path.join(scratch, "cache") };
  // The first is taken away in its midst, as a machine that is needed elsewhere.
  const stop = isFirst ? ({ signal: "SIGKILL", when: () => true } as const) : undefined;
  const { code } = await voxshard(job.command.slice(1), { ...own, ...given }, stop);
  alive -= 1;
  return code ?? 137;
}

const cli = async (args: readonly string[], more: Record<string, string> = {}) => {
  const { code, stdout, stderr } = await voxshard([...args, "--json", "--quiet"], { ...env, ...more });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
};

before(async () => {
  s3 = await startS3();
  hub = await startWritableHub({
    dir: await phantomRepo(home),
    repo: SOURCE,
    jobs: machine,
    quotas: { api: 1e6, resolvers: 1e6 },
    buckets: ["me/shards"],
  });
  await mkdir(path.join(home, "tmp"));
  await writeFile(path.join(home, "token"), "hf_writer");
  const own = { VOXSHARD_CACHE: path.join(home, "cache"), TMPDIR: path.join(home, "tmp") };
  env = { ...own, HF_ENDPOINT: hub.endpoint, HF_TOKEN: "hf_writer" };
});
after(async () => {
  await hub.close();
  await s3.close();
});

for (const [kind, placeOf] of Object.entries(places))
  test(`${kind} is filled by jobs, a window of them at a time, one of which dies: what one convert gives, and published`, async () => {
    const { address, env: more, keys } = placeOf();
    ran.length = most = 0;
    const folder = path.join(home, "whole");
    await cli(["convert", SOURCE, ...OUTPUT, "--out", folder]);
    const whole = await filesOf(folder);
    const { shards } = await cli(["plan", SOURCE, ...OUTPUT, "--out", address], more);
    const submit = ["submit", address, "--engine", "hf-jobs", "--image", "voxshard:1", "--shards-per-task", "3"];
    const id = `me/from-${address.slice(0, 2)}`;
    const said = await cli([...submit, "--width", "2", "--publish", id, "--workers", "1"], more);
    assert.deepEqual([said.tasks, said.exitCode], [Math.ceil(shards / 3), 0]);
    assert.deepEqual(await storeFiles(address, whole, { ...env, ...more, HF_TOKEN: "hf_writer" }), whole);
    assert.ok(hub.repo(id).at("main").entries.has("index.parquet"), "it is published");
    assert.ok(most <= 2, `${most} jobs at once`);
    assert.equal(ran.length, said.tasks + 1, "the one that was taken away ran again");
    for (const { dockerImage, labels, secrets, environment } of ran) {
      assert.deepEqual([dockerImage, labels!["voxshard"]], ["voxshard:1", said.job]);
      assert.equal(environment["VOXSHARD_SHARD"], labels!["task"]);
      assert.deepEqual(Object.keys(secrets!).sort(), keys);
      assert.ok(!JSON.stringify(environment).includes("hf_writer"), "a key is where everybody sees it");
    }
    assert.equal((await cli([...submit, "--width", "2"], more)).tasks, 0);
  });

test("a folder of this machine is no place for it", async () => {
  const { code, stderr } = await voxshard(["submit", path.join(home, "whole"), "--engine", "hf-jobs"], env);
  assert.equal(code, 64);
  assert.match(stderr, /sees no folder of this machine/);
});

/** Those of the store's files that a folder has too. */
async function storeFiles(address: string, like: Files, env: Readonly<Record<string, string>>): Promise<Files> {
  const transport = new Transport();
  const store = openStore(address, { env, transport });
  const got = await mkdtemp(path.join(home, "got-"));
  for (const name of Object.keys(like)) await store.get(name, path.join(got, name));
  await transport.close();
  return filesOf(got);
}
