import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import sharp from "sharp";
import { writeZip } from "../../devkit/phantoms/zip-writer.ts";

/** A case of one series: what its slices' pixels and its report are made from. */
export interface DrawnCase {
  readonly id: string;
  readonly split: "train" | "test";
  readonly gray?: number;
  readonly report?: string;
}
/** Cases by archive, as `ct_case/ct_case_00`. */
export type Revision = Readonly<Record<string, readonly DrawnCase[]>>;

const SERIES = "Axial_non_contrast";
const SLICES = 4;

/** Writes a revision of a data set in place of another; `reversed` puts every member elsewhere in its archive. */
export async function writeRevision(folder: string, revision: Revision, reversed = false): Promise<void> {
  await rm(path.join(folder, "M3D_Cap"), { recursive: true, force: true });
  const lists: Record<string, { image: string; text: string }[]> = { train: [], validation: [], test: [] };
  for (const [archive, cases] of Object.entries(revision)) {
    const [collection] = archive.split("/");
    const entries: { name: string; data: Buffer }[] = [];
    for (const { id, split, gray = Number(id), report = "a lesion in the liver" } of cases) {
      const place = `M3D_Cap_npy/${collection}/${id}`;
      lists[split]!.push({ image: `${place}/${SERIES}.npy`, text: `${place}/text.txt` });
      for (let n = 0; n < SLICES; n++)
        entries.push({ name: `${id}/${SERIES}/${n}.png`, data: await slice(gray * 7 + n) });
      entries.push({ name: `${id}/text.txt`, data: Buffer.from(`study_findings: ${report} of ${id}`) });
    }
    const file = path.join(folder, "M3D_Cap", `${archive}.zip`);
    await mkdir(path.dirname(file), { recursive: true });
    await writeZip(file, reversed ? entries.reverse() : entries);
  }
  await writeFile(path.join(folder, "M3D_Cap", "M3D_Cap.json"), JSON.stringify(lists));
}

/** Without compression, so that other pixels are as many bytes. */
function slice(gray: number): Promise<Buffer> {
  const pixels = Buffer.from(Array.from({ length: 144 }, (_, at) => (at * 5 + gray) % 251));
  const raw = { width: 12, height: 12, channels: 1 } as const;
  return sharp(pixels, { raw }).toColourspace("b-w").png({ compressionLevel: 0 }).toBuffer();
}

const cases = (split: DrawnCase["split"], ...numbers: readonly number[]): DrawnCase[] =>
  numbers.map((number) => ({ id: String(number).padStart(6, "0"), split }));

export const first: Revision = {
  "ct_case/ct_case_00": cases("train", 1, 2, 3, 4, 5, 6, 8, 9),
  "ct_case/ct_case_01": cases("train", 401, 402, 403, 404),
  "ct_quizze/ct_quizze_00": cases("test", 1, 2, 3, 4, 5, 6),
};
/** 000003 has other pixels, 000402 is gone, 000007 has come and an archive with two, a report of the quizzes is another. */
export const second: Revision = {
  "ct_case/ct_case_00": [
    ...cases("train", 1, 2),
    { id: "000003", split: "train", gray: 99 },
    ...cases("train", 4, 5, 6, 7, 8, 9),
  ],
  "ct_case/ct_case_01": cases("train", 401, 403, 404),
  "ct_case/ct_case_02": cases("train", 801, 802),
  "ct_quizze/ct_quizze_00": [
    ...cases("test", 1, 2, 3, 4),
    { id: "000005", split: "test", report: "nothing" },
    ...cases("test", 6),
  ],
};
/** What the second brings, by id. */
export const brought = {
  came: ["ct_case/000007", "ct_case/000801", "ct_case/000802"].map((name) => `${name}/${SERIES}`),
  went: [`ct_case/000402/${SERIES}`],
  changed: [`ct_case/000003/${SERIES}`, `ct_quizze/000005/${SERIES}`],
};
