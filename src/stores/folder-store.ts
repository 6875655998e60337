import { createReadStream } from "node:fs";
import { link, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { readFault } from "../files/read-file.ts";
import { sweepTemporaries, temporaryName } from "../files/temporary-files.ts";
import { makeWhole, writeFault } from "../files/whole-file.ts";
import { createFile } from "../files/written-file.ts";
import type { Store, Stored } from "./store.ts";

/** Where objects are that are not whole yet. */
const TEMPORARY = ".tmp";

/** A folder as a store: its files are the objects. */
export function folderStore(root: string): Store {
  const place = (key: string) => path.join(root, ...key.split("/"));
  return {
    isAtomic: true,
    async putIfAbsent(key, file, signal) {
      await sweepTemporaries(path.join(root, TEMPORARY));
      let isFirst = true;
      const options = {
        temporary: path.join(root, TEMPORARY, temporaryName(path.basename(file))),
        place: async (temporary: string, target: string) => {
          isFirst = await placeFirst(temporary, target);
        },
      };
      await makeWhole(place(key), (temporary) => copy(file, temporary, signal), options);
      return isFirst;
    },
    async get(key, file, signal) {
      if (!(await stat(place(key)).catch(() => undefined))?.isFile()) return false;
      await makeWhole(file, (temporary) => copy(place(key), temporary, signal));
      return true;
    },
    list: (prefix) => listed(root, prefix),
    async delete(key) {
      await rm(place(key), { force: true }).catch((error) => {
        throw writeFault(error, place(key));
      });
    },
  };
}

/** Gives the temporary file its name unless another has it. */
async function placeFirst(temporary: string, file: string): Promise<boolean> {
  try {
    await link(temporary, file);
  } catch (error) {
    const isTaken = (error as NodeJS.ErrnoException).code === "EEXIST";
    if (isTaken || (await stat(file).catch(() => undefined))) {
      await rm(temporary, { force: true });
      return false;
    }
    // Some file systems have no links; there, the later of two that write at once is the one.
    await rename(temporary, file);
    return true;
  }
  await rm(temporary, { force: true });
  return true;
}

async function copy(from: string, to: string, signal: AbortSignal | undefined): Promise<void> {
  await stat(from).catch((error) => {
    throw readFault(error, from);
  });
  await createFile(to, async (sink) => {
    for await (const chunk of createReadStream(from, { highWaterMark: 1 << 20 })) {
      signal?.throwIfAborted();
      await sink.write(chunk);
    }
  });
}

async function* listed(root: string, prefix: string): AsyncGenerator<Stored> {
  // A prefix may end within a name.
  const above = prefix.slice(0, prefix.lastIndexOf("/") + 1);
  const entries = await readdir(path.join(root, above), { recursive: true, withFileTypes: true }).catch((error) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return [];
    throw readFault(error, path.join(root, above));
  });
  const keyOf = (parent: string, name: string) =>
    path.relative(root, path.join(parent, name)).split(path.sep).join("/");
  const keys = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => keyOf(parentPath, name));
  const isOurs = (key: string) => key.startsWith(prefix) && !key.startsWith(`${TEMPORARY}/`);
  for (const key of keys.filter(isOurs).sort()) {
    const found = await stat(path.join(root, key)).catch(() => undefined);
    // It may have gone meanwhile.
    if (found) yield { key, byteLength: found.size };
  }
}
