import path from "node:path";
import type { Directory, Folder } from "../archive/archive-format.ts";
import { directoryOf } from "../catalogue/directories.ts";
import { isFault } from "../errors.ts";
import { mapBounded } from "../memory/map-bounded.ts";
import type { Plan } from "../model/plan.ts";
import type { RecipeArchive } from "../model/recipe.ts";
import type { Archive, Source } from "../source/source.ts";
import type { ArchiveCopy, SharedArchive } from "../source/union-source.ts";
import { foldersOf, rowsFrom } from "./directories.ts";
import { differences } from "./judge-copy.ts";

export interface FindOptions {
  readonly plan: Plan;
  readonly archives: readonly RecipeArchive[];
  readonly directory: (archive: RecipeArchive) => Promise<Directory>;
  readonly parts: readonly Source[];
  readonly signal?: AbortSignal | undefined;
  /** Told of a copy that is not what the recipe was made of. */
  readonly onNote?: ((line: string) => void) | undefined;
  readonly onArchive?: ((done: number, total: number, path: string) => void) | undefined;
}

/** Directories read at once. */
const AT_ONCE = 4;

/**
 * Where each archive of a plan can be read: from the first source that has it with the right size and directory. Others
 * that have its size stand by, those with the fewest wrong members first.
 */
export async function findArchives(options: FindOptions): Promise<readonly SharedArchive[]> {
  const { plan, archives } = options;
  const byPath = new Map(archives.map((archive) => [archive.path, archive]));
  const found: SharedArchive[] = [];
  const wanted = mapBounded(plan.archives.entries(), { limit: AT_ONCE }, async ([at, planned]) => {
    options.onArchive?.(at, plan.archives.length, planned.path);
    const recipe = byPath.get(planned.path)!;
    const directory = () => options.directory(recipe);
    const folders = async () => foldersOf(await directory(), recipe.above, rowsFrom(plan, at));
    return { planned, above: recipe.above, directory, copies: await copiesOf(recipe, folders, options) };
  });
  for await (const one of wanted) found.push(one);
  return found;
}

async function copiesOf(
  recipe: RecipeArchive,
  wanted: () => Promise<readonly Folder[]>,
  { parts, signal, onNote }: FindOptions,
): Promise<readonly ArchiveCopy[]> {
  const judged: { copy: ArchiveCopy; wrong: number }[] = [];
  for (const part of parts)
    for (const archive of candidates(recipe, part)) {
      signal?.throwIfAborted();
      const { wrong, why } = await judge(recipe, wanted, part, archive, signal);
      const place = part.name;
      if (why !== undefined) onNote?.(`${recipe.path} in ${place}: ${why}`);
      if (wrong < Number.POSITIVE_INFINITY) judged.push({ copy: { place, archive }, wrong });
    }
  return judged.sort((a, b) => a.wrong - b.wrong).map(({ copy }) => copy);
}

/** Archives of the right size that may be the one: of its path, then of its name in another folder. */
function candidates({ path: wanted, byteLength }: RecipeArchive, { archives }: Source): readonly Archive[] {
  const name = path.posix.basename(wanted);
  const likely = archives.filter((one) => one.byteLength === byteLength && path.posix.basename(one.path) === name);
  return likely.sort((a, b) => Number(b.path === wanted) - Number(a.path === wanted));
}

async function judge(
  recipe: RecipeArchive,
  wanted: () => Promise<readonly Folder[]>,
  part: Source,
  archive: Archive,
  signal: AbortSignal | undefined,
): Promise<{ wrong: number; why?: string }> {
  // The Hub's own hash says that it is the same file.
  if (archive.contentId === recipe.contentId && archive.format.name === recipe.format) return { wrong: 0 };
  try {
    const { directory } = await directoryOf(part, archive, signal);
    if (archive.format.name !== recipe.format)
      return { wrong: Number.POSITIVE_INFINITY, why: "is another kind of archive" };
    const { count, first } = differences(await wanted(), directory);
    if (count === 0) return { wrong: 0 };
    return { wrong: count, why: `${first}${count > 1 ? `, and ${count - 1} more members are not the recipe's` : ""}` };
  } catch (error) {
    if (!isFault(error, "bad-archive")) throw error;
    return { wrong: Number.POSITIVE_INFINITY, why: error.message };
  }
}
