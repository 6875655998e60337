import type { Row } from "../model/row.ts";
import type { ExportFormat, TreeFile } from "./export-format.ts";
import { npyFile, TREE_COLUMNS } from "./npy.ts";
import { voxelsOf } from "./volume-cell.ts";

/** A key ends at the first dot. Escaped, not replaced: no two ids have one key. */
const keyOf = ({ id }: Row) => id.replace(/[%.]/g, (sign) => (sign === "%" ? "%25" : "%2E"));

/** Tars of samples, one for each shard: the array, what is known of it, and the report where there is one. */
export const webdataset: ExportFormat = {
  name: "webdataset",
  columns: [...TREE_COLUMNS, "plane", "phase"],
  inTars: true,
  made(row) {
    const key = keyOf(row);
    const { id, image, collection, case_id, series, plane, phase, split, subsets } = row;
    const facts = JSON.stringify({ id, image, collection, case_id, series, plane, phase, split, subsets });
    const files: TreeFile[] = [
      { path: `${key}.json`, bytes: Buffer.from(facts) },
      { path: `${key}.npy`, bytes: npyFile(voxelsOf(row)) },
    ];
    if (row.report !== null) files.push({ path: `${key}.txt`, bytes: Buffer.from(row.report) });
    return { files, lists: [] };
  },
};
