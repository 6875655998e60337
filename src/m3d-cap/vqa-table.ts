import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { parse } from "csv-parse";
import { EtlError } from "../errors.ts";
import type { ByteRange } from "../model/byte-range.ts";
import type { Question } from "../model/row.ts";

/** M3D-VQA's questions by the split file's `image` string. */
export interface VqaTable {
  readonly sha256: string;
  readonly questions: number;
  readonly byImage: ReadonlyMap<string, readonly Question[]>;
}

/** The table's column of each field, as the authors write it. */
const COLUMNS: Readonly<Record<keyof Question, string>> = {
  question_type: "Question Type",
  question: "Question",
  choice_a: "Choice A",
  choice_b: "Choice B",
  choice_c: "Choice C",
  choice_d: "Choice D",
  answer: "Answer",
  answer_choice: "Answer Choice",
};
const IMAGE = "Image Path";
/** Twice the questions of the whole of M3D-VQA. */
const MAX_QUESTIONS = 1_000_000;
/** A question has some 300 bytes; a quote that is never closed would take the file for one. */
export const MAX_QUESTION_BYTES = 64 << 10;

/** Where a table may lie besides the local disk: files by their paths. */
interface Files {
  readonly name: string;
  file(path: string): { readonly byteLength: number; read(range: ByteRange): AsyncIterable<Uint8Array> } | undefined;
}

/** Reads a table of M3D-VQA: a local file, or a path inside the source. Every value stays a string, "NA" too. */
export async function readVqaTable(where: string, source: Files, signal?: AbortSignal): Promise<VqaTable> {
  const hash = createHash("sha256");
  const byImage = new Map<string, Question[]>();
  let questions = 0;
  const columns = (header: string[]) => checkedHeader(header, where);
  const parser = parse({ bom: true, columns, max_record_size: MAX_QUESTION_BYTES });
  async function* hashed(chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      yield chunk;
    }
  }
  try {
    await pipeline(
      chunksOf(where, source),
      hashed,
      parser,
      async (records: AsyncIterable<Record<string, string>>) => {
        for await (const record of records) {
          const list = byImage.get(record[IMAGE]!) ?? [];
          list.push(question(record));
          byImage.set(record[IMAGE]!, list);
          if (++questions > MAX_QUESTIONS)
            throw new EtlError("bad-table", `${where}: more than ${MAX_QUESTIONS} questions`);
        }
      },
      { signal },
    );
  } catch (error) {
    if (error instanceof EtlError || signal?.aborted) throw error;
    throw new EtlError(
      "bad-table",
      `${where}: not a table of M3D-VQA: ${(error as Error).message.slice(0, 200)}`,
      error,
    );
  }
  return { sha256: hash.digest("hex"), questions, byImage };
}

function chunksOf(where: string, source: Files): AsyncIterable<Uint8Array> {
  if (existsSync(where)) return createReadStream(where);
  const file = source.file(where);
  if (file) return file.read({ start: 0, end: file.byteLength });
  throw new EtlError("source-not-found", `--join vqa=${where}: neither a local file nor a path in ${source.name}`);
}

function checkedHeader(header: string[], where: string): string[] {
  const missing = [IMAGE, ...Object.values(COLUMNS)].filter((name) => !header.includes(name));
  if (missing.length > 0) throw new EtlError("bad-table", `${where}: has no column ${missing.join(", ")}`);
  return header;
}

function question(record: Readonly<Record<string, string>>): Question {
  const fields = Object.entries(COLUMNS).map(([field, column]) => [field, record[column] ?? null]);
  return Object.fromEntries(fields) as Question;
}
