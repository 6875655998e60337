import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { phantomRepo, planned } from "../publish/phantom-output.ts";
import { startWritableHub, type WritableHub } from "../publish/writable-hub.ts";
import { Runs } from "../runs.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const text = await readFile("README.md", "utf8");
/** What each block of a shell runs of this project, without what it says of it. */
const blocksOf = (page: string) =>
  [...page.matchAll(/^```sh\n(.*?)^```/gms)]
    .map(([, block]) => [...block!.matchAll(/^(?:npx )?voxshard +(.*?) *(?:#.*)?$/gm)])
    .map((lines) => lines.map(([, line]) => line!.split(/ +/)))
    .filter((lines) => lines.length > 0);
const blocks = blocksOf(text);
/** These serve until they are stopped, need a cluster, or another server: their own tests run them. */
const isElsewhere = (line: readonly string[]) =>
  ["view", "submit", "status"].includes(line[0]!) || line.includes("modelscope:owner/name");

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

const runs = new Runs();
async function voxshard(args: readonly string[]): Promise<{ code: number | "killed"; said: string }> {
  const { code, stdout, stderr } = await runs.run({ args, env: environment(), cwd: hub ? work : root });
  return { code, said: stdout + stderr };
}

const environment = () => ({ ...(hub && { HF_ENDPOINT: hub.endpoint }), HF_TOKEN: "hf_writer" });

async function run(
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<{ code: number | null; said: string }> {
  const env = { ...process.env, ...environment() };
  const child = spawn(program, args, { env, cwd });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (part) => (said += part));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, said })));
}

const pages = ["docs/torch.md", "docs/coordinates.md"];
const said = await Promise.all(pages.map(async (page) => [page, blocksOf(await readFile(page, "utf8"))] as const));
for (const [page, found] of [["README.md", blocks] as const, ...said])
  for (const [at, lines] of found.entries())
    test(`the commands of ${page} run as they stand: ${lines.map(([name]) => name).join(", ")} (${at + 1})`, async () => {
      for (const name of ["out", "all", "tree", "again", "index"])
        await rm(path.join(work, name), { recursive: true, force: true });
      // A block that goes on with a folder has it from the first.
      const [name, ...args] = lines[0]!;
      if (!["plan", "convert", "index"].includes(name!) || args.includes("--update")) await expect(blocks[0]![1]!);
      for (const line of lines) if (!isElsewhere(line)) await expect(line);
    });

async function expect(line: readonly string[]): Promise<void> {
  const { code, said } = await voxshard(line);
  // Half a copy is not whole.
  assert.equal(code, line[0] === "check" ? 65 : 0, `voxshard ${line.join(" ")}\n${said}`);
}

test("the README's lines of TypeScript compile against the package, and run, as they stand", async () => {
  const [snippet, ...more] = [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(([, block]) => block!);
  assert.equal(more.length, 0);
  const [folder, modules] = [
    path.join(root, "library"),
    fileURLToPath(new URL("../../../node_modules", import.meta.url)),
  ];
  await mkdir(path.join(folder, "node_modules"), { recursive: true });
  await symlink(path.dirname(modules), path.join(folder, "node_modules", "voxshard"));
  await symlink(path.join(modules, "@types"), path.join(folder, "node_modules", "@types"));
  await writeFile(path.join(folder, "package.json"), JSON.stringify({ type: "module" }));
  await writeFile(path.join(folder, "lines.ts"), snippet!);
  const options = ["--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2023", "--types", "node"];
  const compiled = await run(path.join(modules, ".bin", "tsc"), [...options, "lines.ts"], folder);
  assert.equal(compiled.code, 0, compiled.said);
  const { code, said } = await run(process.execPath, ["lines.js"], folder);
  assert.equal(code, 0, said);
  const { plan, source } = await planned(path.join(root, "phantoms"), { selection: { splits: ["test100"] } });
  await source.close();
  const lines = said.trim().split("\n");
  assert.deepEqual(lines.map((line) => line.slice(0, line.indexOf(" "))).sort(), plan.rows.map(({ id }) => id).sort());
  for (const line of lines) assert.match(line, /^\S+ \[ 1, 32, 256, 256 \] \S.*$/);
});
