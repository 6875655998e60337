import { Arena } from "../kernels/arena.ts";
import type { Row } from "../model/row.ts";
import type { SeriesFacts } from "./facts.ts";
import { colourShare } from "./measure/colour.ts";
import { measureStack } from "./measure/measure-stack.ts";
import { bytesOfCell, voxelsOf } from "./measure/voxels.ts";
import type { Spool } from "./spool.ts";
import { Texts } from "./texts.ts";

export interface Gathering {
  readonly spool: Spool;
  readonly signal?: AbortSignal | undefined;
  readonly onSeries?: ((done: number) => void) | undefined;
}

/** Reads rows once and keeps of each what the detectors ask for: about a kilobyte, and its picture on disk. */
export async function gather(rows: AsyncIterable<Row>, { spool, signal, onSeries }: Gathering): Promise<SeriesFacts[]> {
  const arena = new Arena();
  const texts = new Texts(spool);
  const all: SeriesFacts[] = [];
  for await (const row of rows) {
    signal?.throwIfAborted();
    const voxels = await voxelsOf(row, arena);
    const picture = bytesOfCell(row.preview);
    const [lowest = 0, highest = 0] = row.intensity_range ?? [];
    all.push({
      ...lightCells(row),
      caseKey: row.collection === null ? folderOf(row.id) : `${row.collection}/${row.case_id}`,
      lowest,
      highest,
      stack: voxels && measureStack(voxels),
      colour: await colourShare(row.slices),
      ...(await texts.of(row)),
      picture: picture && (await spool.add(picture)),
    });
    onSeries?.(all.length);
  }
  return all;
}

/** Of a case that lies in no collection, all that tells it from others. */
const folderOf = (id: string) => id.slice(0, id.lastIndexOf("/"));

function lightCells(row: Row) {
  const { id, image, collection, split, subsets, plane, phase, report_source } = row;
  const { slice_count, slice_height, slice_width, slices_dropped, pixels_sha256 } = row;
  const text = { id, image, collection, split, subsets, plane, phase, report_source };
  return { ...text, slice_count, slice_height, slice_width, slices_dropped, pixels_sha256 };
}
