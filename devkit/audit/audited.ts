import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { findAll } from "../../src/audit/detectors.ts";
import type { Finding } from "../../src/audit/finding.ts";
import { gather } from "../../src/audit/gather.ts";
import { Spool } from "../../src/audit/spool.ts";
import type { Row } from "../../src/model/row.ts";
import { bareRow, streamOf } from "../rows/rows.ts";
import type { Stack } from "./altered.ts";

/** A row as a conversion with native volumes makes it. `id` is collection/case/series. */
export function rowOf(id: string, stack: Stack, cells: Partial<Row> = {}): Row {
  const [collection, case_id, series] = id.split("/") as [string, string, string];
  const gray = [...stack.cells].reduce(
    ([low, high], value) => [Math.min(low!, value), Math.max(high!, value)],
    [255, 0],
  );
  return {
    ...bareRow,
    id,
    image: `M3D_Cap_npy/${id}.npy`,
    collection,
    case_id,
    series,
    split: "train",
    subsets: [],
    volume: stack.cells,
    volume_shape: [stack.count, stack.height, stack.width],
    volume_dtype: "uint8",
    slice_count: stack.count,
    slice_height: stack.height,
    slice_width: stack.width,
    slices_dropped: 0,
    intensity_range: gray,
    pixels_sha256: createHash("sha256").update(stack.cells).digest("hex"),
    ...cells,
  };
}

export async function findingsIn(rows: readonly Row[]): Promise<Finding[]> {
  const folder = await mkdtemp(path.join(tmpdir(), "audited-"));
  const spool = await Spool.at(path.join(folder, "spool"));
  try {
    return findAll(await gather(streamOf(rows), { spool }));
  } finally {
    await spool.close();
    await rm(folder, { recursive: true });
  }
}

/** `kind: ids` of each finding. */
export const briefly = (findings: readonly Finding[]) => findings.map(({ kind, ids }) => `${kind}: ${ids.join(" ")}`);
