import { EtlError } from "../errors.ts";
import type { Row } from "../model/row.ts";
import { seededHash } from "../plan/plan-shards.ts";
import type { ExportFormat, Listed, TreeFile } from "./export-format.ts";

/** How a conversation about a series is made; what is left out is as by default. */
export interface ChatOptions {
  /** Slices of a series that the model is shown, at even distances; or one picture, the preview's montage of them. */
  readonly pictures?: number | "montage";
  /** Questions, of which each series has one. */
  readonly prompts?: readonly string[];
  /** Which series has which. */
  readonly seed?: number;
}

const SLICES = 8;
const PROMPTS = [
  "Describe the findings of this CT scan.",
  "What are the findings in these slices of a CT scan?",
  "Write the findings of a radiology report for this CT scan.",
  "Which findings do these slices show?",
  "Report what this scan shows.",
];

/** At even distances, as in the preview's montage. */
function evenly(slices: NonNullable<Row["slices"]>, most: number): NonNullable<Row["slices"]> {
  const count = Math.min(most, slices.length);
  return Array.from({ length: count }, (_, at) => slices[Math.floor(((2 * at + 1) * slices.length) / (2 * count))]!);
}

function extensionOf(bytes: Uint8Array): string {
  return bytes[0] === 0xff && bytes[1] === 0xd8 ? "jpg" : "png";
}

/** The pictures as the source has them, nothing encoded again; or the montage that the row has. */
function pictures(row: Row, most: number | "montage"): readonly TreeFile[] {
  const montage = row.preview ? [row.preview] : [];
  const found = (most === "montage" ? montage : evenly(row.slices ?? [], most)).map(({ bytes }, at) => {
    if (!bytes) throw new EtlError("bad-member", `${row.id}: a slice has no bytes; convert it again`);
    return { path: `images/${row.id}/${at}.${extensionOf(bytes)}`, bytes };
  });
  if (found.length > 0) return found;
  const lack = most === "montage" ? "preview; convert without --no-preview" : "slices; convert with --slices";
  throw new EtlError("usage", `${row.id}: has no ${lack}, or export from the source`);
}

interface Turn {
  readonly images: readonly string[];
  readonly prompt: string;
  readonly answer: string;
  /** There is one picture for every series, whatever its length. */
  readonly single: boolean;
}

/** Parts, not tags in the text: TRL puts a picture's place before such a text once more, and its batches end there. */
function messages(_: Row, { images, prompt, answer }: Turn) {
  const text = (text: string) => ({ type: "text", text });
  const user = { role: "user", content: [...images.map(() => ({ type: "image" })), text(prompt)] };
  return { messages: [user, { role: "assistant", content: [text(answer)] }], images };
}

/** LLaVA's first loaders take the name of one picture alone; those after them a list too. */
function llava(row: Row, { images, prompt, answer, single }: Turn) {
  const human = { from: "human", value: `${"<image>\n".repeat(images.length)}${prompt}` };
  return { id: row.id, image: single ? images[0] : images, conversations: [human, { from: "gpt", value: answer }] };
}

const lines = { messages, llava };
/** Counts up when lines change, so that a folder of another form is not gone on with. */
const FORM = 2;

/** Lines of `messages` and `images`, or of `conversations` as LLaVA has them. */
export function chatFormat(style: keyof typeof lines, options: ChatOptions = {}): ExportFormat {
  const { pictures: most = SLICES, prompts = PROMPTS, seed = 0 } = options;
  const chosen = Object.keys(options).length > 0 ? `-${JSON.stringify([most, prompts, seed])}` : "";
  return {
    name: `chat-${FORM}-${style}${chosen}`,
    columns: ["id", "split", "subsets", "report", most === "montage" ? "preview" : "slices"],
    made(row) {
      const files = pictures(row, most);
      if (row.report === null) return { files, lists: [] };
      const prompt = prompts[seededHash(seed, row.id) % prompts.length]!;
      const images = files.map((file) => file.path);
      const single = most === "montage" || most === 1;
      const entry = JSON.stringify(lines[style](row, { images, prompt, answer: row.report, single }));
      const names = [row.split ?? "unlisted", ...(row.subsets ?? [])];
      return { files, lists: names.map((name): Listed => ({ file: `${name}.jsonl`, list: null, entry })) };
    },
  };
}
