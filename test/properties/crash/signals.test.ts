import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { cli, command, ended } from "../../command.ts";
import type { Files } from "../determined-files.ts";
import { assertAsReference, assertNothingHalf, Site } from "./site.ts";

let site: Site;
let reference: Files;
before(async () => {
  site = await Site.make();
  reference = await site.reference();
});
after(() => site.close());

/** A run that does not end fails its test. */
const timeout = 600_000;

for (const signal of ["SIGINT", "SIGTERM"] as const)
  test(`${signal} while a request stands still, sent three times: exit 75, how to go on, and nothing of the shard in hand`, {
    timeout,
  }, async () => {
    const out = path.join(await site.folder(), "out");
    site.hub.faults.push({ route: "cdn", nth: [6], do: { kind: "stall", at: 100 } });
    const { child, end } = command(site.args({ out }), site.env({ out }));
    await sendOnce(child, signal, () => site.hub.log.some(({ faults }) => faults.includes("stall")));
    child.kill(signal);
    child.kill(signal);
    const { code, stderr, stdout } = await end;
    site.hub.faults.length = 0;
    site.hub.resetLog();
    assert.equal(code, 75, stderr);
    assert.match(stderr, /stopped; the same command goes on where it stopped/);
    assert.equal(stdout, "");
    await dropped(out);
  });

test("SIGTERM while a thread hears nothing: exit 75 all the same, and the next run goes on", { timeout }, async () => {
  const folder = await site.folder();
  const [out, busy] = [path.join(folder, "out"), path.join(folder, "busy")];
  const preload = new URL("./busy.js", import.meta.url).href;
  const env = { ...site.env({ out }), NODE_OPTIONS: `--import ${preload}`, BUSY_FILE: busy };
  const { child, end } = command(site.args({ out }), env);
  await sendOnce(child, "SIGTERM", () => existsSync(busy));
  const { code, stderr } = await end;
  assert.equal(code, 75, stderr);
  await dropped(out);
});

for (const dies of ["at work", "idle"] as const)
  test(`a thread that dies ${dies}: exit 75 that says so, and the next run goes on`, { timeout }, async () => {
    const out = path.join(await site.folder(), "out");
    const preload = new URL("./dying.js", import.meta.url).href;
    const env = { ...site.env({ out }), NODE_OPTIONS: `--import ${preload}`, DIES: dies };
    const { code, stderr } = await command(site.args({ out }), env).end;
    assert.equal(code, 75, stderr);
    assert.match(stderr, /thread.* died.*; run the same command again/);
    await dropped(out);
  });

test("SIGTERM before the command has begun: exit 75, and no folder", { timeout }, async () => {
  const out = path.join(await site.folder(), "out");
  const preload = new URL("./at-once.js", import.meta.url).href;
  const { end } = command(site.args({ out }), { ...site.env({ out }), NODE_OPTIONS: `--import ${preload}` });
  const { code, stderr } = await end;
  assert.equal(code, 75, stderr);
  assert.equal(existsSync(out), false);
});

/** Nothing is left of a dropped shard, what stands is whole, and the next run ends as if nothing had been. */
async function dropped(out: string): Promise<void> {
  const finished = await assertNothingHalf(out, reference);
  const again = await site.convert({ out });
  assert.equal(again.code, 0, again.stderr);
  await assertAsReference(out, reference, finished);
}

function sendOnce(
  child: { kill(signal: NodeJS.Signals): boolean },
  signal: NodeJS.Signals,
  when: () => boolean,
): Promise<void> {
  return new Promise((resolve) => {
    const watch = setInterval(() => {
      if (!when()) return;
      clearInterval(watch);
      child.kill(signal);
      resolve();
    }, 5);
  });
}

test("who reads may go first: `convert … 2>&1 | head -c 0` ends in the whole output, `--help | head -c 0` without a word", async () => {
  const out = path.join(await site.folder(), "out");
  const args = site.args({ out }).filter((arg) => arg !== "--quiet");
  const piped = await shelled(`"$0" "$@" 2>&1 | head -c 0; exit \${PIPESTATUS[0]}`, [cli, ...args], site.env({ out }));
  assert.deepEqual([piped.code, piped.stderr], [0, ""]);
  await assertAsReference(out, reference);
  const help = await shelled(`"$0" "$@" | head -c 0; exit \${PIPESTATUS[0]}`, [cli, "convert", "--help"], {});
  assert.deepEqual([help.code, help.stderr], [0, ""]);
});

test("a standard output that cannot be written is an error", { skip: !existsSync("/dev/full") }, async () => {
  const { code, stderr } = await shelled(`"$0" "$@" > /dev/full`, [cli, "--help"], {});
  assert.match(stderr, /^voxshard: standard output: the disk is full; .*\n$/);
  assert.equal(code, 75);
});

const shelled = (line: string, args: readonly string[], env: Readonly<Record<string, string>>) =>
  ended(spawn("bash", ["-c", line, process.execPath, ...args], { env: { ...process.env, ...env } }));
