import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cp, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { cli } from "../command.ts";
import { phantomRepo } from "../publish/phantom-output.ts";
import { startWritableHub, type WritableHub } from "../publish/writable-hub.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const text = await readFile("README.md", "utf8");
/** What each block of a shell runs of this project, without what it says of it. */
const blocks = [...text.matchAll(/^```sh\n(.*?)^```/gms)]
  .map(([, block]) => [...block!.matchAll(/^npx voxshard +(.*?) *(?:#.*)?$/gm)].map(([, line]) => line!.split(/ +/)))
  .filter((lines) => lines.length > 0);
/** These serve until they are stopped, or need a cluster: their own tests run them. */
const ELSEWHERE = new Set(["view", "submit", "status"]);

const root = temporaryFolder("readme");
const work = path.join(root, "work");
let hub: WritableHub | undefined;
before(async () => {
  process.env["VOXSHARD_CACHE"] = path.join(root, "cache");
  const repo = await phantomRepo(root, 2);
  for (const name of ["half", "M3D_Cap"]) await cp(repo, path.join(work, name), { recursive: true });
  await rm(path.join(work, "half/M3D_Cap/ct_quizze"), { recursive: true });
  assert.equal((await voxshard(["index", repo, "--out", path.join(root, "index")])).code, 0);
  hub = await startWritableHub({
    repos: [
      { id: "owner/name", dir: repo },
      { id: "owner/index", dir: path.join(root, "index") },
    ],
    tokens: { hf_writer: { name: "you", role: "write" } },
  });
});
after(() => hub?.close());

async function voxshard(args: readonly string[]): Promise<{ code: number | null; said: string }> {
  const env = { ...process.env, ...(hub && { HF_ENDPOINT: hub.endpoint }), HF_TOKEN: "hf_writer" };
  const child = spawn(process.execPath, [cli, ...args], { env, cwd: hub ? work : root });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (part) => (said += part));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, said })));
}

for (const [at, lines] of blocks.entries())
  test(`the README's commands run as they stand: ${lines.map(([name]) => name).join(", ")} (${at + 1})`, async () => {
    for (const name of ["out", "all", "tree", "again"])
      await rm(path.join(work, name), { recursive: true, force: true });
    // A block that goes on with a folder has it from the first.
    if (!["plan", "convert"].includes(lines[0]![0]!)) await expect(blocks[0]![1]!);
    for (const line of lines) if (!ELSEWHERE.has(line[0]!)) await expect(line);
  });

async function expect(line: readonly string[]): Promise<void> {
  const { code, said } = await voxshard(line);
  // Half a copy is not whole.
  assert.equal(code, line[0] === "check" ? 65 : 0, `voxshard ${line.join(" ")}\n${said}`);
}
