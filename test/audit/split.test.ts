import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import type { SeriesFacts } from "../../src/audit/facts.ts";
import type { Finding } from "../../src/audit/finding.ts";
import { proposeSplit } from "../../src/audit/split.ts";
import { isFault } from "../../src/errors.ts";
import { certificateOf } from "../../src/m3d-cap/certified-lists.ts";
import { readSplitLists } from "../../src/m3d-cap/split-lists.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const folder = temporaryFolder("split");

const one = (id: string, split: string | null, subsets: string[] = []): SeriesFacts =>
  ({
    id,
    image: `M3D_Cap_npy/${id}.npy`,
    split,
    subsets,
    caseKey: id.split("/").slice(0, 2).join("/"),
  }) as unknown as SeriesFacts;
const twins = (...ids: string[]): Finding => ({
  kind: "near-volume",
  severity: "high",
  ids,
  value: 1,
  threshold: 1,
  splits: [],
  detail: "",
});
/** Forty cases of three series; every fourth lies in train and test. */
const many = Array.from({ length: 120 }, (_, at) => {
  const [nth, which] = [Math.floor(at / 3), at % 3];
  const split = nth % 4 === 0 && which === 0 ? "test" : nth % 10 === 1 ? "validation" : "train";
  return one(`ct_case/${String(nth).padStart(3, "0")}/s${which}`, split, split === "test" ? ["test100"] : []);
});
const idsOf = (list: readonly { image: string }[] = []) =>
  list.map(({ image }) => image.slice("M3D_Cap_npy/".length, -".npy".length));

test("no case and no pair of twins is parted, and the lists keep their sizes but for a case", () => {
  const findings = [twins("ct_case/001/s0", "ct_case/002/s1"), twins("ct_case/003/s0", "ct_case/005/s2")];
  const lists = proposeSplit(many, findings, { seed: 0, keep: null });
  const homes = new Map<string, Set<string>>();
  for (const name of ["train", "validation", "test"] as const)
    for (const id of idsOf(lists[name])) {
      const home = id.split("/")[1]!;
      homes.set(home, (homes.get(home) ?? new Set()).add(name));
    }
  assert.ok([...homes.values()].every((names) => names.size === 1));
  assert.equal(homes.size, 40);
  assert.deepEqual(homes.get("001"), homes.get("002"));
  const { official, proposed, dropped } = lists.certificate;
  for (const [name, size] of Object.entries(official))
    assert.ok(Math.abs(proposed[name]! - size) <= 6, `${name} ${size} ${proposed[name]}`);
  assert.equal(dropped, 0);
  assert.deepEqual(
    idsOf(lists.test100),
    idsOf(lists.test).filter((id) => id.endsWith("s0") && Number(id.slice(8, 11)) % 4 === 0),
  );
});

test("what joins two series joins their cases: the third series goes with them", () => {
  const all = [
    one("ct_case/1/a", "train"),
    one("ct_case/1/b", "train"),
    one("ct_quizze/9/a", "test"),
    one("ct_case/2/a", "train"),
  ];
  const lists = proposeSplit(all, [twins("ct_case/1/a", "ct_quizze/9/a")], { seed: 0, keep: null });
  const home = (["train", "test"] as const).find((name) => idsOf(lists[name]).includes("ct_case/1/a"))!;
  for (const id of ["ct_case/1/b", "ct_quizze/9/a"]) assert.ok(idsOf(lists[home]).includes(id));
});

test("a kept list is the official one, and what belongs with it is in no other", () => {
  const lists = proposeSplit(many, [twins("ct_case/000/s0", "ct_case/002/s1")], { seed: 0, keep: "test" });
  const official = many.filter(({ split }) => split === "test").map(({ id }) => id);
  assert.deepEqual(idsOf(lists.test), official);
  const cases = new Set([...official, "ct_case/002/s1"].map((id) => id.split("/")[1]));
  for (const id of [...idsOf(lists.train), ...idsOf(lists.validation)]) assert.ok(!cases.has(id.split("/")[1]), id);
  // Two series of each of ten cases, and the three of the twin.
  assert.equal(lists.certificate.dropped, 23);
});

test("the same seed gives the same lists, in whatever order the rows came; another seed others", () => {
  const of = (series: readonly SeriesFacts[], seed: number) => proposeSplit(series, [], { seed, keep: null });
  assert.deepEqual(of(many, 1), of([...many].reverse(), 1));
  assert.notDeepEqual(of(many, 1).test, of(many, 2).test);
});

test("series that no list names stay in none, but join what they belong to", () => {
  const all = [one("ct_case/1/a", "train"), one("ct_case/2/a", null), one("ct_case/3/a", "test")];
  const findings = [twins("ct_case/1/a", "ct_case/2/a"), twins("ct_case/2/a", "ct_case/3/a")];
  const lists = proposeSplit(all, findings, { seed: 0, keep: null });
  assert.deepEqual([...idsOf(lists.train), ...idsOf(lists.test)].sort(), ["ct_case/1/a", "ct_case/3/a"]);
  assert.equal(lists.certificate.parted, 1);
  assert.ok(!lists.train || !lists.test);
});

test("the lists are read back with their certificate; edited ones are told from it", async () => {
  const lists = proposeSplit(many, [], { seed: 3, keep: "test" });
  const file = path.join(folder, "clean.json");
  await writeFile(file, JSON.stringify(lists));
  const back = await readSplitLists(file);
  assert.deepEqual(certificateOf(back, file), lists.certificate);
  await writeFile(file, JSON.stringify({ ...lists, train: lists.train!.slice(1) }));
  const edited = await readSplitLists(file);
  assert.throws(
    () => certificateOf(edited, file),
    (error) => isFault(error, "bad-split-file"),
  );
});
