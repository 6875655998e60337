import { Readable } from "node:stream";
import type { ContentProvider } from "../hub/content.ts";
import { MadeUpSlices } from "./made-up-slice.ts";
import { type MadeUpFolder, MadeUpZip } from "./made-up-zip.ts";
import { randomFrom, shuffled } from "./random.ts";

export interface MadeUpOptions {
  readonly archives: number;
  readonly membersPerArchive: number;
  readonly casesPerArchive: number;
  /** Of all archives together. */
  readonly series: number;
}

/** M3D-Cap as its authors count it: 42,496 cases in 83 archives, 120,092 series, and slices to make 12 million members. */
const FULL_SIZE: MadeUpOptions = {
  archives: 83,
  membersPerArchive: 145_000,
  casesPerArchive: 512,
  series: 120_092,
};

/** The same with fewer archives, and so fewer series. */
export const partOf = (archives: number): MadeUpOptions => ({
  ...FULL_SIZE,
  archives,
  series: Math.round((FULL_SIZE.series * archives) / FULL_SIZE.archives),
});

const NAMES = [
  "Axial_C__portal_venous_phase",
  "Coronal_C__portal_venous_phase",
  "Axial_non_contrast",
  "Sagittal_bone_window",
  "Axial_lung_window",
  "Coronal_renal_cortical_phase",
  "AXIAL_THICK_BRAIN_None",
  "_non_contrast",
];

export interface MadeUpRepo extends ContentProvider {
  readonly members: number;
  /** Of all archives' central directories together. */
  readonly directoryBytes: number;
}

/** A data set of any size that takes up no disk: archives are made up as they are read, each byte a function of its place. */
export async function madeUpRepo(options: MadeUpOptions, slices?: MadeUpSlices): Promise<MadeUpRepo> {
  const made = slices ?? (await MadeUpSlices.create());
  const zips = new Map<string, MadeUpZip>();
  const images: { image: string; text: string }[] = [];
  for (let at = 0; at < options.archives; at++) {
    const collection = at % 2 === 0 ? "ct_case" : "ct_quizze";
    const folders = foldersOf(options, at);
    for (const { prefix, slices } of folders) {
      const [caseId, series] = prefix.split("/");
      const folder = `M3D_Cap_npy/${collection}/${caseId}`;
      if (slices > 0) images.push({ image: `${folder}/${series}.npy`, text: `${folder}/text.txt` });
    }
    const name = `${collection}_${String(at >> 1).padStart(2, "0")}`;
    zips.set(`M3D_Cap/${collection}/${name}.zip`, new MadeUpZip(folders, made));
  }
  const lists = Buffer.from(JSON.stringify(splitFile(images)));
  const files = [...zips].map(([path, { byteLength }]) => ({ path, size: byteLength, version: "made up" }));
  return {
    members: sum([...zips.values()].map((zip) => zip.members)),
    directoryBytes: sum([...zips.values()].map((zip) => zip.directoryBytes)),
    list: async () => [...files, { path: "M3D_Cap/M3D_Cap.json", size: lists.length }],
    read: (path, start, end) => Readable.from(zips.get(path)?.read(start, end) ?? [lists.subarray(start, end)]),
  };
}

/** Cases one after the other: two or three series, then the report. Slices differ by series and fill up the archive. */
function foldersOf(
  { archives, membersPerArchive, casesPerArchive, series }: MadeUpOptions,
  at: number,
): MadeUpFolder[] {
  const own = share(series, archives, at);
  const random = randomFrom(`archive ${at}`);
  const weights = Array.from({ length: own }, () => 0.6 + 0.8 * random());
  const each = (membersPerArchive - casesPerArchive) / sum(weights);
  const folders: MadeUpFolder[] = [];
  let [done, weight, given] = [0, 0, 0];
  for (let nth = 0; nth < casesPerArchive; nth++) {
    const caseId = String((at >> 1) * casesPerArchive + nth).padStart(6, "0");
    for (let left = share(own, casesPerArchive, nth); left > 0; left--) {
      weight += weights[done++]!;
      const upTo = Math.round(weight * each);
      folders.push({ prefix: `${caseId}/${NAMES[(nth + left) % NAMES.length]}/`, slices: upTo - given });
      given = upTo;
    }
    folders.push({ prefix: `${caseId}/`, slices: 0 });
  }
  return folders;
}

/** What the nth of so many gets of a total, as evenly as can be. */
const share = (total: number, parts: number, nth: number) =>
  Math.floor((total * (nth + 1)) / parts) - Math.floor((total * nth) / parts);

/** 2,000 for test and 3,000 for validation, as published, or their parts of a smaller set. */
function splitFile(images: readonly { image: string; text: string }[]) {
  const mixed = shuffled(images, randomFrom("splits"));
  const [test, validation] = [2000, 3000].map((most) => Math.min(most, images.length >> 2)) as [number, number];
  const first = (count: number) => mixed.slice(0, Math.min(count, test));
  return {
    train: mixed.slice(test + validation),
    validation: mixed.slice(test, test + validation),
    test: first(2000),
    test100: first(100),
    test500: first(500),
    test1k: first(1000),
  };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
