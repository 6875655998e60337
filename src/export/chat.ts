import { EtlError } from "../errors.ts";
import type { Row } from "../model/row.ts";
import { seededHash } from "../plan/plan-shards.ts";
import type { ExportFormat, Listed, TreeFile } from "./export-format.ts";

/** Slices of a series that the model is shown. */
const SLICES = 8;
const PROMPTS = [
  "Describe the findings of this CT scan.",
  "What are the findings in these slices of a CT scan?",
  "Write the findings of a radiology report for this CT scan.",
  "Which findings do these slices show?",
  "Report what this scan shows.",
];

/** At even distances, as in the preview's montage. */
function evenly(slices: NonNullable<Row["slices"]>): NonNullable<Row["slices"]> {
  const count = Math.min(SLICES, slices.length);
  return Array.from({ length: count }, (_, at) => slices[Math.floor(((2 * at + 1) * slices.length) / (2 * count))]!);
}

function extensionOf(bytes: Uint8Array): string {
  return bytes[0] === 0xff && bytes[1] === 0xd8 ? "jpg" : "png";
}

/** The pictures as the source has them, nothing encoded again. */
function pictures(row: Row): readonly TreeFile[] {
  const found = evenly(row.slices ?? []).map(({ bytes }, at) => {
    if (!bytes) throw new EtlError("bad-member", `${row.id}: a slice has no bytes; convert it again`);
    return { path: `images/${row.id}/${at}.${extensionOf(bytes)}`, bytes };
  });
  if (found.length === 0)
    throw new EtlError("usage", `${row.id}: has no slices; convert with --slices, or export from the source`);
  return found;
}

function messages(_: Row, images: readonly string[], prompt: string, answer: string) {
  const user = { role: "user", content: `${"<image>".repeat(images.length)}${prompt}` };
  return { messages: [user, { role: "assistant", content: answer }], images };
}

function llava(row: Row, images: readonly string[], prompt: string, answer: string) {
  const human = { from: "human", value: `${"<image>\n".repeat(images.length)}${prompt}` };
  return { id: row.id, image: images, conversations: [human, { from: "gpt", value: answer }] };
}

function styled(style: string, line: typeof messages | typeof llava): ExportFormat {
  return {
    name: `chat-${style}`,
    columns: ["id", "split", "subsets", "report", "slices"],
    made(row) {
      const files = pictures(row);
      if (row.report === null) return { files, lists: [] };
      const prompt = PROMPTS[seededHash(0, row.id) % PROMPTS.length]!;
      const images = files.map((file) => file.path);
      const entry = JSON.stringify(line(row, images, prompt, row.report));
      const names = [row.split ?? "unlisted", ...(row.subsets ?? [])];
      return { files, lists: names.map((name): Listed => ({ file: `${name}.jsonl`, list: null, entry })) };
    },
  };
}

/** Lines of `messages` and `images`. */
export const chat = styled("messages", messages);
/** Lines of `conversations`, as LLaVA has them. */
export const chatLlava = styled("llava", llava);
