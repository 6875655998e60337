import { EtlError } from "../errors.ts";
import type { Output } from "../model/selection.ts";
import type { ChatOptions } from "./chat.ts";
import type { ExportFormat } from "./export-format.ts";

export interface Kind {
  /** How series are assembled for it, straight from a source. */
  readonly output: Partial<Output>;
  /** What writes it is loaded only when it is used. */
  load(): Promise<ExportFormat>;
}

/** Pictures alone: no array is written. */
const pictures = ({ pictures: most }: ChatOptions): Partial<Output> =>
  most === "montage" ? { preview: true, volume: "none" } : { preview: false, volume: "none", slices: true };
const chat = (style: "messages" | "llava", options: ChatOptions): Kind => ({
  output: pictures(options),
  load: async () => (await import("./chat.ts")).chatFormat(style, options),
});
const nifti = async () => await import("./nifti.ts");

/** Every kind of tree by the name that `--to` takes, with its recipes; the first is the default. */
const kindsWith = (options: ChatOptions): Readonly<Record<string, Readonly<Record<string, Kind>>>> => ({
  npy: { m3d: { output: { preview: false }, load: async () => (await import("./npy.ts")).npy } },
  nifti: {
    m3d: { output: { preview: false }, load: async () => (await nifti()).niftiM3d },
    native: { output: { preview: false, volume: "native" }, load: async () => (await nifti()).niftiNative },
    med3dvlm: { output: { preview: false, size: [128, 256, 256] }, load: async () => (await nifti()).niftiMed3dvlm },
  },
  chat: { messages: chat("messages", options), llava: chat("llava", options) },
  webdataset: { m3d: { output: { preview: false }, load: async () => (await import("./webdataset.ts")).webdataset } },
});

/** The kind of tree that `--to` and `--recipe` name; the options are chat's alone. */
export function exportKind(to: string | undefined, recipe: string | undefined, options: ChatOptions = {}): Kind {
  const kinds = kindsWith(options);
  const recipes = Object.hasOwn(kinds, to ?? "") ? kinds[to!]! : undefined;
  if (!recipes) throw new EtlError("usage", `--to ${to ?? "is not given"}: ${Object.keys(kinds).join(", ")} are known`);
  const [stray] = to === "chat" ? [] : Object.keys(options);
  if (stray !== undefined) throw new EtlError("usage", `--${stray} goes with --to chat`);
  const names = Object.keys(recipes);
  const found = Object.hasOwn(recipes, recipe ?? names[0]!) ? recipes[recipe ?? names[0]!] : undefined;
  if (!found) throw new EtlError("usage", `--recipe ${recipe}: ${to} knows ${names.join(", ")}`);
  return found;
}
