import type { Output } from "../model/selection.ts";
import type { ExportFormat } from "./export-format.ts";

interface Kind {
  /** How series are assembled for it, straight from a source. */
  readonly output: Partial<Output>;
  /** What writes it is loaded only when it is used. */
  load(): Promise<ExportFormat>;
}

/** Every kind of tree by the name that `--to` takes. */
export const exportKinds: Readonly<Record<string, Kind>> = {
  npy: { output: { preview: false }, load: async () => (await import("./npy.ts")).npy },
};
