/** Python's int() reads at most so many digits from a string (its limit since 3.11). */
const MAX_DIGITS = 4300;
const DIGIT = /^\p{Nd}$/u;
/** What Python's str.strip() takes off, besides what is listed by \s: the separators 1C–1F and 85; not FEFF. */
const SPACE = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]*";
const INTEGER = new RegExp(`^${SPACE}([+-]?)(\\p{Nd}+(?:_\\p{Nd}+)*)${SPACE}$`, "u");

export type SliceName = { readonly number: bigint } | { readonly ignored: true } | { readonly bad: string };

/**
 * What a file name in a series' folder means: a slice number, a file that is no slice (only names that end in `.jpeg`
 * or `.png`, in lower case, are slices), or a slice name whose stem is no integer by the rule of Python's int().
 */
export function sliceNumber(file: string): SliceName {
  const extension = [".jpeg", ".png"].find((ending) => file.endsWith(ending));
  if (extension === undefined) return { ignored: true };
  // os.path.splitext keeps a name that is all extension whole.
  const stem = file.slice(0, -extension.length) || file;
  const match = INTEGER.exec(stem);
  const digits = match?.[2]?.replaceAll("_", "") ?? "";
  if (!match || [...digits].length > MAX_DIGITS) return { bad: `"${stem.slice(0, 40)}" is not a slice number` };
  const ascii = [...digits].map(digitValue).join("");
  return { number: match[1] === "-" ? -BigInt(ascii) : BigInt(ascii) };
}

/** Ascending by number; where numbers are equal (`1.png`, `01.png`) the reference's order is the disk's, ours the name's. */
export function compareSlices(a: string, b: string): number {
  const [first, second] = [sliceNumber(a), sliceNumber(b)];
  if ("number" in first && "number" in second && first.number !== second.number)
    return first.number < second.number ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Decimal digits of every script come in runs of ten from their zero; some runs follow upon each other. */
function digitValue(digit: string): number {
  const code = digit.codePointAt(0)!;
  let first = code;
  while (DIGIT.test(String.fromCodePoint(first - 1))) first -= 1;
  return (code - first) % 10;
}
