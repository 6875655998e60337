import { z } from "zod";

/** Why something of the source is not read. */
const unreadReasons = [
  "unknown-kind",
  "no-place",
  "unplaced-members",
  "unreadable-archive",
  "lfs-pointer",
  "not-utf8-name",
  "link",
  "bad-json",
  "unknown-list",
  "copy",
] as const;

/** Files of a source, or members of an archive, that are not read: where, how many, why, and the first few by name. */
export const Unread = z.strictObject({
  /** A file, an archive, or a folder (with a slash behind it) where many files are alike. */
  path: z.string(),
  reason: z.enum(unreadReasons),
  count: z.int().positive(),
  detail: z.string(),
});
export type Unread = z.infer<typeof Unread>;

const NAMED = 3;

/** The first few names, and how many more there are. */
export function firstOf(names: readonly string[], count = names.length): string {
  const shown = names.slice(0, NAMED);
  return `${shown.join(", ")}${count > shown.length ? ` and ${count - shown.length} more` : ""}`;
}
