import { readdir } from "node:fs/promises";
import path from "node:path";
import { sha256OfFile } from "../../src/output/output-folder.ts";

/** SHA-256 of every file, by path. */
export type Files = Readonly<Record<string, string>>;

/** What no plan determines: how each try went, and what only a claim for many machines leaves. */
const APART = /[\\/]\.voxshard[\\/](?:attempts|parts|engine)[\\/]/;

/** The files of a folder that its plan determines: none where the folder is not there. */
export async function filesOf(folder: string): Promise<Files> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const names = files.filter((name) => !APART.test(name));
  const hashed = names.sort().map(async (name) => [path.relative(folder, name), await sha256OfFile(name)] as const);
  return Object.fromEntries(await Promise.all(hashed));
}
