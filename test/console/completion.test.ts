import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { understand } from "../../src/console/command-line.ts";
import { commands } from "../../src/console/commands.ts";
import { completionOf } from "../../src/console/completion.ts";
import { longOf } from "../../src/console/flags.ts";
import { isFault } from "../../src/errors.ts";

async function scriptFor(shell: string): Promise<string> {
  const asked = understand(["completion", shell]);
  assert.ok("given" in asked);
  return (await completionOf(commands)(asked)).text;
}

for (const shell of ["bash", "zsh", "fish"])
  test(`the ${shell} script has every command and flag`, async (t) => {
    const script = await scriptFor(shell);
    for (const [name, { flags }] of Object.entries(commands)) {
      assert.ok(script.includes(name), name);
      const dashes = shell === "fish" ? "-l " : "--";
      for (const flag of flags) assert.ok(script.includes(`${dashes}${longOf(flag)}`), flag);
    }
    const { status, error, stderr } = spawnSync(shell, ["-n"], { input: script, encoding: "utf8" });
    if (error) t.diagnostic(`${shell} is not here: its syntax is not checked`);
    else assert.deepEqual([status, stderr], [0, ""]);
  });

test("bash completes commands, the command's own flags, and leaves files to itself", async (t) => {
  const script = await scriptFor("bash");
  const complete = (...words: string[]) => {
    const program = `${script}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _voxshard; echo "\${COMPREPLY[*]}"`;
    return spawnSync("bash", ["-c", program, "bash", "voxshard", ...words], { encoding: "utf8" });
  };
  if (complete("").error) return t.skip("no bash");
  assert.equal(complete("p").stdout, "plan publish\n");
  assert.equal(complete("plan", "a/b", "--sp").stdout, "--split --split-file --split-by\n");
  assert.equal(complete("verify", "--").stdout, "--json --quiet --debug --help\n");
  assert.equal(complete("completion", "z").stdout, "zsh\n");
  assert.equal(complete("verify", "o").stdout, "\n");
});

test("a shell that is not known is a usage error", async () => {
  for (const shell of ["tcsh", "constructor"])
    await assert.rejects(
      scriptFor(shell),
      (error) => isFault(error, "usage") && /bash, zsh or fish/.test(error.message),
    );
});
