import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { access, link, lstat, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { EtlError } from "../errors.ts";
import { readPlainFile } from "../files/read-file.ts";
import { sweepTemporaries, temporaryName } from "../files/temporary-files.ts";
import { makeWhole, syncFolder, writeFault, writeWhole } from "../files/whole-file.ts";
import { type Plan, parsePlan as parse } from "../model/plan.ts";
import { planHash } from "../plan/plan-hash.ts";
import { journalPath, MAX_STATE_BYTES, planPath, receiptPath, temporaryFolder } from "./layout.ts";

/** The plan of a folder that must hold a conversion. */
export async function planOf(folder: string): Promise<Plan> {
  const plan = await readPlan(folder);
  if (plan) return plan;
  throw new EtlError("source-not-found", `${folder}: not the output of a conversion (.voxshard/plan.json is missing)`);
}

/** The folder's plan; undefined where there is none, as before a first run. */
export async function readPlan(folder: string): Promise<Plan | undefined> {
  await refuseSwitching(folder);
  const text = await readPlainFile(planPath(folder), MAX_STATE_BYTES).catch((error) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    if (error.code !== undefined) throw writeFault(error, planPath(folder));
    throw new EtlError(
      "bad-plan",
      `${planPath(folder)}: cannot be read as a plan (${error.message}); convert into a new folder`,
      error,
    );
  });
  return text === undefined ? undefined : parsePlan(text, planPath(folder));
}

/** A folder between two plans is neither's. */
export async function refuseSwitching(folder: string): Promise<void> {
  if (await exists(journalPath(folder)))
    throw new EtlError("interrupted", `${folder}: an update of it was stopped; run the same convert --update again`);
}

export function parsePlan(text: string, where: string): Plan {
  try {
    return parse(JSON.parse(text));
  } catch (error) {
    throw new EtlError("bad-plan", `${where}: not a plan of this version; convert into a new folder`, error);
  }
}

/** Makes the folder the plan's own; a folder that has another plan, or files that no conversion left, stays as it is. */
export async function claimFolder(folder: string, plan: Plan): Promise<void> {
  if (isOwn(folder, plan, await readPlan(folder))) return makeFolders(folder);
  await refuseForeign(folder);
  await makeFolders(folder);
  await writeInto(folder, planPath(folder), JSON.stringify(plan), placeFirst);
  // Another run may have come first, with other arguments.
  isOwn(folder, plan, await readPlan(folder));
}

function isOwn(folder: string, plan: Plan, there: Plan | undefined): boolean {
  if (there && planHash(there) !== planHash(plan))
    throw new EtlError(
      "other-plan",
      `${folder}: holds a conversion with other arguments or of another revision; choose a new --out, or add --update for another revision`,
    );
  return there !== undefined;
}

/** What a conversion would write over. */
async function refuseForeign(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found && !found.isDirectory())
    throw new EtlError("cannot-write", `${folder}: is a file, not a folder; choose another --out`);
  const names = await readdir(folder).catch((): string[] => []);
  const data = await readdir(path.join(folder, "data")).catch((): string[] => []);
  const own = ["index.parquet", "rejects.jsonl", "README.md"];
  const taken = data.length > 0 ? "data" : names.find((name) => own.includes(name));
  if (taken !== undefined && !(await exists(path.join(folder, ".voxshard"))))
    throw new EtlError(
      "cannot-write",
      `${path.join(folder, taken)}: is there, and no conversion left it; choose a new --out`,
    );
}

/** Makes the folders of a conversion's folder, where they are not there. */
export async function makeFolders(folder: string): Promise<void> {
  const data = await lstat(path.join(folder, "data")).catch(() => undefined);
  if (data?.isSymbolicLink())
    throw new EtlError("cannot-write", `${path.join(folder, "data")}: is a symbolic link; choose another --out`);
  try {
    // First, for it tells a conversion's folder from others.
    const made = await mkdir(path.dirname(receiptPath(folder, 0)), { recursive: true });
    await mkdir(temporaryFolder(folder), { recursive: true });
    await mkdir(path.join(folder, "data"), { recursive: true });
    if (made === undefined) return;
    // Folders, too, outlast a power cut only once those that hold them are synced.
    const outer = [path.dirname(path.resolve(folder)), path.dirname(made)];
    for (const parent of [path.join(folder, ".voxshard"), folder, ...outer]) await syncFolder(parent);
  } catch (error) {
    throw writeFault(error, folder);
  }
}

/** Gives the temporary file its name unless another has it: of two first runs, one does. */
async function placeFirst(temporary: string, file: string): Promise<void> {
  try {
    await link(temporary, file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Some file systems have no links; there, the later of two first runs has the folder.
    if (code !== "EEXIST") return rename(temporary, file);
  }
  await rm(temporary, { force: true });
}

/** A file of the folder, whole or not at all. Its temporary file lies where `sweep` finds it. */
export function writeInto(
  folder: string,
  file: string,
  content: Uint8Array | string,
  place?: (temporary: string, file: string) => Promise<void>,
): Promise<void> {
  const temporary = temporaryFile(folder, path.basename(file));
  return writeWhole(file, content, { temporary, ...(place && { place }) });
}

/** A large file of the folder, whole or not at all; gives what `make`, which fills the temporary file, gave. */
export function makeInto<T>(folder: string, file: string, make: (temporary: string) => Promise<T>): Promise<T> {
  return makeWhole(file, make, { temporary: temporaryFile(folder, path.basename(file)) });
}

export async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest("hex");
}

/** A name for work under way, outside data/, that tells which process on which host it belongs to. */
function temporaryFile(folder: string, name: string): string {
  return path.join(temporaryFolder(folder), temporaryName(name));
}

/** Removes what dead processes left. */
export const sweep = (folder: string) => sweepTemporaries(temporaryFolder(folder));

export function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
