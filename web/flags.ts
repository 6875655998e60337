/** Rows to leave out, each with a reason that may be empty. */
export type Flags = ReadonlyMap<string, string>;

/** One list a data set, kept in this browser. */
const keyOf = (title: string) => `voxshard-flags:${title}`;

export function storedFlags(title: string): Flags {
  try {
    return new Map(JSON.parse(localStorage.getItem(keyOf(title)) ?? "[]") as [string, string][]);
  } catch {
    return new Map();
  }
}

export function storeFlags(title: string, flags: Flags): void {
  try {
    localStorage.setItem(keyOf(title), JSON.stringify([...flags]));
  } catch {
    // Storage that is full or forbidden: the list lives as long as the page, and can be downloaded.
  }
}

/** As `convert --exclude` and `publish --exclude` take it: ids, one a line, reasons as comments. */
export function exclusionList(title: string, revision: string, flags: Flags): string {
  const lines = [...flags]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([id, reason]) => {
      const said = reason.replace(/\s+/g, " ").trim();
      return said === "" ? [id] : [`# ${said}`, id];
    });
  const from = revision === "" ? title : `${title}@${revision}`;
  return [`# Series to leave out of ${from}: voxshard convert … --exclude FILE`, ...lines, ""].join("\n");
}
