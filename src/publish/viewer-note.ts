import type { Output } from "../model/selection.ts";
import type { Counted } from "./card-front.ts";

/** What the Hub's viewer advises a row to have at most. */
const VIEWER_ROW_BYTES = 3_000_000;

/** A word to whoever publishes rows that the viewer does not show well; undefined where they are small enough. */
export function viewerNote(shards: readonly Counted[], output: Output): string | undefined {
  const most = Math.max(0, ...shards.map(({ dataBytes, rows }) => (rows > 0 ? dataBytes / rows : 0)));
  if (most <= VIEWER_ROW_BYTES) return undefined;
  const smaller = output.volume === "m3d" && output.dtype !== "uint8" ? "--dtype uint8 makes smaller ones; " : "";
  return `rows of ${(most / 1e6).toFixed(1)} MB: the Hub's viewer advises 3 MB at most; ${smaller}its config "index" shows all else`;
}
