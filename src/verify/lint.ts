import path from "node:path";
import { type Column, columnTable } from "../model/columns.ts";
import { arrowTypeName } from "../shards/features.ts";
import { type ParquetLayout, parquetLayout } from "../shards/parquet/layout.ts";
import type { Problem } from "./problem.ts";

/** Bytes that the Hub's viewer reads for a page of rows at most: "Scan size limit exceeded" beyond. */
const SCAN_LIMIT_BYTES = 300_000_000;
/** Row groups up to here are what `datasets` itself writes. */
const GROUP_ADVICE_BYTES = 100_000_000;
/** Rows beyond this make the viewer's pages slow or cut. */
const ROW_ADVICE_BYTES = 2 * 2 ** 20;
/** Files in one folder, and bytes in one file, that a repository of the Hub holds. */
const FOLDER_LIMIT = 10_000;
const FILE_LIMIT_BYTES = 200_000_000_000;

/** What keeps the Hub's viewer or `load_dataset` from a data set, and what only makes it slower. */
export interface Lint {
  readonly problems: readonly Problem[];
  readonly advice: readonly Problem[];
}

/** Looks at a shard's (or the index's) footer with the eyes of the Hub's viewer. */
export async function lintFile(file: string, where: string, byteLength: number, split: string | null): Promise<Lint> {
  const problems = nameProblems(where, split);
  const advice: Problem[] = [];
  if (byteLength > FILE_LIMIT_BYTES)
    problems.push({
      where,
      what: `has ${byteLength} bytes; the Hub takes 200 GB a file`,
      remedy: "a smaller --shard-size",
    });
  if (path.extname(where) !== ".parquet") {
    advice.push({
      where,
      what: "is Arrow: `load_dataset` reads it, the viewer shows only what the Hub converts (the first 5 GB)",
      remedy: "--format parquet",
    });
    return { problems, advice };
  }
  const layout = await parquetLayout(file);
  problems.push(...groupProblems(layout, where), ...typeProblems(layout, where));
  advice.push(...groupAdvice(layout, where, byteLength));
  return { problems, advice };
}

function groupProblems({ rowGroups, notIndexed }: ParquetLayout, where: string): Problem[] {
  const largest = Math.max(0, ...rowGroups.map(({ bytes }) => bytes));
  const problems: Problem[] = [];
  if (largest > SCAN_LIMIT_BYTES)
    problems.push({
      where,
      what: `has a row group of ${largest} bytes; the viewer scans ${SCAN_LIMIT_BYTES} at most`,
      remedy: "a smaller --row-group-size, or --dtype uint8 where one row is that large",
    });
  if (notIndexed.length > 0)
    problems.push({
      where,
      what: `has no page index on ${notIndexed.join(", ")}: the viewer must then read whole row groups`,
      remedy: "--parquet-engine hyparquet-writer",
    });
  return problems;
}

function groupAdvice({ rowGroups }: ParquetLayout, where: string, byteLength: number): Problem[] {
  const rows = rowGroups.reduce((sum, group) => sum + group.rows, 0);
  const largest = Math.max(0, ...rowGroups.map(({ bytes }) => bytes));
  const advice: Problem[] = [];
  if (rows > 0 && byteLength / rows > ROW_ADVICE_BYTES)
    advice.push({
      where,
      what: `has ${Math.round(byteLength / rows)} bytes a row; the viewer is at ease up to about 2 MB`,
      remedy: "--dtype uint8, or --volume none",
    });
  if (largest > GROUP_ADVICE_BYTES && largest <= SCAN_LIMIT_BYTES)
    advice.push({
      where,
      what: `has a row group of ${largest} bytes; up to 100 MB is usual`,
      remedy: "--row-group-size 64MB",
    });
  return advice;
}

/** `datasets` takes a feature only where the Arrow type is exactly its own; else it silently shows bytes. */
function typeProblems({ types, keys }: ParquetLayout, where: string): Problem[] {
  const problems: Problem[] = [];
  for (const [name, type] of types) {
    const known = (columnTable as Readonly<Record<string, Column>>)[name];
    const wanted = known && arrowTypeName(known.type);
    // As volumes lay in shards that were made before.
    if (name === "volume" && type === "binary") continue;
    if (wanted !== undefined && type !== wanted)
      problems.push({
        where,
        what: `column ${name} is ${type}, its feature needs ${wanted}`,
        remedy: "convert it again",
      });
  }
  if (keys.includes("ARROW:schema"))
    problems.push({ where, what: "has an ARROW:schema, which hides its features", remedy: "convert it again" });
  return problems;
}

/** What `datasets` would take for the split of a file, by its name alone. */
function nameProblems(where: string, split: string | null): Problem[] {
  const name = path.posix.basename(where);
  if (split === null) return [];
  const found = /^([\w.]+)-\d{5}-of-\d{5}\.\w+$/.exec(name)?.[1];
  return found === split
    ? []
    : [
        {
          where,
          what: `is of the split ${found ?? "train"} to the Hub, by its name`,
          remedy: `the name ${split}-00000-of-00001`,
        },
      ];
}

/** What concerns the folder as a whole. */
export function lintFolder(shards: readonly unknown[]): readonly Problem[] {
  return shards.length <= FOLDER_LIMIT
    ? []
    : [
        {
          where: "data",
          what: `has ${shards.length} files; the Hub takes ${FOLDER_LIMIT} a folder`,
          remedy: "a larger --shard-size",
        },
      ];
}
