import type { ColumnName } from "../model/columns.ts";
import type { Row } from "../model/row.ts";

/** A file of the tree; its path is relative, with "/" between folders. */
export interface TreeFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}
/** What a row adds to a list that the tree has once, such as M3D_Cap.json. */
export interface Listed {
  readonly file: string;
  /** The list of a JSON object that holds several; null where the file has an entry on each line. */
  readonly list: string | null;
  /** JSON, on one line. */
  readonly entry: string;
}

/** A tree of files that people's code reads. The same row gives the same files, always. */
export interface ExportFormat {
  readonly name: string;
  /** What it reads of a row; the other columns are null. */
  readonly columns: readonly ColumnName[];
  /** Its files lie in tars, one for each shard, not in folders. */
  readonly inTars?: true;
  /** Throws a fault where the row lacks what the tree needs. Rows without a report are in no list. */
  made(row: Row): { readonly files: readonly TreeFile[]; readonly lists: readonly Listed[] };
}
