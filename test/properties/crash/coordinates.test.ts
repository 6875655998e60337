import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { cp, rm } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { filesOf } from "../determined-files.ts";
import { assertNothingHalf, REPO, Site } from "./site.ts";

let site: Site;
before(async () => {
  site = await Site.make();
  await site.reference();
});
after(() => site.close());

const converted = () => path.join(site.root, "schedule-0", "out");
const recipe = () => path.join(site.root, "recipe");

/** Commands that write a folder which other commands start from. */
const commands: Readonly<Record<string, (out: string) => string[]>> = {
  index: (out) => ["index", REPO, "--out", out],
  recipe: (out) => ["recipe", converted(), "--out", out],
  rebuild: (out) => ["rebuild", recipe(), "--from", REPO, "--out", out, "--workers", "1"],
  audit: (out) => ["audit", converted(), "--out", out],
};
const KILLS = 3;

for (const [name, args] of Object.entries(commands))
  test(`${name}, killed in a step: the same line again leaves what an undisturbed run leaves`, async (t) => {
    const whole = path.join(await site.folder(), "out");
    const ended = await site.run(args(whole), { out: whole });
    assert.equal(ended.code, 0, ended.stderr);
    if (name === "recipe") await cp(whole, recipe(), { recursive: true });
    // What a rebuild does later, any conversion does.
    const steps = Math.min(statSync(site.stepsOf(whole)).size, 40);
    const reference = await filesOf(whole);
    for (let kill = 0; kill < KILLS; kill++) {
      const out = path.join(await site.folder(), "out");
      const at = 1 + Math.floor((kill * steps) / KILLS);
      const killed = await site.run(args(out), { out, steps: { at, do: "kill" } });
      const where = `step ${at} of ${steps}: ${readFileSync(`${site.stepsOf(out)}.at`, "utf8")}`;
      t.diagnostic(where);
      assert.equal(killed.code, "killed", where);
      if (name === "rebuild") await assertNothingHalf(out, reference);
      const again = await site.run(args(out), { out });
      assert.equal(again.code, 0, `${where}: ${again.stderr}`);
      assert.deepEqual(await filesOf(out), reference, where);
      await rm(path.dirname(out), { recursive: true });
    }
  });
