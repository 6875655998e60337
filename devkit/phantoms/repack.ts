import { createWriteStream } from "node:fs";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip, gzipSync } from "node:zlib";
import tar from "tar-stream";
import yauzl from "yauzl";
import { zipBuffer } from "./zip-writer.ts";

export type RepackLayout = "tar" | "tar.gz" | "tar.gz in parts" | "WebDataset" | "loose" | "zip in a folder";

interface File {
  readonly name: string;
  readonly data: Buffer;
}

/** Copies a phantom repository, its ZIP archives as another layout with the same content. */
export async function repack(from: string, to: string, layout: RepackLayout): Promise<void> {
  await cp(from, to, { recursive: true });
  const names = await readdir(to, { recursive: true });
  for (const name of names.filter((one) => one.endsWith(".zip"))) {
    const archive = path.join(to, name);
    const files = await filesOf(archive);
    await rm(archive);
    await pack(archive.slice(0, -".zip".length), files, layout);
  }
}

async function pack(stem: string, files: readonly File[], layout: RepackLayout): Promise<void> {
  const collection = path.basename(stem).replace(/_\d+$/, "");
  if (layout === "loose") {
    for (const { name, data } of files) {
      const file = path.join(path.dirname(stem), name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, data);
    }
  } else if (layout === "zip in a folder") {
    const entries = files.map(({ name, data }) => ({ name: `${collection}/${name}`, data }));
    await writeFile(`${stem}.zip`, zipBuffer(entries));
  } else if (layout === "WebDataset") await writeTar(`${stem}.tar`, files.flatMap(keyed));
  else if (layout === "tar")
    await writeTar(
      `${stem}.tar`,
      files.map((file) => ({ ...file, name: `./${file.name}` })),
    );
  else {
    await writeTar(`${stem}.tar.gz`, files, createGzip());
    if (layout === "tar.gz in parts") await cutUp(`${stem}.tar.gz`);
  }
}

/** `case/series/3.jpeg` → `case/series.3.jpeg`; every key has its own copy of the report. */
function keyed({ name, data }: File, _: number, all: readonly File[]): File[] {
  const [caseId, series, slice] = name.split("/");
  if (slice !== undefined) return [{ name: `${caseId}/${series}.${slice}`, data }];
  const ofCase = all.map((one) => one.name.split("/")).filter((parts) => parts[0] === caseId && parts.length === 3);
  return [...new Set(ofCase.map((parts) => parts[1]))].map((key) => ({ name: `${caseId}/${key}.txt`, data }));
}

async function writeTar(file: string, files: readonly File[], through?: NodeJS.ReadWriteStream): Promise<void> {
  const packer = tar.pack();
  const written = through
    ? pipeline(packer, through, createWriteStream(file))
    : pipeline(packer, createWriteStream(file));
  for (const { name, data } of files) packer.entry({ name, mtime: new Date(0) }, data);
  packer.finalize();
  await written;
}

/** Three pieces; behind the last, a second gzip member that holds nothing. */
async function cutUp(file: string): Promise<void> {
  const bytes = Buffer.concat([await readFile(file), gzipSync("")]);
  const third = Math.ceil(bytes.length / 3);
  for (let at = 0; at < 3; at++) await writeFile(`${file}.part-0${at}`, bytes.subarray(at * third, (at + 1) * third));
  await rm(file);
}

async function filesOf(archive: string): Promise<File[]> {
  const files: File[] = [];
  const zip = await yauzl.openPromise(archive, { lazyEntries: true });
  for await (const entry of zip.eachEntry()) {
    const parts: Uint8Array[] = [];
    for await (const part of await zip.openReadStreamPromise(entry)) parts.push(part as Uint8Array);
    files.push({ name: entry.fileName, data: Buffer.concat(parts) });
  }
  return files;
}
