import { readAll } from "../bytes/byte-source.ts";
import { EtlError, isFault } from "../errors.ts";
import { MAX_SPLIT_FILE_BYTES, parseSplitFile, type SplitFile } from "../m3d-cap/split-file.ts";
import type { ListedFile } from "./archives.ts";

/** JSON files in which the split file is looked for, where none has its name: the real repository has one. */
export const MAX_SPLIT_CANDIDATES = 20;

/** Finds the split file by its content, M3D_Cap.json before other names; broken candidates are named in the error. */
export async function findSplitFile(
  files: readonly ListedFile[],
  signal?: AbortSignal,
): Promise<SplitFile | undefined> {
  const named = (file: ListedFile) => (/(^|\/)M3D_Cap\.json$/i.test(file.path) ? 0 : 1);
  const candidates = files
    .filter((file) => file.path.endsWith(".json") && file.path.split("/").length <= 3)
    .sort((a, b) => named(a) - named(b));
  let problem: EtlError | undefined;
  for (const [at, file] of candidates.entries()) {
    if (at === MAX_SPLIT_CANDIDATES) {
      problem ??= new EtlError(
        "bad-split-file",
        `none of the first ${at} JSON files is the split file, and no more are read; give --split-file`,
      );
      break;
    }
    if (file.byteLength > MAX_SPLIT_FILE_BYTES) {
      if (named(file) === 0)
        throw new EtlError(
          "bad-split-file",
          `${file.path}: ${file.byteLength} bytes, more than ${MAX_SPLIT_FILE_BYTES}; give --split-file`,
        );
      continue;
    }
    const text = Buffer.from(await readAll(file.bytes, { start: 0, end: file.byteLength }, { signal })).toString(
      "utf8",
    );
    try {
      return parseSplitFile(text, file.path);
    } catch (error) {
      if (!isFault(error)) throw error;
      if (named(file) === 0) problem = error;
    }
  }
  if (problem) throw problem;
  return undefined;
}
