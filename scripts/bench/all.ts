import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

// Every bench, one after the other, in under ten minutes on two cores: each prints its table and its JSON. Those that take
// longer at full length are run shorter here; by themselves (node dist/scripts/bench/NAME.js) they run whole.
const benches: readonly (readonly [name: string, ...args: string[]])[] = [
  ["decode"],
  ["pipeline"],
  ["audit"],
  ["memory"],
  ["requests"],
  ["wire"],
  ["publish", "24"],
  ["bucket", "200"],
  ["full-size", "83"],
  ["plan-by-index"],
  ["cold-task"],
  ["codecs"],
  ["exports"],
];

const failed: string[] = [];
for (const [name, ...args] of benches) {
  const started = performance.now();
  console.log(`\n== ${name}`);
  const script = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
  if (spawnSync(process.execPath, [script, ...args], { stdio: "inherit" }).status !== 0) failed.push(name);
  console.log(`${name}: ${((performance.now() - started) / 1000).toFixed(0)} s`);
}
if (failed.length > 0) {
  console.error(`failed: ${failed.join(", ")}`);
  process.exitCode = 1;
}
