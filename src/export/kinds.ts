import { EtlError } from "../errors.ts";
import type { Output } from "../model/selection.ts";
import type { ExportFormat } from "./export-format.ts";

export interface Kind {
  /** How series are assembled for it, straight from a source. */
  readonly output: Partial<Output>;
  /** What writes it is loaded only when it is used. */
  load(): Promise<ExportFormat>;
}

/** Pictures alone: no array is assembled. */
const slices: Partial<Output> = { preview: false, volume: "none", slices: true };
const nifti = async () => await import("./nifti.ts");

/** Every kind of tree by the name that `--to` takes, with its recipes; the first is the default. */
const kinds: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  npy: { m3d: { output: { preview: false }, load: async () => (await import("./npy.ts")).npy } },
  nifti: {
    m3d: { output: { preview: false }, load: async () => (await nifti()).niftiM3d },
    native: { output: { preview: false, volume: "native" }, load: async () => (await nifti()).niftiNative },
    med3dvlm: { output: { preview: false, size: [128, 256, 256] }, load: async () => (await nifti()).niftiMed3dvlm },
  },
  chat: {
    messages: { output: slices, load: async () => (await import("./chat.ts")).chat },
    llava: { output: slices, load: async () => (await import("./chat.ts")).chatLlava },
  },
  webdataset: { m3d: { output: { preview: false }, load: async () => (await import("./webdataset.ts")).webdataset } },
};

/** The kind of tree that `--to` and `--recipe` name. */
export function exportKind(to: string | undefined, recipe: string | undefined): Kind {
  const recipes = Object.hasOwn(kinds, to ?? "") ? kinds[to!]! : undefined;
  if (!recipes) throw new EtlError("usage", `--to ${to ?? "is not given"}: ${Object.keys(kinds).join(", ")} are known`);
  const names = Object.keys(recipes);
  const found = Object.hasOwn(recipes, recipe ?? names[0]!) ? recipes[recipe ?? names[0]!] : undefined;
  if (!found) throw new EtlError("usage", `--recipe ${recipe}: ${to} knows ${names.join(", ")}`);
  return found;
}
