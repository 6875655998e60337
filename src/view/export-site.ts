import { mkdir, readdir } from "node:fs/promises";
import path from "node:path";
import { EtlError } from "../errors.ts";
import { sweepTemporaries } from "../files/temporary-files.ts";
import { writeFault, writeWhole } from "../files/whole-file.ts";
import { assets, readAsset } from "./assets.ts";
import type { Viewed } from "./viewed.ts";

/** A page that only its own files and the Hub may answer; for hosts whose headers are not ours to set. */
const policy = (origin: string) =>
  `<meta http-equiv="content-security-policy" content="default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self' ${origin} https:; base-uri 'none'; form-action 'none'">`;

/** What a Space of kind static is described by. */
const card = (title: string, revision: string) => `---
title: ${JSON.stringify(`${title.split("/")[1]} viewer`)}
sdk: static
app_file: index.html
datasets:
- ${title}
---

The series and reports of [${title}](https://huggingface.co/datasets/${title}) at ${revision.slice(0, 7)}: the page reads
the data set's Parquet files by Range, in the browser. Made by \`voxshard view ${title} --export\`.
`;

/** Writes the page as a static folder that reads a data set's shards from the Hub. Gives the files' names. */
export async function exportSite(viewed: Viewed, endpoint: URL, folder: string): Promise<readonly string[]> {
  const { info } = viewed;
  if (info.kind !== "shards" || info.revision === "")
    throw new EtlError("usage", "--export: takes owner/name of a data set with shards on the Hub; publish it first");
  await sweepTemporaries(folder);
  const there = await readdir(folder).catch((): string[] => []);
  const written = [...Object.keys(assets), "view.json", "README.md"];
  const foreign = there.find((name) => !written.includes(name) && !name.startsWith(".git"));
  if (foreign !== undefined)
    throw new EtlError(
      "cannot-write",
      `${path.join(folder, foreign)}: is no part of a page; give a new folder to --export`,
    );
  await mkdir(folder, { recursive: true }).catch((error) => {
    throw writeFault(error, folder);
  });
  const base = new URL(`datasets/${info.title}/resolve/${info.revision}/`, endpoint).href;
  for (const name of Object.keys(assets)) {
    const content = await readAsset(name);
    const isPage = name === "index.html";
    const text = content.toString("utf8").replace("<meta charset", `${policy(endpoint.origin)}\n    <meta charset`);
    await writeWhole(path.join(folder, name), isPage ? text : content);
  }
  await writeWhole(path.join(folder, "view.json"), JSON.stringify({ ...info, base }));
  await writeWhole(path.join(folder, "README.md"), card(info.title, info.revision));
  return written;
}
