import type { Row } from "../model/row.ts";
import type { ExportFormat, TreeFile } from "./export-format.ts";
import { npyFile, TREE_COLUMNS } from "./npy.ts";
import { voxelsOf } from "./volume-cell.ts";

/** A key ends at the first dot. Escaped, not replaced: no two ids have one key. */
const keyOf = ({ id }: Row) => id.replace(/[%.]/g, (sign) => (sign === "%" ? "%25" : "%2E"));

/** Tars of samples, one for each shard: the array, what is known of it, and the report. Readers take the types of all samples from
 * the first few: each has the same three files, and each fact is a string, empty where there is none. */
export const webdataset: ExportFormat = {
  // 2: a folder of the form before this one is not gone on with.
  name: "webdataset-2",
  columns: [...TREE_COLUMNS, "plane", "phase"],
  inTars: true,
  made(row) {
    const key = keyOf(row);
    const { id, image, collection, case_id, series, plane, phase, split } = row;
    const subsets = row.subsets?.join(" ");
    const facts = { id, image, collection, case_id, series, plane, phase, split, subsets };
    const told = JSON.stringify(Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, fact ?? ""])));
    const files: TreeFile[] = [
      { path: `${key}.json`, bytes: Buffer.from(told) },
      { path: `${key}.npy`, bytes: npyFile(voxelsOf(row)) },
      { path: `${key}.txt`, bytes: Buffer.from(row.report ?? "") },
    ];
    return { files, lists: [] };
  },
};
