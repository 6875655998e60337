import { mkdir } from "node:fs/promises";
import path from "node:path";
import { writePhantomRepo } from "../../devkit/phantoms/phantom-repo.ts";
import { indexSource } from "../../src/catalogue/index-source.ts";
import type { Plan } from "../../src/model/plan.ts";
import { Output, Selection } from "../../src/model/selection.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import { convert } from "../../src/run/convert.ts";
import type { Executor } from "../../src/series/executor.ts";
import { inline } from "../../src/series/inline.ts";
import { openSource } from "../../src/source/open-source.ts";
import type { Source } from "../../src/source/source.ts";

/** Three archives of two series a case, 24 in all; drawn small. Directories are cached beside it. */
export async function phantomRepo(folder: string, casesPerArchive = 4): Promise<string> {
  // Else directories would come from, and stay in, the cache of whoever runs the tests.
  process.env["VOXSHARD_CACHE"] ??= path.join(folder, "cache");
  const repo = path.join(folder, "phantoms");
  await mkdir(repo, { recursive: true });
  await writePhantomRepo(repo, { casesPerArchive, seriesPerCase: 2, slices: 6, height: 48, width: 48 });
  return repo;
}

/** 131 kB a row before compression; with `shardBytes` of 300 kB two rows a shard. */
const small = { size: [8, 128, 128], dtype: "uint8", codec: "none", shardBytes: 350_000, rowGroupBytes: 200_000 };

export interface Planned {
  readonly plan: Plan;
  readonly source: Source;
  readonly executor: Executor;
}

export async function planned(
  repo: string,
  options: { selection?: object; output?: object; endpoint?: string } = {},
): Promise<Planned> {
  const { endpoint } = options;
  const source = await openSource(repo, endpoint === undefined ? {} : { endpoint });
  const selection = Selection.parse(options.selection ?? {});
  const plan = makePlan(source, await indexSource(source), selection, Output.parse({ ...small, ...options.output }));
  return { plan, source, executor: inline() };
}

/** Converts into `folder`. */
export async function converted(
  folder: string,
  repo: string,
  options: Parameters<typeof planned>[1] = {},
): Promise<Plan> {
  const { plan, source, executor } = await planned(repo, options);
  await convert(plan, source, { folder, executor, connections: 2 });
  await source.close();
  return plan;
}
