import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import sharp from "sharp";
import { transliterate } from "../../src/model/transliterate.ts";
import { writeZip, type ZipEntry } from "./zip-file.ts";

export interface PhantomOptions {
  readonly casesPerArchive?: number;
  readonly slices?: number;
  /** Height and width of a slice, in pixels. */
  readonly side?: number;
  /** Hole before each case, in bytes: makes archives large at no cost of disk. */
  readonly holeBytes?: number;
}

const archives = [
  { path: "M3D_Cap/ct_case/ct_case_00.zip", collection: "ct_case", kind: "jpeg" },
  { path: "M3D_Cap/ct_case/ct_case_01.zip", collection: "ct_case", kind: "jpeg" },
  { path: "M3D_Cap/ct_quizze/ct_quizze_00.zip", collection: "ct_quizze", kind: "png" },
] as const;
const names = ["Axial_C__portal_venous_phase", "Coronal_bone_window", "Pöschl"];

/** A repository in the layout of M3D-Cap whose pixels are drawn and whose reports are invented. */
export async function writePhantomRepo(folder: string, options: PhantomOptions = {}): Promise<void> {
  const { casesPerArchive = 4, slices = 24, side = 160, holeBytes = 0 } = options;
  const images: string[] = [];
  for (const [at, archive] of archives.entries()) {
    await mkdir(path.dirname(path.join(folder, archive.path)), { recursive: true });
    await writeZip(path.join(folder, archive.path), entries());
    async function* entries(): AsyncGenerator<ZipEntry> {
      for (let i = 0; i < casesPerArchive; i++) {
        const caseId = String(at * 400 + i * 7).padStart(6, "0");
        for (const [which, series] of names.entries()) {
          images.push(`${archive.collection}/${caseId}/${transliterate(series)}`);
          for (let n = slices - 1; n >= 0; n--) {
            const data = await drawSlice(archive.kind, side, n / slices, at * 97 + i * 13 + which);
            const first = which === 0 && n === slices - 1;
            yield { name: `${caseId}/${series}/${n}.${archive.kind}`, data, holeBefore: first ? holeBytes : 0 };
          }
        }
        yield { name: `${caseId}/text.txt`, data: Buffer.from(report(caseId)), deflate: true };
      }
    }
  }
  await writeFile(path.join(folder, "M3D_Cap", "M3D_Cap.json"), JSON.stringify(splitFile(images), undefined, 1));
  await writeFile(path.join(folder, "README.md"), "---\nlicense: other\n---\nA drawn miniature of M3D-Cap.\n");
}

/** Every fifth series is for test, every seventh for validation; the three lists are nested in test. */
function splitFile(images: readonly string[]) {
  const rows = images.map((image) => ({
    image: `M3D_Cap_npy/${image}.npy`,
    text: `M3D_Cap_npy/${path.posix.dirname(image)}/text.txt`,
  }));
  const test = rows.filter((_, at) => at % 3 === 2);
  const validation = rows.filter((_, at) => at % 3 !== 2 && at % 7 === 0);
  const train = rows.filter((row) => !test.includes(row) && !validation.includes(row));
  const part = (share: number) => test.slice(0, Math.max(1, Math.floor(test.length * share)));
  return { train, validation, test, test100: part(0.25), test500: part(0.5), test1k: part(0.75) };
}

/** An ellipse with a darker core that grows and shrinks along the series, in a little noise. */
async function drawSlice(kind: "jpeg" | "png", side: number, depth: number, seed: number): Promise<Buffer> {
  const pixels = new Uint8Array(side * side);
  let noise = (seed + 1) * 2654435761 + Math.floor(depth * 1000);
  const reach = 0.25 + 0.2 * Math.sin(Math.PI * depth);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      noise = (Math.imul(noise, 1664525) + 1013904223) >>> 0;
      const [dy, dx] = [y / side - 0.5, x / side - 0.5 + (seed % 5) / 50];
      const radius = (dy * dy + dx * dx * 1.7) / (reach * reach);
      if (radius < 1) pixels[y * side + x] = (radius < 0.2 ? 90 : 150) + (noise >>> 28) + (seed % 40);
    }
  const image = sharp(pixels, { raw: { width: side, height: side, channels: 1 } }).toColourspace("b-w");
  return kind === "jpeg" ? image.jpeg({ quality: 90 }).toBuffer() : image.png({ compressionLevel: 6 }).toBuffer();
}

function report(caseId: string): string {
  return `Title:Phantom ${caseId}\n\n\npresentation:Drawn for a test.\n\n\npatient:Age:60 years\nGender:Female\n\n\ndiscussion:\nNobody was scanned.\n\n\n\nstudy_findings:\nAn ellipse of case ${caseId} is seen.\nIts core is darker.\n`;
}
