import assert from "node:assert/strict";
import { test } from "node:test";
import { drawnStack } from "../../devkit/audit/altered.ts";
import { findingsIn, rowOf } from "../../devkit/audit/audited.ts";
import { personalData } from "../../src/audit/measure/personal.ts";
import { jaccard, measureReport } from "../../src/audit/measure/report.ts";
import type { Row } from "../../src/model/row.ts";

const stack = drawnStack("reports", 10, 64, 64);
const foundIn = (cells: Partial<Row>) => findingsIn([rowOf("ct_case/1/Axial", stack, cells)]);
const kindsOf = async (cells: Partial<Row>) => (await foundIn(cells)).map(({ kind }) => kind);
const SOUND =
  "There is a well defined lesion in the right hepatic lobe. No free fluid. The spleen and kidneys are normal.";

test("no report, an empty one, a short one, and one that is just long enough", async () => {
  assert.deepEqual(await kindsOf({ report: null }), ["no-report"]);
  assert.deepEqual(await kindsOf({ report: " \n- " }), ["no-report"]);
  assert.deepEqual(await kindsOf({ report: "No acute abnormality is seen in chest." }), ["short-report"]);
  assert.deepEqual(await kindsOf({ report: "No acute abnormality is seen in the chest." }), []);
});

test("a report that is not the findings", async () => {
  assert.deepEqual(await kindsOf({ report: SOUND, report_source: "study_findings" }), []);
  const severity = async (cells: Partial<Row>) =>
    (await foundIn(cells)).map(({ kind, severity }) => `${kind} ${severity}`);
  assert.deepEqual(await severity({ report: SOUND, report_source: "discussion" }), ["fallback-report low"]);
  assert.deepEqual(await severity({ report: SOUND, report_source: "whole_text" }), ["fallback-report medium"]);
  const headed = { report: `${SOUND} study_findings: none`, report_source: "discussion" } as const;
  assert.deepEqual(await severity(headed), ["fallback-report medium"]);
  assert.deepEqual(await severity({ report: `Findings: ${SOUND} Impression: stable patient.` }), []);
});

const foreign = {
  German:
    "In der rechten Leber zeigt sich eine glatt begrenzte Läsion. Keine freie Flüssigkeit. Milz und Nieren sind unauffällig, die Lunge ist frei.",
  French:
    "Lésion bien limitée du lobe droit du foie. Pas d'épanchement. La rate et les reins sont sans particularité, les poumons sont clairs.",
  Spanish:
    "Lesión bien definida en el lóbulo hepático derecho. Sin líquido libre. El bazo y los riñones son normales, los pulmones están limpios.",
  Chinese:
    "肝右叶 见 边界 清楚 的 病灶 。 未见 腹水 。 脾 及 双肾 未见 异常 。 双肺 清晰 。 骨质 未见 异常 。 淋巴结 不大",
};
for (const [language, report] of Object.entries(foreign))
  test(`a report in ${language} is found`, async () => assert.deepEqual(await kindsOf({ report }), ["not-english"]));

test("telegraphic English is English", async () => {
  const report =
    "Large hypodense lesion right hepatic lobe, segment VII. No free fluid. Spleen, kidneys, pancreas unremarkable. Degenerative changes of lumbar spine.";
  assert.deepEqual(await kindsOf({ report }), []);
});

test("a text of common phrases is found once ten cases have them; one that adds its own is not", async () => {
  const report = "The lungs are clear. The liver, spleen and kidneys are normal. There is no free fluid.";
  const own = `${report} A fracture crosses the left seventh rib, with a small haematoma beside it.`;
  const rows = (count: number) =>
    Array.from({ length: count }, (_, at) =>
      rowOf(`ct_case/${at}/Axial`, drawnStack(`phrases ${at}`, 10, 64, 64), { report }),
    );
  const found = async (list: Row[]) =>
    (await findingsIn(list)).filter(({ kind }) => kind === "boilerplate").flatMap(({ ids }) => ids);
  assert.deepEqual(await found(rows(9)), []);
  const last = rowOf("ct_case/own/Axial", drawnStack("own", 10, 64, 64), { report: own });
  assert.deepEqual((await found([...rows(10), last])).length, 10);
});

test("personal data is found and masked; what reports hold anyway is not taken for it", async () => {
  const report = `${SOUND} Compared with 12/03/2014. Reported by Dr. Jane Smith, St Mary's Hospital, 221 Baker Street, tel. 020 7946 0958.`;
  const [found] = await foundIn({ report });
  assert.equal(found!.kind, "personal-data");
  for (const secret of ["2014", "Smith", "Jane", "Mary", "Baker", "7946", "221"])
    assert.ok(!found!.detail.includes(secret), secret);
  for (const what of [
    "date ••/••/••••",
    "name D•. J••• S••••",
    "hospital S• M••••• H•••••••",
    "address ••• B•••• S•••••",
  ])
    assert.ok(found!.detail.includes(what), `${what} in ${found!.detail}`);
  const usual = [
    "A lesion of 12 x 14 x 20 mm at T12/L1, 3/5 of the disc; HU 40-60, series 4 image 120.",
    "Segment II/III, May be a haemangioma. Hodgkin lymphoma, Ms. I. Crohn's disease. Meckel diverticulum of 2.5 cm.",
    "Follow-up in 6 months, 2-3 mm nodules, BI-RADS 4, 10-20-30 mm, grade 1-2.",
    "Compared with the study of January. In March the mass was 4 cm.",
  ];
  for (const text of usual) assert.deepEqual(personalData(text), [], text);
});

test("one word changed in sixty leaves most phrases, and none are shared with another text", () => {
  const words = Array.from({ length: 60 }, (_, at) => `word${at}`);
  const of = (list: readonly string[]) => measureReport(list.join(" ")).shingles;
  // 58 phrases; a word inside is in three of them: 55 of 61 are shared.
  assert.equal(jaccard(of(words), of(words.with(30, "other"))), 55 / 61);
  assert.equal(jaccard(of(words), of(words)), 1);
  assert.equal(jaccard(of(words), of(words.map((word) => `${word}x`))), 0);
  assert.equal(jaccard(of([]), of([])), 0);
});
