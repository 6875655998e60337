import assert from "node:assert/strict";
import { after, test } from "node:test";
import { MAX_NAME_BYTES } from "../../../src/m3d-cap/member-path.ts";
import { Attack, bounded, series, slice } from "./attack.ts";

const attack = await Attack.prepare();
after(() => attack.remove());

test("hostile names: what has a place is a row or a reject with its reason, the rest is counted, nothing is written by them", async () => {
  const long = "9".repeat(400);
  const entries = [
    ...series("000001/good"),
    ...series("../000002/up"),
    ...series("000003/../../up"),
    ...series("/000004/absolute"),
    ...series("C:\\000005\\windows"),
    ...series("000006/CON"),
    ...series("000006/nul.txt"),
    ...series("000007/nul\0"),
    ...series("000008/bidi\u202egnp"),
    ...series("000009/escape\u001b[2J"),
    ...series(`000010/${"x".repeat(300)}`),
    { name: `000011/long/${long}.png`, data: slice },
    ...series("000012/..\\..\\evil"),
    ...series("000013/Pöschl"),
    ...series("000013/Poschl"),
    ...series("000014/Axial"),
    ...series("000014/axial"),
    ...series("000015/twice"),
    ...series("000015/twice"),
    { name: `000016/digits/${"0".repeat(200)}1.png`, data: slice },
    { name: "000016/digits/٢.png", data: slice },
    { name: "000017/word/1a.png", data: slice },
    ...series("000018/half½"),
  ];
  const repo = await attack.repository("names", { "ct_case_00.zip": entries });
  const found = await attack.convert(repo, "--unlisted");
  const reasons = Object.fromEntries(found.rejects.map(({ id, reason }) => [id, reason]));
  assert.deepEqual(reasons, {
    "ct_case/000007/nul\0": "bad-series-name",
    "ct_case/000008/bidi\u202egnp": "bad-series-name",
    "ct_case/000009/escape\u001b[2J": "bad-series-name",
    [`ct_case/000010/${"x".repeat(300)}`]: "limit-exceeded",
    "ct_case/000011/long": "limit-exceeded",
    "ct_case/000013/Pöschl": "name-collision",
    "ct_case/000013/Poschl": "name-collision",
    "ct_case/000015/twice": "name-collision",
    "ct_case/000017/word": "bad-slice-name",
  });
  const limits = found.rejects.filter(({ reason }) => reason === "limit-exceeded");
  for (const { detail } of limits) assert.match(detail, new RegExp(`more than ${MAX_NAME_BYTES}`));
  // What is absolute, or on a drive, lies where unzip would put it; a step upwards lies nowhere.
  assert.equal(found.rows, 9);
  const written = (await attack.files(found.out)).filter((name) => name.startsWith("data"));
  assert.deepEqual(written.sort(), ["data", "data/unlisted-00000-of-00001.parquet"]);
  bounded(found);
  const index = await attack.run(["index", repo, "--json", "--quiet"]);
  assert.equal((JSON.parse(index.stdout) as { unplaced: number }).unplaced, 9);
});

test("names on the terminal cannot steer it", async () => {
  const name = "ct_case_\u001b]0;x\u0007\u202e.zip";
  const repo = await attack.repository("terminal", { [name]: "no archive", "ct_case_00.zip": series("000001/a") });
  for (const json of [[], ["--json"]]) {
    const { code, stdout, stderr } = await attack.run(["index", repo, ...json]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /\\u001b\]0;x\\u0007\\u202e/);
    assert.doesNotMatch(stdout + stderr, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  }
});
