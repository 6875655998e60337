import { alterations, drawnStack, type Stack, slicesOf, stackOf } from "../devkit/audit/altered.ts";
import type { StackFacts } from "../src/audit/facts.ts";
import { measureStack } from "../src/audit/measure/measure-stack.ts";
import { BANDS, bandOf, distance, reversedHash } from "../src/audit/measure/perceptual-hash.ts";
import { likeness } from "../src/audit/measure/planes.ts";
import { measureReport } from "../src/audit/measure/report.ts";
import { voxelsOf } from "../src/audit/measure/voxels.ts";
import { folderRows } from "../src/audit/read-rows.ts";
import { thresholds } from "../src/audit/thresholds.ts";
import { Arena } from "../src/kernels/arena.ts";

/** What the thresholds rest on: how copies and strangers compare. `node audit-measure.js FOLDER`: shards with native volumes. */
const arena = new Arena();
const reports = new Set<string>();
const real: { id: string; stack: Stack; facts: StackFacts }[] = [];
for await (const row of (await folderRows(process.argv[2]!, { most: null, seed: 0 })).rows) {
  const voxels = (await voxelsOf(row, arena)) as Stack;
  if (row.report) reports.add(row.report);
  const stack = { ...voxels, cells: voxels.cells.slice() };
  real.push({ id: row.id, stack, facts: measureStack(stack) });
}
const drawn = Array.from({ length: 300 }, (_, at) => drawnStack(`patient ${at}`));

interface Compared {
  readonly bits: number;
  readonly alike: number;
  /** They are held against each other at all. */
  readonly meet: boolean;
}

function compared(one: StackFacts, other: StackFacts): Compared {
  if (!one.hash || !other.hash) return { bits: 189, alike: 0, meet: false };
  const [a, hash] = [one.hash, other.hash];
  const ways = [hash, reversedHash(hash)].map((b, way) => ({
    bits: distance(a, b),
    alike: likeness(one.planes, other.planes, way === 1),
    meet: Array.from({ length: BANDS }, (_, band) => bandOf(a, band) === bandOf(b, band)).includes(true),
  }));
  return ways[0]!.alike >= ways[1]!.alike ? ways[0]! : ways[1]!;
}
const isFound = ({ bits, alike, meet }: Compared) =>
  meet && bits <= thresholds.hashBits && alike >= thresholds.volumeLikeness;

const subjects = [...real.map(({ stack }) => stack), ...drawn.slice(0, 60)];
for (const [name, alter] of Object.entries(alterations)) {
  const all: Compared[] = [];
  for (const stack of subjects) all.push(compared(measureStack(stack), measureStack(await alter(stack))));
  const worst = { bits: Math.max(...all.map(({ bits }) => bits)), alike: Math.min(...all.map(({ alike }) => alike)) };
  const [ofReal, ofDrawn] = [all.slice(0, real.length), all.slice(real.length)];
  const missed = (list: typeof all) => `${list.filter((one) => !isFound(one)).length}/${list.length}`;
  console.log(
    name.padEnd(28),
    `missed real ${missed(ofReal)}, drawn ${missed(ofDrawn)}; worst ${worst.bits} bits, ${worst.alike.toFixed(4)}`,
  );
}
const strangers = drawn.map(measureStack);
let [pairs, found, nearest, fewest] = [0, 0, 0, 189];
for (const [at, one] of strangers.entries())
  for (const other of strangers.slice(0, at)) {
    const result = compared(one, other);
    pairs += 1;
    if (isFound(result)) found += 1;
    nearest = Math.max(nearest, result.alike);
    fewest = Math.min(fewest, result.bits);
  }
console.log(`drawn strangers: ${found} of ${pairs} pairs taken for one; nearest ${nearest.toFixed(4)}, ${fewest} bits`);
const list: [number, number, string][] = [];
for (const [at, one] of real.entries())
  for (const other of real.slice(0, at)) {
    const { bits, alike } = compared(one.facts, other.facts);
    list.push([alike, bits, `${one.id} | ${other.id}`]);
  }
for (const [alike, bits, names] of list.sort((a, b) => b[0] - a[0]).slice(0, 40))
  console.log(alike.toFixed(4), bits, names);
for (const { id, facts } of real)
  console.log(
    id,
    facts.interleaving.toFixed(3),
    "breaks",
    facts.breaks,
    "jumps",
    facts.windowJumps,
    "dup",
    facts.duplicates,
    "blank",
    facts.blank,
  );

for (const report of reports) {
  const { words, english } = measureReport(report);
  console.log("report", words, "words", english.toFixed(3), "English");
}
const [one, other] = [drawn[0]!, drawn[1]!].map(slicesOf);
const asText = [...one!.keys()].map(String).sort().map(Number);
const spoilt = {
  "two stacks in one": one!.map((slice, z) => (z % 2 ? slice : other![z]!)),
  "two halves in one": one!.map((_, z) => one![z % 2 ? (z >> 1) + 12 : z >> 1]!),
  "numbers sorted as text": asText.map((z) => one![z]!),
};
for (const [name, slices] of Object.entries(spoilt)) {
  const { interleaving, breaks } = measureStack(stackOf(slices, 96, 96));
  console.log(name, interleaving.toFixed(3), "breaks", breaks);
}
for (const { id, stack } of real) {
  const slices = slicesOf(stack);
  const half = slices.length >> 1;
  const combed = slices.map((_, z) => slices[z % 2 ? Math.min(slices.length - 1, (z >> 1) + half) : z >> 1]!);
  const sorted = [...slices.keys()]
    .map(String)
    .sort()
    .map((z) => slices[Number(z)]!);
  const of = (list: Uint8Array[]) => measureStack(stackOf(list, stack.height, stack.width));
  console.log(id, "combed", of(combed).interleaving.toFixed(3), "sorted as text: breaks", of(sorted).breaks);
}
