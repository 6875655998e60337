import { readFileSync } from "node:fs";
import type { z } from "zod";
import { EtlError } from "../errors.ts";
import { textOf as decoded } from "../files/read-file.ts";
import { type Layout, layouts } from "../model/layout.ts";
import { Output, Selection } from "../model/selection.ts";
import type { FlagName, Given } from "./flags.ts";

export function selectionOf(given: Given): Selection {
  if (given.text("limit") !== undefined && given.text("sample") !== undefined)
    throw new EtlError("usage", "--limit and --sample: give one of them");
  if (
    given.text("seed") !== undefined &&
    given.text("sample") === undefined &&
    given.text("order") !== "shuffle" &&
    given.text("to") !== "chat"
  )
    throw new EtlError("usage", "--seed goes with --sample or with --order shuffle");
  return checked(Selection, {
    splits: given.list("split"),
    collections: given.list("collection"),
    planes: given.list("plane").map((plane) => plane.toLowerCase()) as Selection["planes"],
    phases: given.list("phase"),
    cases: given.list("case"),
    exclude: idsOf(given),
    unlisted: given.on("unlisted"),
    limit: given.count("limit", 1, null),
    sample: given.count("sample", 1, null),
    seed: given.text("sample") === undefined ? 0 : given.count("seed", 0, 0),
  });
}

/** A row group above this is more than the Hub's viewer reads at once with room to spare. */
const MAX_ROW_GROUP_BYTES = 100_000_000;

export function outputOf(given: Given): Output {
  const rowGroupBytes = bytesOf("row-group-size", given.text("row-group-size") ?? "8MB");
  if (rowGroupBytes > MAX_ROW_GROUP_BYTES)
    throw new EtlError("usage", "--row-group-size: at most 100MB; the Hub's viewer cannot read larger groups");
  const dtype = given.text("dtype");
  if (dtype !== undefined && (given.text("volume") ?? "m3d") !== "m3d")
    throw new EtlError("usage", "--dtype goes with --volume m3d; native volumes are uint8");
  if (given.text("size") !== undefined && (given.text("volume") ?? "m3d") !== "m3d")
    throw new EtlError("usage", "--size goes with --volume m3d; native volumes keep their own");
  const splitBy = given.text("split-by");
  if (splitBy !== undefined && splitBy !== "case")
    throw new EtlError("usage", `--split-by ${splitBy}: the only choice is case`);
  const codec = given.text("codec");
  if (codec !== undefined && given.text("format")?.startsWith("arrow"))
    throw new EtlError("usage", "--codec goes with --format parquet; Arrow files are not compressed");
  if (given.text("parquet-engine") === "parquetjs-lite" && (codec === "lz4" || codec === "zstd"))
    throw new EtlError("usage", `--codec ${codec}: parquetjs-lite knows snappy, gzip and none`);
  const named = {
    format: given.text("format"),
    engine: given.text("parquet-engine"),
    volume: given.text("volume"),
    dtype,
    codec,
    order: given.text("order"),
    size: sizeOf(given.text("size")),
  };
  return checked(Output, {
    ...Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined)),
    slices: given.on("slices"),
    preview: !given.on("no-preview"),
    shardBytes: bytesOf("shard-size", given.text("shard-size") ?? "500MB"),
    rowGroupBytes,
    seed: given.text("order") === "shuffle" ? given.count("seed", 0, 0) : 0,
    splitByCase: splitBy === "case",
  });
}

/** Most voxels of a volume: a row has to fit a Parquet page and an Arrow batch with room to spare. */
const MAX_VOXELS = 256 << 20;

function sizeOf(text: string | undefined): number[] | undefined {
  if (text === undefined) return undefined;
  const sides = text.split(",").map(Number);
  const voxels = sides.reduce((product, side) => product * side, 1);
  if (!/^[1-9]\d*(,[1-9]\d*){2}$/.test(text) || voxels > MAX_VOXELS)
    throw new EtlError(
      "usage",
      `--size ${text}: give three whole numbers such as 128,256,256, at most ${MAX_VOXELS} voxels`,
    );
  return sides;
}

/** The layout that is forced, or undefined. */
export function layoutOf(given: Given): Layout {
  const name = given.text("layout");
  const layout = layouts.find((one) => one === name);
  if (name !== undefined && !layout) throw new EtlError("usage", `--layout ${name}: choose ${layouts.join(", ")}`);
  return layout;
}

/** The table that --join names, or undefined. */
export function vqaOf(given: Given): string | undefined {
  const join = given.text("join");
  if (join !== undefined && !/^vqa=./.test(join)) throw new EtlError("usage", `--join ${join}: give vqa=FILE`);
  return join?.slice("vqa=".length);
}

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  // What was given in the list; else the message has it.
  const listed = path.length > 1 ? ` ${Object(Object(value)[path[0]!])[path[1]!]}` : "";
  throw new EtlError("usage", `--${String(path[0]).replace(/s$/, "")}${listed}: ${message}; see --help`);
}

export function bytesOf(name: FlagName, text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(k|M|G|T)?(i?B)?$/i.exec(text);
  const power = { k: 1, m: 2, g: 3, t: 4 }[match?.[2]?.toLowerCase() ?? ""] ?? 0;
  const bytes = match ? Math.round(Number(match[1]) * (match[3]?.toLowerCase() === "ib" ? 1024 : 1000) ** power) : 0;
  if (bytes < 1) throw new EtlError("usage", `--${name} ${text}: give a size such as 500MB or 64MiB`);
  return bytes;
}

/** The ids in the file that `--exclude` names, one a line. */
export const idsOf = (given: Given) => linesOf(given, "exclude");

/** The lines of a file that a flag names, without empty ones and those that begin with #. */
export function linesOf(given: Given, name: FlagName): string[] {
  const file = given.text(name);
  if (file === undefined) return [];
  return textOf(name, file)
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

export function textOf(name: FlagName, file: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new EtlError("usage", `--${name} ${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`, error);
  }
  try {
    return decoded(bytes);
  } catch (error) {
    throw new EtlError("usage", `--${name} ${file}: is not UTF-8 text; save it as UTF-8`, error);
  }
}
