import type { PlannedRow } from "../model/plan.ts";
import type { Row } from "../model/row.ts";
import type { Output } from "../model/selection.ts";

/** One series with its bytes, as a worker receives it. Slices come in the archive's order; a finished array is the only one. */
export interface SeriesTask {
  readonly row: PlannedRow;
  readonly slices: readonly { readonly file: string; readonly bytes: Uint8Array }[];
  readonly report: Uint8Array | null;
  readonly sourceFile: string;
  readonly sourceRevision: string;
  readonly output: Output;
  /** Used again for the volume where it has the very length. */
  readonly memory?: ArrayBuffer | undefined;
}

/** What a row tells of its series' pixels. */
export interface Pictured {
  readonly cells: Pick<Row, "volume" | "volume_shape" | "volume_dtype" | "slices" | "preview" | Measure>;
  /** Names of the slices that are not in the volume. */
  readonly dropped: readonly string[];
  /** How many slices the quick decoders left to the slow ones, which take several times as long. */
  readonly slowSlices: number;
}
type Measure =
  | "slice_count"
  | "slice_height"
  | "slice_width"
  | "slices_dropped"
  | "crop_box"
  | "intensity_range"
  | "pixels_sha256";

export const noVolume = { volume: null, volume_shape: null, volume_dtype: null };
