/** Python's int() reads at most so many digits from a string (its limit since 3.11). */
const MAX_DIGITS = 4300;
/**
 * The zeros of all scripts that have digits in Python 3.11, ascending; nine more follow each. What the engine calls a digit
 * grows with its Unicode, and a series would be read by one Node and not by another.
 */
const ZEROS = [
  0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20,
  0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0,
  0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0,
  0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0, 0x16b50,
  0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0,
];
const DIGIT = `[${ZEROS.map((zero) => `${String.fromCodePoint(zero)}-${String.fromCodePoint(zero + 9)}`).join("")}]`;
/** What Python's str.strip() takes off, besides what is listed by \s: the separators 1C–1F and 85; not FEFF. */
const SPACE = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]*";
const INTEGER = new RegExp(`^${SPACE}([+-]?)(${DIGIT}+(?:_${DIGIT}+)*)${SPACE}$`, "u");

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

function digitValue(digit: string): number {
  const code = digit.codePointAt(0)!;
  return code - ZEROS.find((zero) => code - zero < 10)!;
}
