import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { crc32 } from "node:zlib";
import { writeZip, type ZipEntry } from "../../devkit/phantoms/zip-writer.ts";

export interface Drawn {
  readonly archives: number;
  readonly casesPerArchive: number;
  /** Slices of the n-th case's one series. */
  readonly slices: (n: number) => number;
  /** Every slice's bytes; without it, 80,000 zeros that lie on disk as a hole: for reading, not for decoding. */
  readonly slice?: Uint8Array;
  /** Members of each archive that belong to no series and take up no disk, so that its directory is long. */
  readonly strangers?: number;
  /** Cases of the test lists: the first so many, taken from all archives in turn. */
  readonly listed?: number;
}

/** The mean size of a slice of M3D-Cap. */
const SLICE_BYTES = 80_000;

/** A repository of archives in M3D-Cap's layout whose slices are all alike; returns its bytes. */
export async function drawArchives(folder: string, drawn: Drawn): Promise<number> {
  const { archives, casesPerArchive, slices, strangers = 0 } = drawn;
  const hole = { hole: SLICE_BYTES, crc: crc32(Buffer.alloc(SLICE_BYTES)) };
  const slice = drawn.slice ? { data: drawn.slice, crc: crc32(drawn.slice) } : hole;
  const rows: { image: string; text: string }[][] = [];
  let bytes = 0;
  for (let archive = 0; archive < archives; archive++) {
    const file = path.join(folder, `M3D_Cap/ct_case/ct_case_${String(archive).padStart(2, "0")}.zip`);
    await mkdir(path.dirname(file), { recursive: true });
    const entries: ZipEntry[] = [];
    for (let at = 0; at < casesPerArchive; at++) {
      const id = String(archive * casesPerArchive + at).padStart(6, "0");
      for (let n = 0; n < slices(archive * casesPerArchive + at); n++)
        entries.push({ name: `${id}/Axial_non_contrast/${n}.jpeg`, ...slice });
      entries.push({ name: `${id}/text.txt`, data: `Study Findings\nnothing in ${id}` });
      const base = `M3D_Cap_npy/ct_case/${id}`;
      (rows[at] ??= []).push({ image: `${base}/Axial_non_contrast.npy`, text: `${base}/text.txt` });
    }
    for (let n = 0; n < strangers; n++) entries.push({ name: `strangers/Axial_non_contrast/${n}.jpeg`, ...hole });
    bytes += await writeZip(file, entries);
  }
  const test = rows.flat().slice(0, drawn.listed);
  const lists = { train: [], validation: [], test, test100: test.slice(0, 100), test500: [], test1k: [] };
  await writeFile(path.join(folder, "M3D_Cap/M3D_Cap.json"), JSON.stringify(lists));
  return bytes;
}
