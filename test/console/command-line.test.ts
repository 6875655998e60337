import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { outputOf, selectionOf } from "../../src/console/choices.ts";
import { understand } from "../../src/console/command-line.ts";
import { commands } from "../../src/console/commands.ts";
import { longOf } from "../../src/console/flags.ts";
import { isFault } from "../../src/errors.ts";
import { cli, voxshardSync } from "../command.ts";

const run = (...args: string[]) => voxshardSync(args);
function helpOf(...args: string[]): string {
  const asked = understand([...args, "--help"]);
  assert.ok("text" in asked);
  return asked.text;
}
/** The lines that help shows to be typed, up to the note beside them. */
const examplesIn = (help: string) =>
  [...help.matchAll(/^ {2}voxshard (.+?) {2,}\S/gm)].map(([, line]) => line!.split(" "));
/** Whose help shows another command on purpose. */
const others: Readonly<Record<string, string>> = { publish: "convert" };

for (const [name, task] of Object.entries(commands))
  test(`${name} --help shows examples that it takes`, () => {
    const help = helpOf(name);
    const examples = examplesIn(help);
    assert.equal(examples.length, task.examples.length);
    assert.ok(examples.some(([first]) => first === name));
    for (const words of examples) {
      const asked = understand(words);
      assert.ok("given" in asked && [name, others[name]].includes(asked.name), words.join(" "));
      assert.ok(asked.given.positionals.length > 0 || asked.given.text("plan") !== undefined);
      if (!words.includes("--exclude")) selectionOf(asked.given);
      outputOf(asked.given);
    }
    for (const flag of task.flags) assert.match(help, new RegExp(`^ {2}--${longOf(flag)} `, "m"));
    assert.ok(help.split("\n").every((line) => line.length <= 120));
  });

test("the overview names every command, and its examples are understood", () => {
  const help = helpOf();
  for (const [name, { summary }] of Object.entries(commands))
    assert.ok(help.includes(` ${name} `) && help.includes(summary));
  const examples = examplesIn(help);
  assert.deepEqual(
    examples.map(([name]) => name),
    ["plan", "convert", "verify"],
  );
  for (const words of examples) assert.ok("given" in understand(words));
});

const typos: readonly (readonly [string, RegExp])[] = [
  ["convrt a/b", /convrt.*did you mean convert\?$/],
  ["convert a/b --splt test", /--splt.*did you mean --split\?$/],
  ["verify a/b --out out", /--out belongs to another command.*--help$/],
  ["plan a/b --limit", /--limit.*missing.*--help$/],
  ["plan a/b --split --slices", /--split.*--slices.*looks like a flag/],
  ["plan a/b --slices=yes", /--slices=yes/],
  ["constructor", /constructor/],
  ["--json plan a/b", /--json/],
];
for (const [line, what] of typos)
  test(`${line}: what is wrong, and what may be meant`, () => {
    assert.throws(
      () => understand(line.split(" ")),
      (error) => isFault(error, "usage") && what.test(error.message),
    );
  });

test("a typo is one line on standard error, and exit code 64", () => {
  const { status, stdout, stderr } = run("convert", "a/b", "--splt", "test");
  assert.deepEqual([status, stdout, stderr], [64, "", "voxshard: unknown option '--splt': did you mean --split?\n"]);
});

test("help and version are answered, whatever else is on the line", () => {
  const [overview, nothing] = [run("--help"), run()];
  assert.deepEqual([overview.status, overview.stderr, nothing.status], [0, "", 64]);
  assert.equal(nothing.stdout, overview.stdout);
  for (const args of [["help"], ["-h"]]) assert.equal(run(...args).stdout, overview.stdout);
  assert.equal(run("convert", "--nonsense", "--out", "--help").stdout, helpOf("convert"));
  assert.equal(run("help", "plan").stdout, helpOf("plan"));
  assert.match(run("--version").stdout, /^\d+\.\d+\.\d+\n$/);
});

test("help is answered with commander alone: nothing of what carries commands out is loaded", () => {
  const hooks = `export async function resolve(name, context, next) {
    const found = await next(name, context);
    if (found.url.includes("/node_modules/")) console.log(found.url);
    return found;
  }`;
  const hook = `import { register } from "node:module"; register("data:text/javascript,${encodeURIComponent(hooks)}");`;
  const args = [`--import=data:text/javascript,${encodeURIComponent(hook)}`, cli, "--version"];
  const { stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
  const loaded = stdout.split("\n").filter((line) => line.startsWith("file:"));
  assert.ok(loaded.length > 0 && loaded.every((url) => url.includes("/node_modules/commander/")), stdout);
});
