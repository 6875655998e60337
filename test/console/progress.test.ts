import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { cleaner } from "../../src/console/printable.ts";
import { progressOn } from "../../src/console/progress.ts";

beforeEach(() => mock.timers.enable({ apis: ["Date", "setTimeout"], now: 1_000_000 }));
afterEach(() => mock.timers.reset());

function written(isTTY: boolean, columns = 120) {
  const parts: string[] = [];
  const write = (text: string | Uint8Array) => parts.push(String(text)) > 0;
  return { progress: progressOn({ isTTY, columns, write }), take: () => parts.splice(0).join("").split("\r\x1b[K") };
}

test("on a terminal the bar counts a wait down, then goes on", () => {
  const { progress, take } = written(true);
  progress.show("convert", 3, 12, "series, 1.0 MB fetched");
  assert.deepEqual(take(), [`convert ${"█".repeat(6)}${"░".repeat(18)} 3/12 series, 1.0 MB fetched`]);
  progress.wait(2500, "the rate limit of huggingface.co is used up");
  const during = (seconds: number) =>
    `convert ${"█".repeat(6)}${"░".repeat(18)} 3/12 waiting ${seconds} s: the rate limit of huggingface.co is used up`;
  assert.equal(take().at(-1), during(3));
  mock.timers.tick(1000);
  assert.deepEqual(take(), ["", during(2)]);
  mock.timers.tick(1000);
  assert.deepEqual(take(), ["", during(1)]);
  mock.timers.tick(1000);
  assert.match(take().at(-1) ?? "", /3\/12 series/);
  mock.timers.tick(10_000);
  assert.deepEqual(take(), [""], "and nothing ticks any more");
  progress.end();
});

test("a wait is told before there is a bar, and within the terminal's width", () => {
  const { progress, take } = written(true, 20);
  progress.wait(60_000, "HTTP 503 from a busy server");
  assert.deepEqual(take(), ["waiting 60 s: HTTP 5"]);
  progress.end();
  mock.timers.tick(10_000);
  assert.deepEqual(take(), ["", ""]);
});

for (const isTTY of [true, false])
  test(`many that wait for one thing are told of once (${isTTY ? "terminal" : "lines"})`, () => {
    const { progress, take } = written(isTTY);
    for (const ms of [300_000, 299_990, 300_020, 5000]) progress.wait(ms, "the limit");
    assert.deepEqual(take().join("").trim(), "waiting 300 s: the limit");
    mock.timers.tick(300_000);
    take();
    progress.wait(7000, "the limit");
    assert.match(take().join(""), /waiting 7 s: the limit/);
    progress.end();
  });

test("without a terminal there is a line every 5 s, and one for each wait", () => {
  const { progress, take } = written(false);
  progress.show("convert", 1, 3, "a");
  progress.show("convert", 2, 3, "b");
  progress.wait(8000, "HTTP 429");
  mock.timers.tick(5000);
  progress.show("convert", 2, 3, "c");
  progress.show("convert", 3, 3, "d");
  assert.deepEqual(take(), ["convert 1/3 a\nwaiting 8 s: HTTP 429\nconvert 2/3 c\nconvert 3/3 d\n"]);
});

test("what is to be concealed is looked up once, however many lines are shown", () => {
  let lookups = 0;
  const env = {
    get HF_TOKEN() {
      lookups += 1;
      return "hf_secret";
    },
  };
  const clean = cleaner(env);
  assert.deepEqual([clean("a hf_secret\u001b"), clean("hf_secret")], ["a …\\u001b", "…"]);
  assert.equal(clean("0\tdata\n1\tdata"), "0\tdata\n1\tdata", "lists keep their tabs");
  assert.equal(lookups, 1);
});
