import { statSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { EtlError } from "../../errors.ts";
import { readFault } from "../../files/read-file.ts";
import { makeWhole } from "../../files/whole-file.ts";
import { createFile } from "../../files/written-file.ts";
import { bucketBatch } from "../../hub/bucket/bucket-batch.ts";
import { bucketFile, bucketHas, bucketList } from "../../hub/bucket/bucket-files.ts";
import { bucketUpload } from "../../hub/bucket/bucket-upload.ts";
import type { HubClient } from "../../hub/hub-client.ts";
import type { Store, Stored } from "../store.ts";
import { gathered } from "./gathered.ts";

/** Files that the Hub is asked to add at once. */
const FILES_A_BATCH = 100;
/** A file above this goes alone: the library holds 64 MB for each of five that it sends at once. */
const SMALL_BYTES = 4 << 20;

interface Put {
  readonly path: string;
  readonly file: string;
}

/** The files of a Hub's bucket below a prefix, which is empty or ends with `/`. */
export function bucketStore(client: HubClient, id: string, prefix: string): Store {
  const place = (path: string) => `hf://buckets/${id}/${path}`;
  const work = async (puts: readonly Put[], signal: AbortSignal | undefined) => {
    signal?.throwIfAborted();
    const paths = puts.map(({ path }) => path);
    const there = await bucketHas(client, id, paths, signal);
    const absent = puts.filter(({ path }) => !there.has(path));
    const files = absent.map(({ path, file }) => ({ path, content: pathToFileURL(file) }));
    const failed = await bucketBatch(client, id, await bucketUpload(client, id, files, signal), signal);
    return paths.map(async (path) => {
      const reason = failed.get(path);
      if (reason !== undefined)
        throw new EtlError("cannot-write", `${place(path)}: the Hub does not take it: ${reason}`);
      return !there.has(path);
    });
  };
  const keyOf = ({ path }: Put) => path;
  const [putSmall, putLarge] = [gathered(work, { most: FILES_A_BATCH, keyOf }), gathered(work, { most: 1, keyOf })];
  return {
    isAtomic: false,
    async putIfAbsent(key, file, signal) {
      signal?.throwIfAborted();
      return (sizeOf(file) > SMALL_BYTES ? putLarge : putSmall)({ path: prefix + key, file }, signal);
    },
    async get(key, file, signal) {
      const found = await bucketFile(client, id, prefix + key, signal);
      if (!found) return false;
      await makeWhole(file, (temporary) =>
        createFile(temporary, async (sink) => {
          for await (const chunk of found.read({ start: 0, end: found.byteLength }, { signal }))
            await sink.write(chunk);
        }),
      );
      return true;
    },
    list: (below, signal) => listed(client, id, prefix, below, signal),
    async delete(key, signal) {
      const path = prefix + key;
      const failed = await bucketBatch(client, id, [{ type: "deleteFile", path }], signal);
      // Where it is not there, that is no failure.
      if (failed.size === 0 || !(await bucketHas(client, id, [path], signal)).has(path)) return;
      throw new EtlError("cannot-write", `${place(path)}: the Hub does not delete it: ${failed.get(path)}`);
    },
  };
}

/** At once, so that files which are put in one turn go together. */
function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch (error) {
    throw readFault(error, file);
  }
}

async function* listed(
  client: HubClient,
  id: string,
  prefix: string,
  below: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Stored> {
  const start = prefix + below;
  // A prefix may end within a name; the Hub lists folders.
  const folder = start.slice(0, Math.max(0, start.lastIndexOf("/")));
  for (const { path, byteLength } of await bucketList(client, id, folder, signal))
    if (path.startsWith(start)) yield { key: path.slice(prefix.length), byteLength };
}
