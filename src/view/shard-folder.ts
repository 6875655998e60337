import { lstat, readdir, realpath } from "node:fs/promises";
import path from "node:path";
import { fileSource } from "../bytes/file-source.ts";
import { EtlError } from "../errors.ts";
import { INDEX, SHARD, type Viewed } from "./viewed.ts";

/** A conversion's folder, or a clone of a published one; undefined where the folder has no shards. */
export async function openShardFolder(folder: string): Promise<Viewed | undefined> {
  const names = await readdir(folder).catch((): string[] => []);
  if (!names.includes(INDEX)) {
    if (!names.includes(".voxshard")) return undefined;
    throw new EtlError(
      "source-not-found",
      `${folder}: has no ${INDEX} yet; let the conversion end, or run: voxshard finalize ${folder}`,
    );
  }
  const root = await realpath(folder);
  const data = await readdir(path.join(root, "data")).catch((): string[] => []);
  const files: Record<string, number> = {};
  for (const name of [INDEX, ...data.map((name) => `data/${name}`).filter((name) => SHARD.test(name))]) {
    const size = await sizeWithin(root, name);
    if (size !== undefined) files[name] = size;
  }
  return {
    info: { title: path.basename(root), revision: "", kind: "shards", base: "files/", files, notes: [] },
    file: (name) => (Object.hasOwn(files, name) ? fileSource(path.join(root, name), files[name]!) : undefined),
    close: async () => {},
  };
}

/** Of a plain file inside the folder: a link may lead anywhere, and is left out. */
async function sizeWithin(root: string, name: string): Promise<number | undefined> {
  const file = path.join(root, name);
  const found = await lstat(file).catch(() => undefined);
  return found?.isFile() && (await realpath(file)) === file ? found.size : undefined;
}
