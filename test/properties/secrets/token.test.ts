import assert from "node:assert/strict";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import type { Fault } from "../../../devkit/hub/hub.ts";
import { text } from "../../../devkit/hub/reply.ts";
import { writePhantomRepo } from "../../../devkit/phantoms/phantom-repo.ts";
import { type Ended, voxshard } from "../../command.ts";
import { startWritableHub, type WritableHub } from "../../publish/writable-hub.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const TOKEN = "hf_TopSecretTopSecret0123456789";
const REPO = "phantoms/M3D-Cap";
const folder = temporaryFolder("secrets");
let hub: WritableHub;
const said: string[] = [];

before(async () => {
  await writePhantomRepo(path.join(folder, "repo"), { casesPerArchive: 1, slices: 4, height: 32, width: 32 });
  hub = await startWritableHub({
    dir: path.join(folder, "repo"),
    repo: REPO,
    tokens: { [TOKEN]: { name: "me", role: "write" } },
  });
});
after(() => hub.close());

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const cache = path.join(folder, "cache");
  const ended = await voxshard([...args, "--debug"], {
    HF_TOKEN: TOKEN,
    HF_ENDPOINT: hub.endpoint,
    VOXSHARD_CACHE: cache,
    ...env,
  });
  said.push(ended.stdout, ended.stderr);
  return ended;
}

/** The token as it is, and in the forms that it takes in files and on the wire. */
const forms = [TOKEN, Buffer.from(TOKEN).toString("base64").slice(0, 36), encodeURIComponent(TOKEN), TOKEN.slice(3)];
const isTold = (text: string) => forms.some((form) => text.includes(form));

/** Every output so far: what was printed, every file that was left, and every request to another host than the Hub. */
async function assertUntold(): Promise<void> {
  for (const one of said) assert.ok(!isTold(one), one);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile()) assert.ok(!isTold((await readFile(file)).toString("latin1")), file);
  }
  const elsewhere = hub.log.filter(({ host }) => host !== "hub");
  assert.ok(elsewhere.length > 0 && !isTold(JSON.stringify(elsewhere)));
  assert.ok(hub.log.some(({ host, headers }) => host === "hub" && headers.authorization === `Bearer ${TOKEN}`));
  hub.assertNoLeaks();
}

test("no command leaves the token anywhere, or shows it to another host", async () => {
  const out = path.join(folder, "out");
  const commands = [
    ["index", REPO],
    ["plan", REPO, "--json"],
    ["convert", REPO, "--out", out, "--volume", "none", "--json"],
    ["verify", out, "--json"],
    ["publish", out, "me/copy", "--i-have-the-right-to-publish", "--json"],
  ];
  for (const args of commands) {
    const ended = await run(args);
    assert.equal(ended.code, 0, ended.stderr);
  }
  await assertUntold();
});

const echo = (status: number): Fault["do"] => ({
  kind: "custom",
  reply: () => text(`not ${TOKEN}`, "text/plain", status, { "x-error-message": `Bearer ${TOKEN}` }),
});
/** A fault by its route, and the exit code; those that are retried strike once, and then all is well. */
const faults: readonly (readonly [string, Fault, number])[] = [
  ["401", { route: "tree", do: echo(401) }, 77],
  ["403", { route: "tree", do: echo(403) }, 77],
  ["404", { route: "tree", do: echo(404) }, 66],
  ["400", { route: "revision", do: echo(400) }, 66],
  ["429", { route: "tree", times: 1, do: { kind: "rate-limit", seconds: 0 } }, 0],
  ["500", { route: "tree", times: 1, do: echo(500) }, 0],
  ["a listing on another host", { route: "tree", do: { kind: "redirect", to: "third" } }, 66],
  ["a redirect of the resolver to a third host", { route: "resolve", do: { kind: "redirect", to: "third" } }, 65],
];
for (const [name, fault, code] of faults)
  test(`${name}: the error, with its trace, does not repeat the token`, async () => {
    hub.faults.push(fault);
    const ended = await run(["plan", REPO, "--unlisted"]);
    hub.faults.length = 0;
    assert.equal(ended.code, code, ended.stderr);
    await assertUntold();
  });

for (const route of ["commit", "lfs-batch", "create"])
  test(`a ${route} that is refused or redirected takes the token nowhere`, async () => {
    for (const action of [echo(403), { kind: "redirect", to: "third" } as const]) {
      hub.faults.push({ route, do: action });
      const out = path.join(folder, "out");
      const ended = await run(["publish", out, `me/${route}-${action.kind}`, "--i-have-the-right-to-publish"]);
      hub.faults.length = 0;
      assert.notEqual(ended.code, 0);
      assert.notEqual(ended.code, 70, ended.stderr);
    }
    await assertUntold();
  });

test("passwords in addresses are not repeated, a token of two lines is none", async () => {
  const endpoint = await run(["plan", REPO], { HF_ENDPOINT: "https://user:pass-word@hub.test" });
  assert.deepEqual([endpoint.code, /name and password/.test(endpoint.stderr)], [64, true]);
  const mistyped = await run(["plan", REPO, "--endpoint", "htps//user:pass-word@hub.test"]);
  assert.equal(mistyped.code, 64);
  const proxy = await run(["plan", REPO], {
    HTTP_PROXY: "http://user:pass-word@[",
    http_proxy: "http://user:pass-word@[",
  });
  assert.notEqual(proxy.code, 0);
  const broken = await run(["plan", REPO], { HF_TOKEN: `${TOKEN}\nX-Other: 1` });
  assert.deepEqual([broken.code, /on one line/.test(broken.stderr)], [64, true]);
  const file = path.join(folder, "..", `${path.basename(folder)}-token`);
  await writeFile(file, `${TOKEN}\n`);
  const kept = await run(["index", REPO], { HF_TOKEN: "", HF_TOKEN_PATH: file });
  await rm(file);
  assert.equal(kept.code, 0, kept.stderr);
  for (const one of said) assert.doesNotMatch(one, /pass-word/);
  await assertUntold();
});
