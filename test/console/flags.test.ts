import assert from "node:assert/strict";
import { test } from "node:test";
import { layoutOf, outputOf, selectionOf, vqaOf } from "../../src/console/choices.ts";
import { outputFlags, readFlags, selectionFlags } from "../../src/console/flags.ts";
import { isFault } from "../../src/errors.ts";
import { voxshardSync } from "../command.ts";

const read = (line: string) => readFlags(line.split(" ").filter(Boolean), [...selectionFlags, ...outputFlags]);
const all = (line: string) => {
  const given = read(line);
  return { ...selectionOf(given), ...outputOf(given), vqa: vqaOf(given) };
};

test("every flag has its effect on selection or output", () => {
  const expected: readonly (readonly [string, object])[] = [
    ["--split test --split train", { splits: ["test", "train"] }],
    ["--collection ct_case", { collections: ["ct_case"] }],
    ["--plane axial", { planes: ["axial"] }],
    ["--phase delayed", { phases: ["delayed"] }],
    ["--case 000006", { cases: ["000006"] }],
    ["--limit 3", { limit: 3 }],
    ["--unlisted", { unlisted: true }],
    ["--format arrow", { format: "arrow" }],
    ["--parquet-engine parquetjs-lite", { engine: "parquetjs-lite" }],
    ["--volume native", { volume: "native" }],
    ["--dtype float16", { dtype: "float16" }],
    ["--size 128,256,256", { size: [128, 256, 256] }],
    ["--slices", { slices: true }],
    ["--no-preview", { preview: false }],
    ["--shard-size 1.5GB", { shardBytes: 1_500_000_000 }],
    ["--row-group-size 16MiB", { rowGroupBytes: 16 << 20 }],
    ["--codec gzip", { codec: "gzip" }],
    ["--codec zstd", { codec: "zstd" }],
    ["--order shuffle --seed 5", { order: "shuffle", seed: 5 }],
    ["--sample 10", { sample: 10 }],
    ["--split-by case", { splitByCase: true }],
    ["--join vqa=a/b.csv", { vqa: "a/b.csv" }],
  ];
  for (const [line, values] of expected)
    assert.deepEqual({ ...all(line), ...values }, all(line), `${line} → ${JSON.stringify(values)}`);
  assert.equal(selectionOf(read("--sample 10 --seed 4")).seed, 4);
  assert.equal(outputOf(read("")).codec, "lz4");
  assert.equal(outputOf(read("--parquet-engine parquetjs-lite")).codec, "snappy");
});

const mistakes: readonly (readonly [string, RegExp])[] = [
  ["--split nowhere", /--split.*train/],
  ["--collection mri", /--collection/],
  ["--plane oblique", /--plane.*axial/],
  ["--limit 0", /--limit 0: give a whole number/],
  ["--limit 1 --sample 1", /one of them/],
  ["--seed 1", /--sample or with --order shuffle/],
  ["--order random", /--order/],
  ["--format csv", /--format/],
  ["--volume all", /--volume/],
  ["--dtype float64", /--dtype/],
  ["--volume native --dtype uint8", /--dtype goes with/],
  ["--volume native --size 1,2,3", /--size goes with/],
  ["--size 1,2", /three whole numbers/],
  ["--size 9999,9999,9999", /at most \d+ voxels/],
  ["--shard-size lots", /--shard-size lots: give a size/],
  ["--row-group-size 200MB", /at most 100MB/],
  ["--codec zip", /--codec/],
  ["--codec zstd --parquet-engine parquetjs-lite", /parquetjs-lite knows snappy, gzip and none/],
  ["--codec lz4 --format arrow", /--codec goes with --format parquet/],
  ["--plane axial --plane oblique", /--plane oblique: /],
  ["--split-by patient", /the only choice is case/],
  ["--join x.csv", /vqa=FILE/],
  ["--exclude /no/such/file", /--exclude.*cannot be read/],
  ["--nonsense", /nonsense/],
];
for (const [line, what] of mistakes)
  test(`${line} is a usage error that says why`, () => {
    assert.throws(
      () => all(line),
      (error) => isFault(error, "usage") && error.exitCode === 64 && what.test(error.message),
    );
  });

test("a layout that is not known is a usage error", () => {
  const given = readFlags(["--layout", "rar"], ["layout"]);
  assert.throws(
    () => layoutOf(given),
    (error) => isFault(error, "usage") && /choose zip, tar, tar.gz, loose/.test(error.message),
  );
  assert.equal(layoutOf(readFlags(["--layout", "tar.gz"], ["layout"])), "tar.gz");
});

test("convert --help fits two screens and teaches by examples", () => {
  const { status, stdout: help } = voxshardSync(["convert", "--help"]);
  assert.equal(status, 0);
  assert.ok(help.split("\n").length <= 60, `${help.split("\n").length} lines`);
  assert.ok(
    help.split("\n").every((line) => line.length <= 120),
    "no line is cut",
  );
  assert.match(help, /voxshard convert owner\/name --split test100 --out out/);
});

test("a mistake is one line on standard error, and exit code 64", () => {
  const { status, stdout, stderr } = voxshardSync(["convert", ".", "--nonsense"]);
  assert.deepEqual([status, stdout, stderr.split("\n").length], [64, "", 2]);
});
