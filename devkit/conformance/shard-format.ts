import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, describe, test } from "node:test";
import { isFault } from "../../src/errors.ts";
import type { ColumnName } from "../../src/model/columns.ts";
import type { Row } from "../../src/model/row.ts";
import { columnsFor, indexColumns } from "../../src/shards/columns.ts";
import { features } from "../../src/shards/features.ts";
import type { OpenShard, ShardFormat, WriteOptions } from "../../src/shards/shard-format.ts";
import { bareRow, emptyRow, fullRow, largeRows, streamOf } from "../rows/rows.ts";

const all = columnsFor({ volume: true, slices: true, preview: true, splitByCase: true, vqa: true });
const options: WriteOptions = { columns: all, rowGroupBytes: 64_000_000, codec: "snappy" };

/** Every codec; where a format does not know one, it is a fault that says so. */
const codecs = ["none", "snappy", "gzip", "lz4", "zstd"] as const;

/** What every shard format promises, whatever its files look like inside. */
export function shardFormatSuite(format: ShardFormat): void {
  describe(`${format.name} keeps the promises of a shard format`, async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "shards-"));
    after(() => rm(folder, { recursive: true, force: true }));
    let files = 0;
    const fresh = () => path.join(folder, `${files++}.${format.extension}`);
    const written = async (rows: Iterable<Row> | AsyncIterable<Row>, more: Partial<WriteOptions> = {}) => {
      const file = fresh();
      await format.write(file, Symbol.asyncIterator in rows ? rows : streamOf(rows), { ...options, ...more });
      return file;
    };
    rowTests(format, written);
    byteTests(format, written, fresh);
    failureTests(format, written, fresh);
  });
}

type Written = (rows: Iterable<Row> | AsyncIterable<Row>, more?: Partial<WriteOptions>) => Promise<string>;

async function known(written: Written): Promise<readonly WriteOptions["codec"][]> {
  const tried = codecs.map((codec) =>
    written([fullRow], { codec }).then(
      () => [codec],
      (error) => {
        assert.ok(isFault(error, "usage"), error);
        return [];
      },
    ),
  );
  const found = (await Promise.all(tried)).flat();
  assert.ok(found.includes("none") && found.includes("snappy"));
  return found;
}

function rowTests(format: ShardFormat, written: Written): void {
  test("rows come back as they were: nulls, empty lists, null lists, any text, any bytes", async () => {
    const rows = [fullRow, bareRow, emptyRow, { ...fullRow, volume: new Uint8Array(3_000_001).fill(7) }, bareRow];
    for (const codec of await known(written))
      for (const rowGroupBytes of [1, 1000, 64_000_000]) {
        const shard = await format.open(await written(rows, { codec, rowGroupBytes }));
        assert.equal(shard.rowCount, rows.length);
        assert.deepEqual(await read(shard), rows);
      }
  });

  test("any rows at all come back", async () => {
    // Loaded here alone: the other suites come from the same file, and go without fast-check.
    const [{ default: fc }, { anyRow }] = await Promise.all([import("fast-check"), import("../rows/any-row.ts")]);
    await fc.assert(
      fc.asyncProperty(fc.array(anyRow, { maxLength: 6 }), fc.integer({ min: 1, max: 400 }), async (rows, bytes) => {
        assert.deepEqual(await read(await format.open(await written(rows, { rowGroupBytes: bytes }))), rows);
      }),
      { numRuns: 60 },
    );
  });

  test("a shard without rows is a whole file", async () => {
    const shard = await format.open(await written([]));
    assert.deepEqual([shard.rowCount, shard.columns, await read(shard)], [0, all, []]);
  });

  test("only the columns that were asked for are read; those that are not there are null", async () => {
    const columns = columnsFor({ volume: true, slices: false, preview: false });
    const shard = await format.open(await written([fullRow, bareRow], { columns }));
    const kept = (row: Row, names: readonly ColumnName[]) =>
      Object.fromEntries(all.map((name) => [name, names.includes(name) ? row[name as keyof Row] : null]));
    assert.deepEqual(await read(shard), [kept(fullRow, columns), kept(bareRow, columns)]);
    const few = ["crop_box", "id", "preview"] as const;
    assert.deepEqual(await read(shard, few), [kept(fullRow, ["id", "crop_box"]), kept(bareRow, ["id", "crop_box"])]);
    assert.deepEqual(await read(shard, ["preview"]), [kept(fullRow, []), kept(fullRow, [])]);
  });

  test("columns may come in any number, the volume first, last or alone", async () => {
    const orders: readonly (readonly ColumnName[])[] = [["volume"], ["volume", "id"], ["id", "volume"]];
    for (const columns of orders) {
      const shard = await format.open(await written([fullRow, bareRow, fullRow], { columns, rowGroupBytes: 1 }));
      const back = (await read(shard)).map(({ id, volume }) => [id, volume]);
      const id = (row: Row) => (columns.includes("id") ? row.id : null);
      assert.deepEqual(
        back,
        [fullRow, bareRow, fullRow].map((row) => [id(row), row.volume]),
      );
    }
  });

  test("the index's own columns are written and read", async () => {
    const row = { ...fullRow, volume: null, slices: null, preview: null, shard: "data/é.parquet", row: 3 };
    const shard = await format.open(await written([row], { columns: indexColumns({ splitByCase: true, vqa: true }) }));
    assert.deepEqual([shard.columns, await read(shard)], [indexColumns({ splitByCase: true, vqa: true }), [row]]);
  });

  test("the features that `datasets` reads are in the file", async () => {
    const shard = await format.open(await written([fullRow]));
    assert.deepEqual(shard.features, features(all));
    assert.deepEqual(shard.columns, all);
  });
}

function byteTests(format: ShardFormat, written: Written, fresh: () => string): void {
  test("the same rows give the same bytes", async () => {
    const rows = () => [fullRow, bareRow, emptyRow, fullRow];
    for (const codec of await known(written)) {
      const [one, other] = [await written(rows(), { codec }), await written(rows(), { codec })];
      assert.equal(await sha256(one), await sha256(other));
    }
  });

  test("memory is bounded by a row group, not by the shard", async () => {
    const [count, volumeBytes] = [200, 2_000_000];
    const before = outsideHeap();
    let peak = 0;
    async function* watched() {
      for await (const row of largeRows(count, volumeBytes)) {
        peak = Math.max(peak, outsideHeap() - before);
        yield row;
      }
    }
    const file = await written(watched(), { rowGroupBytes: 8_000_000, codec: "none" });
    assert.ok((await stat(file)).size > count * volumeBytes);
    let at = 0;
    for await (const row of (await format.open(file)).rows()) {
      if (at % 50 === 0) assert.equal(row.id, `ct_case/${at}/Axial`);
      peak = Math.max(peak, outsideHeap() - before);
      at += 1;
    }
    assert.equal(at, count);
    assert.ok(peak < (count * volumeBytes) / 2, `${Math.round(peak / 1e6)} MB outside the heap at most`);
    await rm(file);
  });

  test("rows are asked for as they are written, not ahead", async () => {
    let asked = 0;
    const file = fresh();
    async function* watched() {
      for await (const row of largeRows(12, 1_000_000)) {
        // All but the group that is being filled, and the one before, lie in the file.
        if (asked >= 4) assert.ok((await stat(file)).size >= (asked - 4) * 1_000_000, `row ${asked}`);
        asked += 1;
        yield row;
      }
    }
    await format.write(file, watched(), { ...options, rowGroupBytes: 2_100_000, codec: "none" });
  });

  test("cells are released in order, once each, when their memory may be used for something else", async () => {
    const bytes = (at: number) => new Uint8Array(300_000).fill(at);
    const rows = () =>
      [1, 2, 3, 4, 5].map((at): Row => ({ ...fullRow, volume: bytes(at), slices: [{ bytes: bytes(-at), path: "1" }] }));
    for (const codec of await known(written)) {
      const [volumes, slices]: [number[], number[]] = [[], []];
      const seen = (into: number[], cell: Uint8Array | null | undefined) => {
        if (!cell) return;
        into.push(cell[0]!);
        cell.fill(99);
      };
      const release: WriteOptions["release"] = (cells) => {
        seen(volumes, cells.volume);
        for (const file of cells.slices ?? []) seen(slices, file.bytes);
      };
      const file = await written(rows(), { release, codec, rowGroupBytes: 1_400_000 });
      assert.deepEqual(await read(await format.open(file)), rows());
      assert.deepEqual(
        [volumes, slices],
        [
          [1, 2, 3, 4, 5],
          [255, 254, 253, 252, 251],
        ],
      );
    }
  });
}

function failureTests(format: ShardFormat, written: Written, fresh: () => string): void {
  test("a path that exists is refused, and is left as it was", async () => {
    const file = await written([fullRow]);
    const was = await sha256(file);
    await assert.rejects(format.write(file, streamOf([bareRow]), options), { code: "EEXIST" });
    assert.equal(await sha256(file), was);
  });

  test("rows that fail reject the write with their error, and nothing stays open", async () => {
    const file = fresh();
    async function* failing() {
      yield* largeRows(3, 200_000);
      throw new RangeError("the source broke");
    }
    await assert.rejects(format.write(file, failing(), { ...options, rowGroupBytes: 1 }), /the source broke/);
    assert.deepEqual(await openFiles(file), []);
  });

  test("a reader that stops early leaves nothing open", async () => {
    const file = await written([fullRow, bareRow, emptyRow], { rowGroupBytes: 1 });
    for await (const row of (await format.open(file)).rows()) {
      assert.equal(row.id, fullRow.id);
      break;
    }
    assert.deepEqual(await openFiles(file), []);
  });

  test("a file that was cut short is not opened", async () => {
    const file = await written([fullRow]);
    const bytes = await readFile(file);
    for (const length of [0, 3, 11, bytes.length - 1]) {
      const cut = fresh();
      await writeFile(cut, bytes.subarray(0, length));
      await assert.rejects(format.open(cut), `${length} bytes`);
    }
  });
}

async function read(shard: OpenShard, columns?: readonly ColumnName[]): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const row of shard.rows(columns)) rows.push(row);
  return rows;
}

async function sha256(file: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
}

function outsideHeap(): number {
  const { external, arrayBuffers } = process.memoryUsage();
  return Math.max(external, arrayBuffers);
}

/** Descriptors of this process that are open on `file`; none can be told where there is no /proc. */
async function openFiles(file: string): Promise<readonly string[]> {
  const descriptors = await readdir("/proc/self/fd").catch(() => []);
  const targets = await Promise.all(descriptors.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => "")));
  return targets.filter((target) => target === file);
}
