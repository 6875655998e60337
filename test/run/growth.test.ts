import assert from "node:assert/strict";
import { test } from "node:test";
import type { Folder, Member } from "../../src/archive/archive-format.ts";
import { inFolders } from "../../src/archive/folders.ts";
import { type CatalogueEntry, catalogueOf } from "../../src/catalogue/catalogue.ts";
import { DirectoryCache } from "../../src/catalogue/directories.ts";
import { indexSource } from "../../src/catalogue/index-source.ts";
import { withReports } from "../../src/catalogue/reports.ts";
import type { Listed } from "../../src/m3d-cap/split-file.ts";
import { Output, Selection } from "../../src/model/selection.ts";
import { countFetch } from "../../src/plan/fetch-groups.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import { planHash } from "../../src/plan/plan-hash.ts";
import { ordered, planShards } from "../../src/plan/plan-shards.ts";
import { select } from "../../src/plan/select.ts";
import type { Archive, Source } from "../../src/source/source.ts";

// What must not grow faster than the data set, counted: reads of elements of the lists, members unpacked, directories loaded.

const PATH = "M3D_Cap/ct_case/ct_case_00.zip";

/** A list that counts how often its elements are read. */
function counted<T>(list: readonly T[], counter: { reads: number }): readonly T[] {
  return new Proxy(list, {
    get(target, key, receiver) {
      if (typeof key === "string" && /^\d/.test(key)) counter.reads += 1;
      return Reflect.get(target, key, receiver);
    },
  });
}

const entryOf = (nth: number): CatalogueEntry => {
  const caseId = String(nth >> 1);
  const key = { collection: "ct_case" as const, caseId, caseName: `ct_case/${caseId}`, series: `Axial_${nth}` };
  const extents = [{ start: nth * 10, end: nth * 10 + 10 }];
  const id = `ct_case/${key.caseId}/${key.series}`;
  return {
    ...key,
    id,
    name: key.series,
    archive: nth % 50,
    casePath: `${key.caseId}/`,
    isApart: false,
    slices: 1,
    storedBytes: 1,
    extents,
    report: [],
    fault: undefined,
  };
};
const NO_FILES = { archives: 0, loose: 0, tables: 0, cards: 0, junk: 0, unread: 0 };
const imageOf = ({ id }: CatalogueEntry) => `M3D_Cap_npy/${id}.npy`;
const archiveOf = (nth: number, folders: readonly Folder[] = []): Archive => ({
  above: `M3D_Cap/ct_case/ct_case_${String(nth).padStart(2, "0")}.zip`,
  path: `M3D_Cap/ct_case/ct_case_${String(nth).padStart(2, "0")}.zip`,
  byteLength: 1e9,
  contentId: String(nth),
  format: {
    name: "none",
    accepts: () => true,
    directory: async () => ({ folders, refused: [] }),
    extract: (_, extent) => extent,
  },
  bytes: { name: "none", byteLength: 1e9, read: () => assert.fail("nothing is read") },
  cacheable: false,
});

test("planning reads each series and each condition a few times, however many there are", () => {
  const count = 5000;
  const entries = Array.from({ length: count }, (_, nth) => entryOf(nth));
  const listed = entries.map((entry): Listed => {
    const key = { collection: entry.collection, caseId: entry.caseId, caseName: entry.caseName, name: entry.name };
    return { image: imageOf(entry), key, split: "train", subsets: [] };
  });
  const counter = { reads: 0 };
  const selection = {
    ...Selection.parse({}),
    exclude: counted(
      Array.from({ length: count }, (_, nth) => `no/${nth}`),
      counter,
    ) as string[],
    cases: counted(
      entries.map(({ caseName }) => caseName),
      counter,
    ) as string[],
  };
  const duplicates = counted(
    listed.map(({ image }) => image),
    counter,
  );
  const { chosen, rejects } = select(
    counted(listed, counter),
    duplicates,
    { entries: counted(entries, counter), unreadable: [] },
    selection,
  );
  assert.deepEqual([chosen.length, rejects.length], [count, count]);
  assert.ok(counter.reads <= 10 * count, `${counter.reads} reads of ${count} series`);
});

test("shards are cut, and their reads counted, in a few passes over the rows", () => {
  const splitFile = { train: Array.from({ length: 5000 }, (_, nth) => ({ image: imageOf(entryOf(nth)) })) };
  const entries = splitFile.train.map((_, nth) => entryOf(nth));
  const archives = Array.from({ length: 50 }, (_, nth) => archiveOf(nth));
  // A row a shard.
  const output = Output.parse({ shardBytes: 1 });
  const plan = makePlan(
    { name: "a/b", kind: "hub", revision: "c", archives, files: NO_FILES, splitFile, byteLength: 1 },
    { entries, unreadable: [], unread: [] },
    Selection.parse({}),
    output,
  );
  assert.equal(plan.shards.length, 5000);
  assert.equal(plan.shards.at(-1)!.path, "data/train-04999-of-05000.parquet");
  const counter = { reads: 0 };
  const rows = counted(plan.rows, counter);
  assert.deepEqual(planShards(ordered(rows, output, plan.archives), output), plan.shards);
  assert.deepEqual(countFetch(rows, plan.shards, plan.archives), plan.fetch);
  assert.ok(counter.reads <= 10 * rows.length, `${counter.reads} reads of ${rows.length} rows`);
});

test("a plan is hashed once, however many shards ask", () => {
  let hashed = 0;
  const plan = { toJSON: () => ++hashed } as unknown as Parameters<typeof planHash>[0];
  assert.equal(planHash(plan), planHash(plan));
  assert.equal(hashed, 1);
});

/** A folder of slices and a case's report, each telling when its members are unpacked. */
function spied(caseId: string, unpacked: string[]): readonly Folder[] {
  const member = (path: string, start: number): Member => ({
    path,
    start,
    end: start + 50,
    storedBytes: 9,
    byteLength: 9,
    crc32: start,
    method: "store",
  });
  const slices = Array.from({ length: 20 }, (_, at) => member(`${caseId}/Axial/${at}.jpeg`, at * 50));
  return inFolders([...slices, member(`${caseId}/text.txt`, 1000)]).map((folder) => ({
    ...folder,
    get numbers() {
      unpacked.push(folder.path);
      return folder.numbers;
    },
  }));
}

test("a catalogue is made without looking at a slice, and a case is read without looking at another", async () => {
  const unpacked: string[] = [];
  const folders = ["000001", "000002", "000003"].flatMap((caseId) => spied(caseId, unpacked));
  const { entries: found, reports, members } = catalogueOf({ folders, refused: [] }, PATH, 0);
  const entries = withReports(found, reports);
  assert.deepEqual([members, entries.length, entries[0]!.slices, entries[0]!.storedBytes], [63, 3, 20, 20 * 9 + 9]);
  assert.deepEqual(
    [entries[0]!.extents, entries[0]!.report],
    [[{ start: 0, end: 1000 }], [{ start: 1000, end: 1050 }]],
  );
  assert.deepEqual(unpacked, ["000001/", "000002/", "000003/"]);

  const archive = archiveOf(0, folders);
  const cases = await new DirectoryCache({ archives: [archive] } as unknown as Source).get(archive);
  assert.deepEqual(
    cases.get("ct_case/000002")!.map(({ path }) => path),
    ["000002/Axial/", "000002/"],
  );
  assert.equal(unpacked.length, 3);
});

test("shards whose cases are of all archives load each directory once", async () => {
  const loads: string[] = [];
  const archives = Array.from({ length: 83 }, (_, nth): Archive => {
    const archive = archiveOf(nth);
    const directory = async () => {
      loads.push(archive.path);
      return { folders: [], refused: [] };
    };
    return { ...archive, format: { ...archive.format, directory } };
  });
  const directories = new DirectoryCache({ archives } as unknown as Source);
  for (let nth = 0; nth < 500; nth++) await directories.get(archives[(nth * 37) % 83]!);
  assert.equal(loads.length, 83);
});

test("of directories that are too large to keep all, the one used last is kept", async () => {
  const loads: string[] = [];
  const large = { ...inFolders([], ["000001/"])[0]!, count: 9_000_000 };
  const archives = [0, 1].map((nth): Archive => {
    const directory = async () => {
      loads.push(String(nth));
      return { folders: [large], refused: [] };
    };
    const archive = archiveOf(nth);
    return { ...archive, format: { ...archive.format, directory } };
  });
  const directories = new DirectoryCache({ archives } as unknown as Source);
  for (const nth of [0, 0, 1, 1, 0]) await directories.get(archives[nth]!);
  assert.deepEqual(loads.join(""), "010");
});

test("several directories are read at once, and the index is the same whichever comes first", async () => {
  const arrived: number[] = [];
  const isThere = Array.from({ length: 8 }, () => gate());
  const archives = isThere.map((_, nth): Archive => {
    const archive = archiveOf(nth, spied(String(nth).padStart(6, "0"), []));
    // Each comes after the one behind it, the last of four at once.
    const directory = async () => {
      if (nth % 4 !== 3) await isThere[nth + 1]!.opened;
      arrived.push(nth);
      isThere[nth]!.open();
      return archive.format.directory(archive.bytes);
    };
    return { ...archive, format: { ...archive.format, directory } };
  });
  const index = await indexSource({ archives, unread: [] } as unknown as Source);
  assert.deepEqual(arrived.slice(0, 4), [3, 2, 1, 0]);
  assert.deepEqual(
    index.entries.map(({ archive, caseId }) => [archive, Number(caseId)]),
    archives.map((_, nth) => [nth, nth]),
  );
});

function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
