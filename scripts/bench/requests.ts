import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startHub } from "../../devkit/hub/hub.ts";
import { writePhantomRepo } from "../../devkit/phantoms/phantom-repo.ts";
import { allMembers } from "../../src/archive/folders.ts";
import { readAll } from "../../src/bytes/byte-source.ts";
import { directoryOf } from "../../src/catalogue/directories.ts";
import { convert } from "../../src/run/convert.ts";
import { planConversion } from "../../src/run/plan-conversion.ts";
import { openSource } from "../../src/source/open-source.ts";
import type { Source } from "../../src/source/source.ts";
import { workers } from "../../src/workers/workers.ts";

// What test100 costs in requests and bytes, from nothing, by the server's log: converted, read with one request a slice,
// and with every file of the repository downloaded. Each is a run of its own.
const REPO = "phantoms/M3D-Cap";
const selection = { splits: ["test100" as const] };
const folder = await mkdtemp(path.join(tmpdir(), "requests-"));
const table: object[] = [];
try {
  await writePhantomRepo(path.join(folder, "phantom"), {
    casesPerArchive: 8,
    slices: 60,
    height: 256,
    width: 256,
    drawn: 40,
  });
  await compare("phantom", path.join(folder, "phantom"));
  const mini = path.resolve("..", "shared", "data", "m3d-mini");
  if (existsSync(mini)) await compare("m3d-mini", mini);
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.table(table);
console.log(JSON.stringify(table));

async function compare(name: string, dir: string): Promise<void> {
  const ways = { convert: converted, "a request a slice": sliceBySlice, "full download": downloaded };
  const found: { way: string; requests: number; bytes: number }[] = [];
  for (const [way, read] of Object.entries(ways)) {
    process.env["VOXSHARD_CACHE"] = path.join(folder, `cache ${name} ${way}`);
    const hub = await startHub({ dir, repo: REPO });
    const source = await openSource(REPO, { endpoint: hub.endpoint });
    try {
      await read(source);
      const { api, resolvers, pages, cdn, third, hubBytes, cdnBytes } = hub.counters();
      found.push({ way, requests: api + resolvers + pages + cdn + third, bytes: hubBytes + cdnBytes });
    } finally {
      await source.close();
      await hub.close();
    }
  }
  const [ours] = found;
  for (const { way, requests, bytes } of found)
    table.push({
      repository: name,
      way,
      requests,
      bytes,
      requestsToOurs: ratio(requests, ours!.requests),
      bytesToOurs: ratio(bytes, ours!.bytes),
    });
}

async function converted(source: Source): Promise<void> {
  const { plan } = await planConversion(source, { selection });
  const executor = workers(2);
  await convert(plan, source, { folder: await mkdtemp(path.join(folder, "out-")), executor });
  await executor.close();
}

/** As a reader of ZIP members does it: the same directories, then each slice and report of the rows by itself. */
async function sliceBySlice(source: Source): Promise<void> {
  const { plan } = await planConversion(source, { selection });
  for (const [at, { path }] of plan.archives.entries()) {
    const archive = source.archives.find((one) => one.path === path)!;
    const rows = plan.rows.filter((row) => row.archive === at);
    const extents = rows.flatMap((row) => [...row.extents, ...row.report]);
    const { directory } = await directoryOf(source, archive);
    for (const { start, end } of allMembers(directory))
      if (extents.some(([from, to]) => start >= from && end <= to)) await readAll(archive.bytes, { start, end });
  }
}

async function downloaded(source: Source): Promise<void> {
  for (const { path } of source.archives) {
    // Loose files are one archive, which is no file.
    const file = source.file(path);
    if (file) for await (const _ of file.read({ start: 0, end: file.byteLength }));
  }
}

function ratio(value: number, of: number): number {
  return Number((value / of).toPrecision(3));
}
