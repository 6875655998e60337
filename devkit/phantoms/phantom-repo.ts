import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import sharp from "sharp";
import { anatomy, drawSlice } from "./draw.ts";
import { reportText } from "./report-text.ts";
import { splitFile } from "./split-lists.ts";
import { writeZip, type ZipEntry, type ZipOptions } from "./zip-writer.ts";

export interface PhantomOptions {
  /** Two of three are of ct_case; default 3. */
  readonly archives?: number;
  readonly casesPerArchive?: number;
  readonly seriesPerCase?: number;
  readonly slices?: number;
  readonly height?: number;
  readonly width?: number;
  readonly seed?: string | number;
  /** Makes each archive so many bytes longer, by holes between its cases that take up no disk. */
  readonly pad?: number;
  /** Series that the split file does not name. */
  readonly unlisted?: number;
  /** Draws so many slices and uses them again and again: quick, where a large repository matters and its pixels do not. */
  readonly drawn?: number;
  readonly zip?: ZipOptions;
}

/** A series as it was written. */
export interface PhantomSeries {
  readonly archive: string;
  readonly collection: "ct_case" | "ct_quizze";
  readonly caseId: string;
  readonly series: string;
  readonly slices: number;
  /** The split file's key. */
  readonly image: string;
}

type Plan = Required<Omit<PhantomOptions, "zip">>;

const NAMES = [
  "Axial_C__portal_venous_phase",
  "Coronal_bone_window",
  "Sagittal_non_contrast",
  "Axial_lung_window",
  "_3D_VR",
  "AXIAL_THICK_BRAIN_None",
];
/** The one name outside ASCII; the split file spells it without the umlaut. */
const FOREIGN = "Axial_Pöschl";

/** Writes a repository in the layout of M3D-Cap with pixels and reports that are drawn and invented, and lists its series. */
export async function writePhantomRepo(dir: string, options: PhantomOptions = {}): Promise<PhantomSeries[]> {
  const plan: Plan = {
    archives: 3,
    casesPerArchive: 4,
    seriesPerCase: 2,
    slices: 28,
    height: 144,
    width: 160,
    seed: 1,
    pad: 0,
    unlisted: 0,
    drawn: Number.POSITIVE_INFINITY,
    ...options,
  };
  const all: PhantomSeries[] = [];
  const numbers = { ct_case: 0, ct_quizze: 0 };
  for (let at = 0; at < plan.archives; at++) {
    const collection = at % 3 === 2 ? "ct_quizze" : "ct_case";
    const number = numbers[collection]++;
    const archive = `M3D_Cap/${collection}/${collection}_${String(number).padStart(2, "0")}.zip`;
    const series = seriesOf(plan, archive, collection, number);
    await mkdir(path.dirname(path.join(dir, archive)), { recursive: true });
    await writeZip(path.join(dir, archive), members(plan, series), options.zip);
    all.push(...series);
  }
  await writeFile(
    path.join(dir, "M3D_Cap/M3D_Cap.json"),
    JSON.stringify(splitFile(all, `${plan.seed}`, plan.unlisted)),
  );
  await writeFile(path.join(dir, "README.md"), README);
  await writeFile(path.join(dir, ".gitattributes"), "*.zip filter=lfs diff=lfs merge=lfs -text\n");
  return all;
}

function seriesOf(
  plan: Plan,
  archive: string,
  collection: PhantomSeries["collection"],
  number: number,
): PhantomSeries[] {
  return Array.from({ length: plan.casesPerArchive * plan.seriesPerCase }, (_, at) => {
    const [nth, which] = [Math.floor(at / plan.seriesPerCase), at % plan.seriesPerCase];
    const caseId = String(number * 400 + nth * 7 + 6).padStart(6, "0");
    const plain = NAMES[(nth + which) % NAMES.length]! + (which < NAMES.length ? "" : `_${which}`);
    const foreign = collection === "ct_case" && number === 0 && at === 1;
    const series = foreign ? FOREIGN : plain;
    const image = `M3D_Cap_npy/${collection}/${caseId}/${series.replace("ö", "o")}.npy`;
    // Lengths differ a little, as they do in life.
    return { archive, collection, caseId, series, image, slices: Math.max(1, plan.slices - 4 + ((at * 5) % 9)) };
  });
}

/** An archive's entries: a case's series one after the other, then its report. */
async function* members(plan: Plan, all: readonly PhantomSeries[]): AsyncGenerator<ZipEntry> {
  const gap = Math.floor(plan.pad / plan.casesPerArchive);
  for (const [at, series] of all.entries()) {
    const firstOfCase = at % plan.seriesPerCase === 0;
    for await (const [n, slice] of slicesOf(plan, series, at))
      yield n === 0 && firstOfCase ? { ...slice, gapBefore: gap } : slice;
    if ((at + 1) % plan.seriesPerCase > 0) continue;
    const seed = `${plan.seed} ${series.collection} ${series.caseId}`;
    // The quizzes' last case has no findings, so that its report falls back to the discussion.
    const short = series.collection === "ct_quizze" && at + 1 === all.length;
    yield { name: `${series.caseId}/text.txt`, data: reportText(seed, short), method: "deflate" };
  }
}

async function* slicesOf(plan: Plan, series: PhantomSeries, at: number): AsyncGenerator<[number, ZipEntry]> {
  const extension = series.collection === "ct_case" ? "jpeg" : "png";
  if (plan.drawn < series.slices) {
    const few = drawnOnce(plan, series, extension);
    for (let n = 0; n < series.slices; n++)
      yield [n, { name: `${series.caseId}/${series.series}/${n}.${extension}`, data: (await few)[n % plan.drawn]! }];
    return;
  }
  const seed = `${plan.seed} ${series.image}`;
  const body = anatomy(seed);
  for (let n = 0; n < series.slices; n++) {
    // One slice of the first archive's third series is of another size than the rest.
    const odd = at === 2 && n === 1 && series.archive.endsWith("ct_case_00.zip") ? 16 : 0;
    const size = { height: plan.height + odd, width: plan.width };
    const pixels = drawSlice(body, ((n + 0.5) / series.slices) * 2 - 1, size, `${seed} ${n}`);
    const data = await encode(pixels, size, extension);
    yield [n, { name: `${series.caseId}/${series.series}/${n}.${extension}`, data }];
  }
}

const once = new Map<string, Promise<Buffer[]>>();

function drawnOnce({ drawn, ...size }: Plan, { collection }: PhantomSeries, extension: "jpeg" | "png") {
  const key = `${collection} ${drawn} ${size.height} ${size.width}`;
  let all = once.get(key);
  if (!all) {
    const body = anatomy(key);
    const slice = (n: number) => drawSlice(body, ((n + 0.5) / drawn) * 2 - 1, size, `${key} ${n}`);
    all = Promise.all(Array.from({ length: drawn }, (_, n) => encode(slice(n), size, extension)));
    once.set(key, all);
  }
  return all;
}

function encode(
  pixels: Buffer,
  { height, width }: { height: number; width: number },
  extension: "jpeg" | "png",
): Promise<Buffer> {
  const image = sharp(pixels, { raw: { height, width, channels: 1 } }).toColourspace("b-w");
  return (extension === "jpeg" ? image.jpeg({ quality: 90 }) : image.png({ compressionLevel: 6 })).toBuffer();
}

const README = `---
license: cc0-1.0
task_categories:
  - image-to-text
tags:
  - phantom
---

# Phantoms in the layout of M3D-Cap

Ellipsoids with noise, and invented reports. No patient, no scan.
`;
