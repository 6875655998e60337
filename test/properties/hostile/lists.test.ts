import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  MAX_IMAGE_CHARACTERS,
  MAX_SPLIT_FILE_BYTES,
  MAX_SPLIT_ROWS,
  readSplitFile,
} from "../../../src/m3d-cap/split-file.ts";
import { MAX_QUESTION_BYTES } from "../../../src/m3d-cap/vqa-table.ts";
import { MAX_SPLIT_CANDIDATES } from "../../../src/source/find-split-file.ts";
import { Attack, bounded, refused, series } from "./attack.ts";

const attack = await Attack.prepare();
after(() => attack.remove());

const IMAGE = "M3D_Cap_npy/ct_case/000001/good.npy";
const row = (image: string) => `{"image":"${image}","text":"t"}`;
const archive = { "ct_case_00.zip": series("000001/good") };

/** Split files that are none, and the words that say why. */
const bad: Readonly<Record<string, readonly [() => string, RegExp]>> = {
  "a hundred megabytes": [() => " ".repeat(100_000_000), new RegExp(`more than ${MAX_SPLIT_FILE_BYTES}`)],
  "no JSON": [() => "\u001b[2J{", /not JSON/],
  "another shape": [() => '{"train":{"0":1}}', /not a split file/],
  "a row that is none": [() => `{"train":[${row(IMAGE)},{"image":1}]}`, /train\[1\] is not such a row/],
  "millions of rows": [
    () => `{"train":[${"{},".repeat(5_000_000)}{}]}`,
    new RegExp(`${MAX_SPLIT_ROWS} rows are the most`),
  ],
  "millions of rows that are none": [() => `{"train":[${"0,".repeat(3_000_000)}0]}`, /train\[0\] is not such a row/],
  "brackets without end": [() => "[".repeat(30_000_000), /are the most/],
  "deep brackets": [() => `{"train":${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}}`, /train\[0\] is not such a row/],
  "a name of ten megabytes": [
    () => `{"train":[${row("x".repeat(10_000_000))}]}`,
    new RegExp(`10000000 characters, more than ${MAX_IMAGE_CHARACTERS}`),
  ],
  "a prototype": [() => `{"__proto__":{"train":[${row(IMAGE)}]}}`, /not a split file/],
};
for (const [name, [text, words]] of Object.entries(bad))
  test(`${name} for a split file: refused in one line, memory bounded`, async () => {
    const repo = await attack.repository(name, { ...archive, "M3D_Cap.json": text() });
    refused(await attack.run(["plan", repo, "--quiet"]), 65, words);
  });

test("doubled rows and rows out of the tree are rejects, however many; the row that can be had is had", async () => {
  const strange = [
    "../../etc/passwd",
    "/etc/passwd.npy",
    "M3D_Cap_npy/ct_other/1/x.npy",
    "",
    "a/../ct_case/000001/good.npy",
  ];
  const list = [IMAGE, ...Array.from({ length: 20_000 }, () => IMAGE), ...strange];
  const text = `{"train":[${list.map(row).join(",")}],"__proto__":[1],"extra":[[[]]]}`;
  const repo = await attack.repository("doubled", { ...archive, "M3D_Cap.json": text });
  const { rows, rejects, ...ended } = await attack.convert(repo);
  assert.equal(rows, 1);
  const counts: Record<string, number> = {};
  for (const { reason } of rejects) counts[reason] = (counts[reason] ?? 0) + 1;
  assert.deepEqual(counts, { "missing-series": 4, "duplicate-row": 20_001 });
  bounded(ended);
});

test("of many JSON files in which a split file may be, some are read, and the error says how many", async () => {
  const files = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`data/${n}.json`, "[]"]));
  const repo = await attack.repository("candidates", { ...archive, ...files });
  refused(await attack.run(["plan", repo, "--quiet"]), 65, new RegExp(`first ${MAX_SPLIT_CANDIDATES} JSON files`));
});

test("hostile CSV lists and tables of questions are refused in one line", async () => {
  const head = "Image Path,Question Type,Question,Choice A,Choice B,Choice C,Choice D,Answer,Answer Choice\n";
  const repo = await attack.repository("tables", {
    ...archive,
    "M3D_Cap.json": `{"train":[${row(IMAGE)}]}`,
    "lists/quote.csv": `id,split\n"${"x\n".repeat(1_000_000)}`,
    "lists/many.csv": `id,split\n${"a,train\n".repeat(MAX_SPLIT_ROWS + 1)}`,
    "lists/split.csv": `id,split\nx,${"\u001b[2J".repeat(1000)}\n`,
    "lists/proto.csv": "__proto__,constructor\nx,train\n",
    "lists/quote-vqa.csv": `${head}"${"x,\n".repeat(1_000_000)}`,
    "lists/columns.csv": "a,b\n1,2\n",
  });
  const plan = (...more: string[]) => attack.run(["plan", repo, "--quiet", ...more]);
  refused(await plan("--split-file", `${repo}/lists/quote.csv`), 65, /not CSV/);
  refused(
    await plan("--split-file", `${repo}/lists/many.csv`),
    65,
    new RegExp(`more than ${MAX_SPLIT_ROWS} rows`),
    900,
  );
  refused(await plan("--split-file", `${repo}/lists/split.csv`), 65, /is not a split/);
  refused(await plan("--split-file", `${repo}/lists/proto.csv`), 65, /id and split/);
  refused(await plan("--join", `vqa=${repo}/lists/quote-vqa.csv`), 65, /not a table of M3D-VQA: .*Max Record Size/);
  refused(await plan("--join", "vqa=lists/columns.csv"), 65, /has no column/);
  assert.ok(MAX_QUESTION_BYTES < 3_000_000);
});

test("no JSON at all makes the reader of split files fail otherwise than with words", async () => {
  const { default: fc } = await import("fast-check");
  const rows = fc.array(fc.oneof(fc.record({ image: fc.string() }), fc.jsonValue()), { maxLength: 4 });
  const near = fc.dictionary(
    fc.constantFrom("train", "test", "test100", "__proto__", "x"),
    fc.oneof(rows, fc.jsonValue()),
  );
  fc.assert(
    fc.property(
      fc.oneof(near, fc.jsonValue()).map((value) => JSON.stringify(value)),
      fc.nat(40),
      (text, cut) => {
        for (const one of [text, text.slice(0, -cut - 1)]) {
          const found = readSplitFile(one);
          if (typeof found === "string") assert.ok(found.length < 200, found);
          else for (const { image } of found.train ?? found.test ?? []) assert.equal(typeof image, "string");
        }
      },
    ),
    { numRuns: 400 },
  );
});
