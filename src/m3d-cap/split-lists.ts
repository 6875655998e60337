import { parse } from "csv-parse/sync";
import { EtlError } from "../errors.ts";
import { readAtMost, textOf } from "../files/read-file.ts";
import { listNames } from "../model/selection.ts";
import {
  MAX_IMAGE_CHARACTERS,
  MAX_SPLIT_FILE_BYTES,
  MAX_SPLIT_ROWS,
  parseSplitFile,
  type SplitFile,
  unknownLists,
} from "./split-file.ts";
import { transliterate } from "./transliterate.ts";

/** Reads one's own lists: JSON in the shape of M3D_Cap.json, or CSV with the columns id and split. */
export async function readSplitLists(file: string): Promise<SplitFile> {
  const bytes = await readAtMost(file, MAX_SPLIT_FILE_BYTES).catch((error) => {
    throw new EtlError("usage", `--split-file ${file}: cannot be read`, error);
  });
  if (!bytes) throw new EtlError("bad-split-file", `${file}: more than ${MAX_SPLIT_FILE_BYTES} bytes`);
  const text = decoded(bytes, file);
  if (/\.csv$/i.test(file)) return fromCsv(text, file);
  const lists = parseSplitFile(text, file);
  const unknown = unknownLists(lists);
  if (unknown.length > 0)
    throw new EtlError(
      "bad-split-file",
      `${file}: ${unknown.join(", ")}: not a list's name; use ${listNames.join(", ")}`,
    );
  return lists;
}

function decoded(bytes: Buffer, file: string): string {
  try {
    return textOf(bytes);
  } catch (error) {
    throw new EtlError("bad-split-file", `${file}: is not UTF-8 text; save it as UTF-8`, error);
  }
}

function fromCsv(text: string, file: string): SplitFile {
  const lists: Partial<Record<(typeof listNames)[number], { image: string }[]>> = {};
  const bad = (why: string) => new EtlError("bad-split-file", `${file}: ${why}`);
  let records: Record<string, string>[];
  try {
    records = parse(text, { bom: true, columns: true, skip_empty_lines: true, trim: true, to: MAX_SPLIT_ROWS + 1 });
  } catch (error) {
    throw bad(`not CSV: ${(error as Error).message.slice(0, 200)}`);
  }
  if (records.length > MAX_SPLIT_ROWS) throw bad(`more than ${MAX_SPLIT_ROWS} rows`);
  for (const [at, { id, split }] of records.entries()) {
    if (id === undefined || split === undefined) throw bad("needs a first line with the columns id and split");
    const name = listNames.find((one) => one === split);
    if (!name) throw bad(`row ${at + 1}: ${split.slice(0, 40)} is not a split; use one of ${listNames.join(", ")}`);
    const list = (lists[name] ??= []);
    list.push({ image: imageOf(id) });
    if (id.length > MAX_IMAGE_CHARACTERS)
      throw bad(`row ${at + 1}: an id of ${id.length} characters, more than ${MAX_IMAGE_CHARACTERS}`);
  }
  return lists;
}

/** An id of ours, or an image string, as the split file would name it. */
function imageOf(id: string): string {
  return id.endsWith(".npy") ? id : `M3D_Cap_npy/${transliterate(id)}.npy`;
}
