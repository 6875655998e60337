import { readAll } from "../bytes/byte-source.ts";
import { EtlError, isFault } from "../errors.ts";
import { textOf } from "../files/read-file.ts";
import { MAX_SPLIT_FILE_BYTES, parseSplitFile, SplitFile, unknownLists } from "../m3d-cap/split-file.ts";
import type { Unread } from "../model/unread.ts";
import type { ListedFile } from "./archives.ts";

/** JSON files in which the split file is looked for, where none has its name: the real repository has one. */
export const MAX_SPLIT_CANDIDATES = 20;

/** Of a source whose lists nobody asks for. */
export const noLists = { splitFile: undefined, unread: [] } as const;

export const isCandidate = ({ path }: { readonly path: string }) =>
  path.endsWith(".json") && path.split("/").length <= 3;

/** Finds the split file by its content, M3D_Cap.json before other names; broken candidates are named in the error. */
export async function findSplitFile(
  files: readonly ListedFile[],
  signal?: AbortSignal,
): Promise<{ readonly splitFile: SplitFile | undefined; readonly unread: readonly Unread[] }> {
  const named = (file: ListedFile) => (/(^|\/)M3D_Cap\.json$/i.test(file.path) ? 0 : 1);
  const candidates = files.filter(isCandidate).sort((a, b) => named(a) - named(b));
  const unread: Unread[] = [];
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
    const bytes = await readAll(file.bytes, { start: 0, end: file.byteLength }, { signal });
    try {
      const splitFile = parseSplitFile(decoded(bytes, file.path), file.path);
      return { splitFile, unread: [...unread, ...unknownOf(splitFile, file.path)] };
    } catch (error) {
      if (!isFault(error)) throw error;
      if (named(file) === 0) problem = error;
      else if (!isJson(bytes)) unread.push({ path: file.path, reason: "bad-json", count: 1, detail: error.message });
    }
  }
  if (problem) throw problem;
  return { splitFile: undefined, unread };
}

function decoded(bytes: Uint8Array, path: string): string {
  const pointer = /^version https:\/\/git-lfs\.github\.com\/spec\//;
  try {
    const text = textOf(bytes);
    if (!pointer.test(text)) return text;
  } catch (error) {
    throw new EtlError("bad-split-file", `${path}: is not UTF-8 text`, error);
  }
  throw new EtlError("bad-split-file", `${path}: a Git LFS pointer, not the file itself; fetch it: git lfs pull`);
}

function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(textOf(bytes));
    return true;
  } catch {
    return false;
  }
}

/** Lists of names that nobody knows are not read; most are misspelled. */
function unknownOf(splitFile: SplitFile, path: string): readonly Unread[] {
  return unknownLists(splitFile).map((name) => ({
    path,
    reason: "unknown-list",
    count: (splitFile as Record<string, unknown[]>)[name]!.length || 1,
    detail: `the list ${JSON.stringify(name)} is not read; ${Object.keys(SplitFile.shape).join(", ")} are`,
  }));
}
