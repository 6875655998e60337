import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, describe, test } from "node:test";
import sharp from "sharp";
import { isFault } from "../../src/errors.ts";
import type { Row } from "../../src/model/row.ts";
import { Output } from "../../src/model/selection.ts";
import type { Executor, Outcome } from "../../src/series/executor.ts";
import { inline } from "../../src/series/inline.ts";
import type { SeriesTask } from "../../src/series/series-task.ts";
import { writeShard } from "../../src/series/write-shard.ts";
import { shardFormat } from "../../src/shards/formats.ts";
import { anatomy, drawSlice } from "../phantoms/draw.ts";
import { fullRow, streamOf } from "../rows/rows.ts";

const output = Output.parse({ size: [4, 8, 8] });

/** What every executor promises. `open` makes a new one. */
export function executorSuite(name: string, open: () => Executor): void {
  describe(`${name} keeps the promises of an executor`, async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "executor-"));
    const executor = open();
    after(async () => {
      await executor.close();
      await rm(folder, { recursive: true, force: true });
    });
    let files = 0;
    const fresh = () => path.join(folder, String(files++));
    seriesTests(executor);
    shardTests(executor, fresh);
    memoryTests(executor, fresh);
    failureTests(executor, fresh, folder);
  });
}

function seriesTests(executor: Executor): void {
  test("each of many series gets its own outcome, a row or a reason", async () => {
    const depths = [0, 1, 2, 3, 4, 5, 6, 7];
    const outcomes = await Promise.all(depths.map(async (count) => executor.run(await seriesOf(count))));
    const found = outcomes.map((one) => (one.ok ? one.built.row.slice_count : one.reject.reason));
    assert.deepEqual(found, ["no-readable-slice", 1, 2, 3, 4, 5, 6, 7]);
    const [again] = await Promise.all([executor.run(await seriesOf(7))]);
    assert.deepEqual(again, outcomes[7]);
    assert.ok(again?.ok);
    const { volume } = again.built.row;
    assert.equal(again.built.volumeSha256, createHash("sha256").update(volume!).digest("hex"));
  });

  test("series come in memory that is shared between threads, which is free once they are done", async () => {
    const slab = new SharedArrayBuffer(1 << 20);
    for (const count of [7, 3, 5]) {
      const task = await seriesOf(count, "progressive");
      const alone = await executor.run(task);
      let at = 0;
      const slices = task.slices.map(({ file, bytes }) => {
        const place = new Uint8Array(slab, at, bytes.byteLength);
        place.set(bytes);
        at += bytes.byteLength;
        return { file, bytes: place };
      });
      const shared = await executor.run({ ...task, slices });
      new Uint8Array(slab).fill(0xff);
      assert.ok(alone.ok && alone.built.row.slice_count === count);
      assert.deepEqual(shared, alone);
    }
  });
}

function shardTests(executor: Executor, fresh: () => string): void {
  for (const made of [
    { format: "parquet" },
    { format: "parquet", engine: "parquetjs-lite" },
    { format: "arrow" },
    { format: "arrow-stream" },
  ])
    test(`rows become a whole file, known by its hash: ${Object.values(made).join(", ")}`, async () => {
      const written = Output.parse({ ...made, slices: true, vqa: true, splitByCase: true, rowGroupBytes: 1 });
      const [file, rows] = [fresh(), [1, 2, 3].map(rowOf)];
      const { byteLength, sha256 } = await executor.write(file, streamOf(rows), written);
      const bytes = await readFile(file);
      assert.deepEqual([byteLength, sha256], [bytes.byteLength, createHash("sha256").update(bytes).digest("hex")]);
      const shard = await shardFormat(written.format, written.engine).open(file);
      const back: Row[] = [];
      for await (const row of shard.rows()) back.push(row);
      assert.deepEqual(back, [1, 2, 3].map(rowOf));
    });
}

function failureTests(executor: Executor, fresh: () => string, folder: string): void {
  test("rows that fail fail the shard with their own error, and the next shard is written", async () => {
    const failure = new Error("no more rows");
    const failing = async function* () {
      yield rowOf(1);
      throw failure;
    };
    await assert.rejects(executor.write(fresh(), failing(), output), (error) => error === failure);
    assert.ok((await executor.write(fresh(), streamOf([rowOf(1)]), output)).byteLength > 0);
  });

  test("a file that cannot be made fails with the system's code", async () => {
    const file = path.join(folder, "none", "x");
    await assert.rejects(executor.write(file, streamOf([rowOf(1)]), output), { code: "ENOENT" });
  });

  test("a row that a format cannot hold fails with its fault", async () => {
    const tooLarge = { ...rowOf(1), volume: new Uint8Array(2 ** 31) };
    const arrow = Output.parse({ format: "arrow" });
    const written = executor.write(fresh(), streamOf([tooLarge]), arrow);
    await assert.rejects(written, (error) => isFault(error, "limit-exceeded"));
  });
}

function memoryTests(executor: Executor, fresh: () => string): void {
  for (const more of [{}, { dtype: "float16" }, { dtype: "uint8" }, { volume: "native" }, { slices: true }])
    test(`memory that is used again changes no series, and no shard: ${JSON.stringify(more)}`, async () => {
      const asked = Output.parse({ ...output, ...more, rowGroupBytes: 1 });
      const reference = inline();
      for (let round = 0; round < 3; round++) {
        const tasks = await Promise.all(
          [3, 4, 5, 6].map(async (count) => ({ ...(await seriesOf(count)), output: asked })),
        );
        const rows = (await Promise.all(tasks.map((task) => executor.run(task)))).map((one) => rowIn(one));
        const right = (await Promise.all(tasks.map((task) => reference.run(task)))).map((one) => rowIn(one));
        assert.deepEqual(structuredClone(rows), structuredClone(right));
        const { sha256 } = await executor.write(fresh(), streamOf(rows), asked);
        assert.equal(sha256, (await writeShard(fresh(), streamOf(right), asked)).sha256);
      }
    });
}

function rowIn(outcome: Outcome): Row {
  assert.ok(outcome.ok);
  return outcome.built.row;
}

/** Rows of their own: their bytes may be gone once they are written. */
const rowOf = (at: number): Row => ({
  ...structuredClone(fullRow),
  id: `ct_case/${at}/Axial`,
  volume: new Uint8Array(200_000).fill(at),
});

/** A series of so many slices, with one that is no image; PNG, or JPEG that is none for the kernels. */
async function seriesOf(count: number, kind: "plain" | "progressive" = "plain"): Promise<SeriesTask> {
  const size = { height: 24, width: 20 };
  const body = anatomy("executor");
  const slices = [{ file: "99.png", bytes: Buffer.from("no image") as Uint8Array }];
  for (let at = 0; at < count; at++) {
    const raw = drawSlice(body, at / 8 - 0.5, size, `slice ${at}`);
    const image = sharp(raw, { raw: { ...size, channels: 1 } });
    const encoded = kind === "plain" ? image.png() : image.jpeg({ progressive: true });
    slices.push({ file: `${at}.png`, bytes: await encoded.toBuffer() });
  }
  const row = {
    id: `ct_case/${count}/Axial`,
    image: null,
    collection: "ct_case" as const,
    caseId: String(count),
    series: "Axial",
    split: null,
    subsets: [],
    archive: 0,
    slices: slices.length,
    storedBytes: 0,
    extents: [],
    report: [],
  };
  return { row, slices, report: null, sourceFile: "", sourceRevision: "", output };
}
