import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

/** The files of a folder by path. */
export async function filesOf(folder: string): Promise<Map<string, Buffer>> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return new Map(await Promise.all(files.map(async (f) => [path.relative(folder, f), await readFile(f)] as const)));
}
