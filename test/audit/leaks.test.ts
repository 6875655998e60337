import assert from "node:assert/strict";
import { test } from "node:test";
import { alterations, drawnStack, recompressed, reordered, type Stack } from "../../devkit/audit/altered.ts";
import { briefly, findingsIn, rowOf } from "../../devkit/audit/audited.ts";

const body = drawnStack("one");
const stranger = drawnStack("another");
const FINDINGS =
  "There is a well defined lesion of 3 cm in the right hepatic lobe with peripheral enhancement. The spleen, both kidneys and the pancreas are normal. No free fluid, no enlarged lymph nodes and no bowel obstruction. A small cyst lies in the left kidney. The lung bases are clear and the bones show degenerative change alone.";
const OTHER =
  "An acute subdural collection along the left convexity measures 9 mm and shifts the midline by 4 mm. Basal cisterns are patent. A fracture crosses the squamous temporal bone, with fluid in the mastoid cells and soft tissue swelling over it.";

test("a case in two splits is found, and one whose other series no list names is not", async () => {
  const rows = [
    rowOf("ct_case/1/Axial", body),
    rowOf("ct_case/1/Coronal", stranger, { split: "test" }),
    rowOf("ct_quizze/1/Axial", drawnStack("a third"), { split: "validation" }),
    rowOf("ct_quizze/1/Coronal", drawnStack("a fourth"), { split: null }),
  ];
  const [found, ...others] = (await findingsIn(rows)).filter(({ kind }) => kind === "case-in-splits");
  assert.deepEqual(others, []);
  assert.deepEqual(
    [found!.ids, found!.severity, found!.splits, found!.value],
    [["ct_case/1/Axial", "ct_case/1/Coronal"], "high", ["test", "train"], 2],
  );
});

test("the same pixels under two names are found, across splits as a leak; one pixel off is another kind", async () => {
  const off: Stack = { ...body, cells: body.cells.map((gray, at) => (at === 5000 ? gray ^ 1 : gray)) };
  const same = [rowOf("ct_case/1/Axial", body), rowOf("ct_case/2/Axial", body, { split: "test" })];
  const leaks = (await findingsIn(same)).map(({ kind, severity }) => `${kind} ${severity}`);
  assert.deepEqual(leaks, ["same-pixels high", "no-report medium", "no-report medium"]);
  const near = briefly(await findingsIn([same[0]!, rowOf("ct_case/2/Axial", off)]));
  assert.deepEqual(near.slice(0, 1), ["near-volume: ct_case/1/Axial ct_case/2/Axial"]);
});

const told = [
  "JPEG quality 75",
  "JPEG quality 30",
  "brighter by 25",
  "contrast × 0.7",
  "half the size",
  "reversed",
  "one slice dropped",
];
for (const name of told)
  test(`a copy is found: ${name}`, async () => {
    const copy = await alterations[name]!(body);
    const rows = [rowOf("ct_case/1/Axial", body), rowOf("ct_case/2/Axial", stranger), rowOf("ct_quizze/9/Axial", copy)];
    assert.deepEqual(
      briefly(await findingsIn(rows)).filter((line) => !/^(?:no-report|cut-size)/.test(line)),
      ["near-volume: ct_case/1/Axial ct_quizze/9/Axial", "case-in-both-collections: ct_case/1/Axial ct_quizze/9/Axial"],
    );
  });

for (const name of ["10 % cropped a side", "a tenth dropped at one end"])
  test(`a copy that is known to be missed: ${name}`, async () => {
    const rows = [rowOf("ct_case/1/Axial", body), rowOf("ct_case/2/Axial", await alterations[name]!(body))];
    assert.deepEqual(
      briefly(await findingsIn(rows)).filter((line) => line.startsWith("near-volume")),
      [],
    );
  });

test("forty strangers are strangers, and blank volumes are nobody's copies", async () => {
  const blank: Stack = { ...body, cells: body.cells.map(() => 7) };
  const nearlyBlank: Stack = { ...blank, cells: blank.cells.map((gray, at) => gray + (at % 2)) };
  const rows = Array.from({ length: 40 }, (_, at) => rowOf(`ct_case/${at}/Axial`, drawnStack(`patient ${at}`)));
  rows.push(rowOf("ct_case/blank/Axial", blank), rowOf("ct_case/nearly/Axial", nearlyBlank));
  assert.deepEqual(
    (await findingsIn(rows)).filter(({ kind }) => kind === "near-volume"),
    [],
  );
});

test("a chain of copies is one group, with its least likeness", async () => {
  const copies = [
    body,
    await recompressed(body, 60),
    reordered(await recompressed(body, 40), (slices) => slices.reverse()),
  ];
  const rows = copies.map((copy, at) => rowOf(`ct_case/${at}/Axial`, copy, { split: at === 2 ? "test" : "train" }));
  const found = (await findingsIn(rows)).filter(({ kind }) => kind === "near-volume");
  assert.deepEqual([found.length, found[0]!.ids.length, found[0]!.severity], [1, 3, "high"]);
  assert.ok(found[0]!.value >= found[0]!.threshold && found[0]!.value < 1);
});

test("equal and nearly equal reports of two cases are found; of one case, or far apart, they are not", async () => {
  const stacks = Array.from({ length: 6 }, (_, at) => drawnStack(`reported ${at}`));
  const reports = [FINDINGS, FINDINGS.replace(/ /g, "\n"), FINDINGS.replace("3 cm", "4 cm"), OTHER, OTHER];
  const cases = ["ct_case/1", "ct_case/2", "ct_quizze/3", "ct_case/4", "ct_case/4"];
  const rows = reports.map((report, at) => rowOf(`${cases[at]}/Axial ${at}`, stacks[at]!, { report }));
  assert.deepEqual(briefly(await findingsIn(rows)), [
    "same-report: ct_case/1/Axial 0 ct_case/2/Axial 1",
    "near-report: ct_case/1/Axial 0 ct_case/2/Axial 1 ct_quizze/3/Axial 2",
    "case-in-both-collections: ct_case/1/Axial 0 ct_case/2/Axial 1 ct_quizze/3/Axial 2",
  ]);
  const example = rowOf("data_examples/1/Axial", stacks[0]!, { report: FINDINGS, collection: null });
  assert.deepEqual(briefly(await findingsIn([example, rowOf("ct_case/9/Axial", stacks[1]!, { report: FINDINGS })])), [
    "same-report: ct_case/9/Axial data_examples/1/Axial",
  ]);
  const half = `${FINDINGS.slice(0, 160)} ${OTHER}`;
  const apart = [rows[0]!, rowOf("ct_case/5/Axial", stacks[5]!, { report: half })];
  assert.deepEqual(briefly(await findingsIn(apart)), []);
});

test("a stock text that eleven cases have joins none of them, ten are joined", async () => {
  const rows = (count: number) =>
    Array.from({ length: count }, (_, at) =>
      rowOf(`ct_case/${at}/Axial`, drawnStack(`stock ${at}`, 10, 64, 64), { report: FINDINGS }),
    );
  const kinds = async (count: number) => new Set((await findingsIn(rows(count))).map(({ kind }) => kind));
  assert.ok((await kinds(10)).has("same-report"));
  assert.ok(!(await kinds(11)).has("same-report"));
});
