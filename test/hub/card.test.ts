import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCard, readCard } from "../../src/hub/card.ts";

test("only a line that is exactly --- ends the front matter", () => {
  const card = parseCard("---\ntitle: a ---\nlicense: cc-by-4.0\nextra_gated_prompt: no ---\n---\n# Text\n");
  assert.deepEqual(card.front, { title: "a ---", license: "cc-by-4.0", extra_gated_prompt: "no ---" });
  assert.equal(card.text, "# Text\n");
});

test("front matter may be empty, have Windows' line ends or a byte order mark, or be absent", () => {
  assert.deepEqual(parseCard("---\n---\ntext"), { front: {}, text: "text" });
  assert.deepEqual(parseCard("\uFEFF---\r\nlicense: mit\r\n---\r\ntext"), { front: { license: "mit" }, text: "text" });
  assert.deepEqual(parseCard("--- a rule\ntext\n---\n"), { front: {}, text: "--- a rule\ntext\n---\n" });
  assert.deepEqual(parseCard("---\nlicense: mit\n"), { front: {}, text: "---\nlicense: mit\n" });
});

test("a card that is not YAML counts as text alone", () => {
  assert.deepEqual(readCard("---\n[\n---\ntext").front, {});
});

test("a card of others puts nothing on the terminal by itself", async () => {
  const warned: Error[] = [];
  const note = (warning: Error) => warned.push(warning);
  process.on("warning", note);
  try {
    assert.deepEqual(readCard("---\nlicense: !evil mit\n---\n").front["license"], "mit");
    await new Promise(setImmediate);
    assert.deepEqual(warned, []);
  } finally {
    process.off("warning", note);
  }
});
