import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { writePhantomRepo } from "../../devkit/phantoms/phantom-repo.ts";
import { isFault } from "../../src/errors.ts";
import type { Plan } from "../../src/model/plan.ts";
import { type PlanOptions, planConversion } from "../../src/run/plan-conversion.ts";
import { openSource } from "../../src/source/open-source.ts";
import type { Source } from "../../src/source/source.ts";
import { conversion } from "../run/conversion.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const folder = temporaryFolder("selections");
let repo: string;
let source: Source;
before(async () => {
  process.env["VOXSHARD_CACHE"] = path.join(folder, "cache");
  repo = path.join(folder, "repo");
  await writePhantomRepo(repo, { casesPerArchive: 6, seriesPerCase: 3, slices: 3, height: 32, width: 32, unlisted: 2 });
  source = await openSource(repo);
});
after(() => source.close());

type Selecting = PlanOptions["selection"];
const plan = async (selection: Selecting = {}, more: PlanOptions = {}) =>
  (await planConversion(source, { ...more, selection })).plan;
const ids = ({ rows }: Plan) => rows.map(({ id }) => id);

function bySplit({ rows }: Plan): Map<string | null, Plan["rows"]> {
  const groups = new Map<string | null, Plan["rows"]>();
  for (const row of rows) groups.set(row.split, [...(groups.get(row.split) ?? []), row]);
  return groups;
}

test("each condition alone keeps what it names, and together they all hold", async () => {
  const all = await plan();
  assert.ok(all.rows.length === 52, `${all.rows.length}`);
  const quizzes = ids(await plan({ collections: ["ct_quizze"] }));
  assert.deepEqual(
    quizzes,
    ids(all).filter((id) => id.startsWith("ct_quizze/")),
  );
  const axial = ids(await plan({ planes: ["axial"] }));
  assert.deepEqual(
    axial,
    ids(all).filter((id) => /\/axial/i.test(id)),
  );
  assert.ok(axial.length > 0 && axial.length < all.rows.length);
  assert.deepEqual(
    ids(await plan({ planes: ["axial"], collections: ["ct_quizze"] })),
    axial.filter((id) => quizzes.includes(id)),
  );
  const phases = ids(await plan({ phases: ["bone window"] }));
  assert.deepEqual(
    phases,
    ids(all).filter((id) => id.endsWith("bone_window")),
  );
  const [first] = all.rows;
  assert.ok(ids(await plan({ cases: [`${first!.collection}/${first!.caseId}`] })).includes(first!.id));
  assert.ok(!ids(await plan({ exclude: [first!.id] })).includes(first!.id));
  assert.deepEqual((await plan({ unlisted: true })).rows.filter((row) => row.split === null).length, 2);
});

test("--limit is the first N by id in each split; --sample is drawn by the seed, and a larger one holds it", async () => {
  const all = await plan();
  const limited = await plan({ limit: 3 });
  for (const [split, rows] of bySplit(limited)) {
    const sorted = all.rows
      .filter((row) => row.split === split)
      .map(({ id }) => id)
      .sort();
    assert.deepEqual(rows.map(({ id }) => id).sort(), sorted.slice(0, 3));
  }
  const [four, eight, other] = await Promise.all([
    plan({ sample: 4, seed: 1 }),
    plan({ sample: 8, seed: 1 }),
    plan({ sample: 4, seed: 2 }),
  ]);
  assert.ok(ids(four).every((id) => ids(eight).includes(id)));
  assert.notDeepEqual(ids(four).sort(), ids(other).sort());
  assert.deepEqual(ids(four), ids(await plan({ sample: 4, seed: 1 })));
  for (const [, rows] of bySplit(four)) assert.ok(rows.length <= 4);
});

test("shuffled shards mix archives, with all rows, at the same requests within 10 %", async () => {
  const output = { volume: "none", preview: false, shardBytes: 60_000 } as const;
  const straight = await plan({}, { output });
  const shuffled = await plan({}, { output: { ...output, order: "shuffle", seed: 7 } });
  assert.deepEqual(ids(shuffled).sort(), ids(straight).sort());
  assert.notDeepEqual(ids(shuffled), ids(straight));
  assert.ok(shuffled.fetch.ranges <= 1.1 * straight.fetch.ranges, `${shuffled.fetch.ranges} ranges`);
  const archivesOf = ({ rows, shards }: Plan) =>
    shards.map(({ first, end }) => new Set(rows.slice(first, end).map((row) => row.archive)).size);
  const mean = (counts: number[]) => counts.reduce((sum, count) => sum + count, 0) / counts.length;
  assert.ok(mean(archivesOf(shuffled)) > mean(archivesOf(straight)), "more archives in a shard");
  assert.notDeepEqual(ids(await plan({}, { output: { ...output, order: "shuffle", seed: 8 } })), ids(shuffled));
});

test("one's own lists, as CSV of ids or as JSON, take the place of the source's", async () => {
  const [a, b, c] = (await plan()).rows;
  const csv = path.join(folder, "lists.csv");
  await writeFile(csv, `id,split\n${a!.id},validation\n${b!.image},test\nct_case/999999/nothing,train\n`);
  const own = await plan({}, { splitFile: csv });
  assert.deepEqual(
    own.rows.map(({ id, split }) => [id, split]).sort(),
    [
      [a!.id, "validation"],
      [b!.id, "test"],
    ].sort(),
  );
  assert.deepEqual(
    own.rejects.map(({ id, reason }) => [id, reason]),
    [["ct_case/999999/nothing", "missing-series"]],
  );
  const json = path.join(folder, "lists.json");
  await writeFile(json, JSON.stringify({ train: [{ image: c!.image }] }));
  assert.deepEqual(ids(await plan({}, { splitFile: json })), [c!.id]);
  for (const [text, why] of [
    ["id,split\nx,somewhere\n", /row 1: somewhere is not a split/],
    ["name\nx\n", /columns id and split/],
  ] as const) {
    await writeFile(csv, text);
    await assert.rejects(
      plan({}, { splitFile: csv }),
      (error) => isFault(error, "bad-split-file") && why.test(error.message),
    );
  }
  await assert.rejects(plan({}, { splitFile: path.join(folder, "none.csv") }), (error) => isFault(error, "usage"));
});

test("split_by_case puts every series of a case into one split: test before validation before train", async () => {
  const { rows } = await conversion(repo, path.join(folder, "by-case"), {
    output: { volume: "none", preview: false, splitByCase: true },
  });
  const order = ["test", "validation", "train"];
  const expected = new Map<string, string>();
  for (const { collection, case_id, split } of rows.values()) {
    const before = expected.get(`${collection}/${case_id}`) ?? "train";
    expected.set(`${collection}/${case_id}`, order.indexOf(split!) < order.indexOf(before) ? split! : before);
  }
  let moved = 0;
  for (const row of rows.values()) {
    assert.equal(row.split_by_case, expected.get(`${row.collection}/${row.case_id}`), row.id);
    if (row.split_by_case !== row.split) moved += 1;
  }
  assert.ok(moved > 0, "the lists disagree somewhere, as the official ones do");
});

test("M3D-VQA's questions are joined on image; NA stays text; what matches is counted", async () => {
  const [a, b] = (await plan()).rows;
  const header = "Image Path,Text,Question Type,Question,Choice A,Choice B,Choice C,Choice D,Answer,Answer Choice,crt";
  const table = `\ufeff${header}
${a!.image},t,1,"Which ""plane"", here?",axial,coronal,NA,NA,axial,A,1
${a!.image},t,2,"Which
phase?",NA,,x,y,NA,B,1
${b!.image},t,3,Q,a,b,c,d,a,A,1
M3D_Cap_npy/ct_case/999999/none.npy,t,3,Q,a,b,c,d,a,A,1
`;
  await writeFile(path.join(repo, "M3D_VQA_test.csv"), table);
  await writeFile(path.join(folder, "bad.csv"), "Image Path,Question\nx,y\n");
  for (const vqa of [path.join(repo, "M3D_VQA_test.csv"), "M3D_VQA_test.csv"]) {
    const out = path.join(folder, `vqa-${vqa.length}`);
    const output = { volume: "none", preview: false } as const;
    const found = await conversion(repo, out, { output, vqa });
    assert.deepEqual(found.rows.get(a!.id)!.vqa, [
      {
        question_type: "1",
        question: 'Which "plane", here?',
        choice_a: "axial",
        choice_b: "coronal",
        choice_c: "NA",
        choice_d: "NA",
        answer: "axial",
        answer_choice: "A",
      },
      {
        question_type: "2",
        question: "Which\nphase?",
        choice_a: "NA",
        choice_b: "",
        choice_c: "x",
        choice_d: "y",
        answer: "NA",
        answer_choice: "B",
      },
    ]);
    assert.equal(found.rows.get(b!.id)!.vqa!.length, 1);
    assert.equal([...found.rows.values()].filter((row) => row.vqa === null).length, found.rows.size - 2);
    assert.deepEqual([found.plan.joined!.questions, found.plan.joined!.matched], [4, 3]);
    assert.equal(JSON.parse(await readFile(path.join(out, ".voxshard", "plan.json"), "utf8")).joined.matched, 3);
  }
  await assert.rejects(
    plan({}, { vqa: path.join(folder, "bad.csv") }),
    (error) => isFault(error, "bad-table") && /Question Type/.test(error.message),
  );
  await assert.rejects(plan({}, { vqa: "nowhere.csv" }), (error) => isFault(error, "source-not-found"));
});
