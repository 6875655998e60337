import assert from "node:assert/strict";
import { cp, mkdir } from "node:fs/promises";
import path from "node:path";
import { folderContent } from "../../devkit/hub/content.ts";
import { entriesOf, snapshotOf } from "../../devkit/hub/snapshot.ts";
import { type Format, REPO, type RunOptions, type Site } from "../../test/properties/crash/site.ts";
import { type Files, filesOf } from "../../test/properties/determined-files.ts";

/** What a schedule disturbs: a conversion, one by an index, a rebuild from a part of a copy and a Hub, an update. */
export const kinds = ["convert", "index", "rebuild", "update"] as const;
export type Kind = (typeof kinds)[number];

export interface Work {
  /** What lies in the folder before the first run. */
  prepare(out: string): Promise<void>;
  args(options: RunOptions): string[];
  /** Files before the first run, and after a run that nothing disturbs. */
  readonly before: Files;
  readonly reference: Files;
  /** Of files, that an undisturbed run is served. */
  readonly bytes: number;
}

type Undone = Omit<Work, "reference" | "bytes">;

/** One of each kind and format on a site, with what comes of it undisturbed. */
export async function workOn(site: Site, kind: Kind, format: Format): Promise<Work> {
  const work = await { convert, index, rebuild, update }[kind](site, format);
  const out = path.join(await site.folder(), "out");
  await work.prepare(out);
  site.hub.resetLog();
  await done(site, work.args({ out, format }), out);
  return { ...work, reference: await filesOf(out), bytes: site.hub.counters().cdnBytes };
}

async function done(site: Site, args: readonly string[], out: string): Promise<void> {
  const { code, stderr } = await site.runs.run({ args, env: site.env({ out }) });
  assert.equal(code, 0, stderr);
}

const nothing = { prepare: async () => {}, before: {} };

const convert = async (site: Site): Promise<Undone> => ({ ...nothing, args: (options) => site.args(options) });

async function index(site: Site): Promise<Undone> {
  const folder = path.join(await site.folder(), "index");
  await done(site, ["index", REPO, "--out", folder], folder);
  return { ...nothing, args: (options) => site.args({ ...options, more: ["--index", folder] }) };
}

async function rebuild(site: Site, format: Format): Promise<Undone> {
  const [out, recipe, half] = ["out", "recipe", "half"].map((name) => path.join(site.root, `${format}-${name}`));
  await done(site, site.args({ out: out!, format }), out!);
  await done(site, ["recipe", out!, "--out", recipe!], out!);
  const archive = "M3D_Cap/ct_case/ct_case_00.zip";
  await mkdir(path.dirname(path.join(half!, archive)), { recursive: true });
  await cp(path.join(site.root, "repo", archive), path.join(half!, archive));
  const from = ["rebuild", recipe!, "--from", half!, "--from", REPO];
  return {
    ...nothing,
    args: ({ out, workers = 1, connections = 1 }) => [
      ...[...from, "--out", out, "--workers", `${workers}`, "--connections", `${connections}`, "--json", "--quiet"],
    ],
  };
}

async function update(site: Site, format: Format): Promise<Undone> {
  const old = path.join(site.root, `${format}-old`);
  await done(site, site.args({ out: old, format }), old);
  await revise(site);
  return {
    prepare: (out) => cp(old, out, { recursive: true, preserveTimestamps: true }),
    before: await filesOf(old),
    args: (options) => site.args({ ...options, source: `${REPO}@revised`, more: ["--update"] }),
  };
}

/** A branch on which one archive has other pixels, and a series is in another list. */
async function revise(site: Site): Promise<void> {
  const repo = site.hub.repo();
  if (repo.refs.has("revised")) return;
  const own = path.join(site.root, "revised");
  await cp(path.join(site.root, "repo"), own, { recursive: true });
  await site.revise(own);
  repo.commit(
    snapshotOf(await entriesOf(folderContent(own), repo.lfsThreshold), "Revised", repo.at("main").sha),
    "revised",
  );
}
