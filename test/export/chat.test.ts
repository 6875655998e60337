import assert from "node:assert/strict";
import { test } from "node:test";
import { exportFormatSuite } from "../../devkit/conformance/export-format.ts";
import { fullRow } from "../../devkit/rows/rows.ts";
import { isFault } from "../../src/errors.ts";
import { chatFormat } from "../../src/export/chat.ts";

const slices = Array.from({ length: 20 }, (_, at) => ({
  bytes: at % 2 ? Uint8Array.of(0xff, 0xd8, at) : Uint8Array.of(0x89, 0x50, at),
  path: `${at}.jpeg`,
}));
const row = { ...fullRow, slices };
const [chat, chatLlava] = [chatFormat("messages"), chatFormat("llava")];
const montage = chatFormat("messages", { pictures: "montage", prompts: ["What?", "Why?"], seed: 1 });
for (const format of [chat, chatLlava, montage]) exportFormatSuite(format, row);

test("as many slices as are asked for, or one montage; a question of the given ones, by the seed", () => {
  assert.deepEqual(
    chatFormat("messages", { pictures: 2 })
      .made(row)
      .files.map(({ bytes }) => bytes[2]),
    [5, 15],
  );
  const { files, lists } = montage.made(row);
  assert.deepEqual(
    files.map(({ bytes }) => bytes),
    [row.preview?.bytes],
  );
  const [place, question] = JSON.parse(lists[0]!.entry).messages[0].content;
  assert.deepEqual(place, { type: "image" });
  assert.match(question.text, /^(What|Why)\?$/);
  const asked = (seed: number) =>
    Array.from({ length: 40 }, (_, id) => {
      const of = chatFormat("messages", { prompts: ["0", "1"], seed }).made({ ...row, id: `${id}` });
      return JSON.parse(of.lists[0]!.entry).messages[0].content.at(-1).text;
    }).join("");
  assert.match(asked(0), /01.*10/);
  assert.equal(asked(0), asked(0));
  assert.notEqual(asked(0), asked(1));
  assert.throws(() => montage.made({ ...row, preview: null }), /--no-preview/);
});

test("eight slices at even distances, named by what they are; a shorter series shows all it has", () => {
  const { files } = chat.made(row);
  assert.deepEqual(
    files.map(({ bytes }) => bytes[2]),
    [1, 3, 6, 8, 11, 13, 16, 18],
  );
  assert.deepEqual(
    files.map((file) => file.path.split(".")[1]),
    ["jpg", "jpg", "png", "png", "jpg", "jpg", "png", "png"],
  );
  assert.equal(chat.made({ ...row, slices: slices.slice(0, 3) }).files.length, 3);
});

test("a line has a place in its prompt for each picture, and the report as the answer", () => {
  const { files, lists } = chat.made(row);
  const { messages, images } = JSON.parse(lists[0]!.entry);
  assert.deepEqual(
    images,
    files.map((file) => file.path),
  );
  const types = messages[0].content.map(({ type }: { type: string }) => type);
  assert.deepEqual(types, [...images.map(() => "image"), "text"]);
  assert.deepEqual(messages[1], { role: "assistant", content: [{ type: "text", text: fullRow.report }] });
  const other = JSON.parse(chatLlava.made(row).lists[0]!.entry);
  assert.deepEqual([other.image, other.conversations[1].value], [images, fullRow.report]);
  assert.equal(other.conversations[0].value.match(/<image>\n/g).length, images.length);
  for (const pictures of ["montage", 1] as const) {
    const { image } = JSON.parse(chatFormat("llava", { pictures }).made(row).lists[0]!.entry);
    assert.match(image, /^images\/.*\/0\.\w+$/, "one picture for all: its name, which LLaVA's first loaders take");
  }
  assert.deepEqual(
    lists.map(({ file }) => file),
    ["train.jsonl", "test100.jsonl", "test500.jsonl"],
  );
});

test("shards without slices: it says what to do", () => {
  assert.throws(
    () => chat.made({ ...row, slices: null }),
    (error) => isFault(error, "usage") && /--slices/.test(error.message),
  );
});
