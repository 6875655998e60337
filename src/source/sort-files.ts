import { firstOf, type Unread } from "../model/unread.ts";
import type { ListedFile } from "./archives.ts";

/** Files of a source by what is done with them. Tables are the split file, lists and questions; junk is what everyone has. */
export type FileCounts = Readonly<Record<"archives" | "loose" | "tables" | "cards" | "junk" | "unread", number>>;

const JUNK =
  /(?:^|\/)(?:__MACOSX|\.cache|\.git|\.huggingface|\.ipynb_checkpoints|@eaDir)\/|(?:^|\/)(?:\.DS_Store|\._[^/]*|Thumbs\.db|desktop\.ini|\.gitattributes|\.gitignore|\.gitkeep|LICENSE[^/]*|checksums?[^/]*|(?:md5|sha256)sums?[^/]*|[^/]*\.(?:py|ipynb|md5|sha256|lock|metadata|log))$/i;
const CARD = /(?:^|\/)README[^/]*$|\.md$/i;
const TABLE = /\.(?:json|jsonl|csv|tsv|parquet|xlsx)$/i;
/** Slices and texts of which nothing tells the case. */
const KNOWN = /\.(?:jpe?g|png|txt|npy)$/i;
/** More unread files of a folder and kind than this are told together. */
const TOLD_SINGLY = 20;

/** What becomes of the files that are in no archive: counted, and named with a reason where they are not read. */
export function sortFiles(files: readonly ListedFile[]): {
  readonly unread: readonly Unread[];
  readonly counts: Pick<FileCounts, "tables" | "cards" | "junk" | "unread">;
} {
  const counts = { tables: 0, cards: 0, junk: 0, unread: 0 };
  const left: { path: string; reason: Unread["reason"]; why: string }[] = [];
  for (const { path } of files) {
    if (JUNK.test(path)) counts.junk += 1;
    else if (CARD.test(path)) counts.cards += 1;
    else if (TABLE.test(path)) counts.tables += 1;
    else left.push({ path, ...reasonOf(path) });
  }
  counts.unread = left.length;
  return { unread: byFolder(left), counts };
}

function reasonOf(path: string): { reason: Unread["reason"]; why: string } {
  if (path.includes("\ufffd")) return { reason: "not-utf8-name", why: "a name that is not UTF-8" };
  if (KNOWN.test(path)) return { reason: "no-place", why: "not under <collection>/<case>/<series>/" };
  return { reason: "unknown-kind", why: "a kind of file that is not read" };
}

function byFolder(left: readonly { path: string; reason: Unread["reason"]; why: string }[]): readonly Unread[] {
  const folders = new Map<string, (typeof left)[number][]>();
  for (const one of left) {
    const key = `${one.reason} ${one.path.slice(0, one.path.lastIndexOf("/") + 1)}`;
    if (!folders.get(key)?.push(one)) folders.set(key, [one]);
  }
  return [...folders.values()].flatMap((list): Unread[] => {
    const [{ path, reason, why }] = list as [(typeof list)[number]];
    if (list.length <= TOLD_SINGLY) return list.map((one) => ({ path: one.path, reason, count: 1, detail: one.why }));
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    const names = list.map((one) => one.path.slice(folder.length));
    return [{ path: folder || "./", reason, count: list.length, detail: `${why}: ${firstOf(names)}` }];
  });
}
