/** An entry in order of its place, and its name. */
interface Named {
  readonly nth: number;
  readonly raw: Buffer;
  readonly folder: string;
  /** Bytes of the folder's name. */
  readonly folderBytes: number;
  readonly shape: string;
}

const SLASH = 0x2f;
const BACKSLASH = 0x5c;
/** Shapes of names, each number a 0, that are remembered: an archive of slices and reports has one for each series' name. */
const KEPT_SHAPES = 1000;

/**
 * Finds entries that one wrong byte of a name may have put elsewhere. Members of a folder lie together; an entry that would
 * belong to its neighbour's folder, or be named like it, but for one byte, is in doubt. Whole archives hardly have any.
 */
export class DoubtFinder {
  private before: Named | undefined;
  private current: Named | undefined;
  private readonly shapes = new Map<string, { nth: number; count: number }>();
  private readonly found = new Set<number>();

  /** Takes entries in order of their places. */
  add(nth: number, path: string, raw: Buffer): void {
    const cut = path.lastIndexOf("/") + 1;
    const folderBytes = Math.max(raw.lastIndexOf(SLASH), raw.lastIndexOf(BACKSLASH)) + 1;
    const shape = raw.toString("latin1").replace(/\d+/g, "0");
    const next: Named = { nth, raw, folder: path.slice(0, cut), folderBytes, shape };
    this.judge(next);
    [this.before, this.current] = [this.current, next];
    const like = this.shapes.get(shape);
    if (like) like.count += 1;
    else if (this.shapes.size < KEPT_SHAPES) this.shapes.set(shape, { nth, count: 1 });
  }

  finish(): readonly number[] {
    this.judge(undefined);
    const shapes = [...this.shapes].map(([shape, seen]) => ({ ...seen, bytes: Buffer.from(shape, "latin1") }));
    const often = shapes.filter(({ count }) => count > 1);
    for (const { nth, count, bytes } of shapes)
      if (count === 1 && often.some((other) => isOneByteOff(bytes, other.bytes))) this.found.add(nth);
    return [...this.found];
  }

  private judge(next: Named | undefined): void {
    const { before, current } = this;
    if (!current || isKin(current, before) || isKin(current, next)) return;
    if (isDoubtful(current, before, next) || isDoubtful(current, next, before)) this.found.add(current.nth);
  }
}

const isKin = (one: Named, other: Named | undefined) => one.folder === other?.folder && one.shape === other.shape;

/** Whether `one` would belong to `beside`, but for one byte that its other neighbour does not have either. */
function isDoubtful(one: Named, beside: Named | undefined, other: Named | undefined): boolean {
  if (!beside) return false;
  if (
    one.folderBytes === beside.folderBytes &&
    one.folder !== beside.folder &&
    startsAlike(one, beside, Math.max(one.folderBytes, beside.folderBytes)) === 0
  )
    return true;
  for (const length of [...foldersAbove(beside.raw), one.folderBytes])
    if (startsAlike(one, beside, length) === 1 && !(other && startsAlike(one, other, length) === 0)) return true;
  return isOneByteOff(digitless(one.raw), digitless(beside.raw));
}

/** Where the name of each folder that a file lies in ends. */
function foldersAbove(name: Buffer): readonly number[] {
  return [...name.entries()].filter(([, byte]) => byte === SLASH || byte === BACKSLASH).map(([at]) => at + 1);
}

/** In how many of their first bytes, 0, 1 or 2 for more, two names differ. */
function startsAlike(one: Named, other: Named, length: number): number {
  if (one.raw.byteLength < length || other.raw.byteLength < length) return 2;
  return differing(one.raw, other.raw, length);
}

const isOneByteOff = (one: Buffer, other: Buffer) =>
  one.byteLength === other.byteLength && differing(one, other, one.byteLength) === 1;

function differing(one: Buffer, other: Buffer, length: number): number {
  let count = 0;
  for (let at = 0; at < length && count < 2; at++) if (one[at] !== other[at]) count += 1;
  return count;
}

const digitless = (name: Buffer) => name.map((byte) => (byte >= 0x30 && byte <= 0x39 ? 0x30 : byte)) as Buffer;
