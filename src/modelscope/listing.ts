import { z } from "zod";
import { EtlError } from "../errors.ts";
import type { ModelScopeRepository } from "./address.ts";
import type { ModelScopeClient } from "./client.ts";

/** A file of a data set. `contentId` is the SHA-256 of its bytes, or where none is told something that changes with them. */
export interface ModelScopeFile {
  readonly path: string;
  readonly byteLength: number;
  readonly contentId: string;
}

/** As many as ModelScope's own client asks for at a time. */
const PAGE_FILES = 200;
/** The Hub's copy has 6,215. */
const MAX_MODELSCOPE_FILES = 500_000;

/** Folders have "tree" as their type; a path that leads out of its repository is none that git could hold. */
const Listed = z.object({
  Path: z.string().regex(/^(?!.*\0)(?!.*(?:^|\/)\.{0,2}(?:\/|$)).+$/s),
  Type: z.string(),
  Size: z.int().nonnegative().nullish(),
  Sha256: z.string().nullish(),
  Revision: z.string().nullish(),
});
const Page = z.object({ Data: z.union([z.array(Listed), z.object({ Files: z.array(Listed).nullish() })]).nullish() });

/** Every file of the data set as the revision names it now, in order of path. */
export async function listFiles(
  client: ModelScopeClient,
  { id, revision, folder }: ModelScopeRepository,
  signal?: AbortSignal,
): Promise<readonly ModelScopeFile[]> {
  const files = new Map<string, ModelScopeFile>();
  for (let page = 1; ; page++) {
    const query = { Revision: revision, Recursive: "True", PageNumber: `${page}`, PageSize: `${PAGE_FILES}` };
    const url = client.url(`datasets/${id}/repo/tree`, { ...query, ...(folder !== undefined && { Root: folder }) });
    const listed = entriesOf(await client.json(url, id, signal), id);
    const before = files.size;
    let folders = 0;
    for (const entry of listed) {
      if (entry.Type === "tree") folders += 1;
      else files.set(entry.Path, fileOf(entry));
    }
    if (files.size > MAX_MODELSCOPE_FILES)
      throw new EtlError("limit-exceeded", `${id}: more than ${MAX_MODELSCOPE_FILES} files; no such data set is read`);
    if (listed.length < PAGE_FILES) return [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
    if (files.size === before && folders < listed.length)
      throw new EtlError("server-error", `${id}: the listing of its files goes round in a circle; is it ModelScope?`);
  }
}

function entriesOf(answer: unknown, id: string): readonly z.infer<typeof Listed>[] {
  const { success, data } = Page.safeParse(answer);
  if (!success) throw new EtlError("server-error", `${id}: the answer is no listing of files; is it ModelScope?`);
  return Array.isArray(data.Data) ? data.Data : (data.Data?.Files ?? []);
}

function fileOf({ Path, Size, Sha256, Revision }: z.infer<typeof Listed>): ModelScopeFile {
  const isTold = Sha256 && /^[0-9a-f]{64}$/.test(Sha256);
  return { path: Path, byteLength: Size ?? 0, contentId: isTold ? Sha256 : `revision ${Revision ?? ""}` };
}
