import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import type { z } from "zod";
import { EtlError } from "../errors.ts";
import { type Layout, layouts } from "../model/layout.ts";
import { Output, Selection } from "../model/selection.ts";

/** Every flag of every command: its kind, and its line of help. */
const flags = {
  out: { type: "string", help: "--out DIR              folder for shards, index, rejects and card" },
  split: {
    type: "string",
    multiple: true,
    help: "--split NAME           train, validation, test, test100, test500, test1k; repeatable",
  },
  collection: { type: "string", multiple: true, help: "--collection NAME      ct_case or ct_quizze; repeatable" },
  plane: { type: "string", multiple: true, help: "--plane NAME           axial, coronal or sagittal; repeatable" },
  phase: { type: "string", multiple: true, help: "--phase NAME           as the phase column has it; repeatable" },
  case: { type: "string", multiple: true, help: "--case ID              000006 or ct_case/000006; repeatable" },
  limit: { type: "string", help: "--limit N              the first N series by id in each split" },
  sample: { type: "string", help: "--sample N             N series of each split, drawn by --seed" },
  exclude: { type: "string", help: "--exclude FILE         ids to leave out, one a line" },
  unlisted: { type: "boolean", help: "--unlisted             also series that the split file does not name" },
  "split-file": {
    type: "string",
    help: "--split-file FILE      your own lists: JSON like M3D_Cap.json, or CSV id,split",
  },
  "split-by": {
    type: "string",
    help: "--split-by case        a column split_by_case: one split for all series of a case",
  },
  join: {
    type: "string",
    help: "--join vqa=FILE        M3D-VQA's questions as a column; a file, or a path in the source",
  },
  size: { type: "string", help: "--size D,H,W           of m3d volumes; 32,256,256" },
  order: { type: "string", help: "--order NAME           archive (default) or shuffle: cases mixed across archives" },
  seed: { type: "string", help: "--seed N               for --sample and --order shuffle; 0" },
  format: { type: "string", help: "--format NAME          parquet (default) or arrow" },
  "parquet-engine": { type: "string", help: "--parquet-engine NAME  hyparquet-writer (default) or parquetjs-lite" },
  volume: { type: "string", help: "--volume KIND          m3d (default), native or none" },
  dtype: { type: "string", help: "--dtype NAME           float32 (default), float16 or uint8, for m3d" },
  slices: { type: "boolean", help: "--slices               keep the original encoded slices" },
  "no-preview": { type: "boolean", help: "--no-preview           leave out the preview image" },
  "shard-size": { type: "string", help: "--shard-size SIZE      bytes a shard, before compression; 500MB" },
  "row-group-size": {
    type: "string",
    help: "--row-group-size SIZE  bytes a row group or record batch; 64MB, at most 100MB",
  },
  codec: { type: "string", help: "--codec NAME           snappy (default), gzip or none" },
  workers: { type: "string", help: `--workers N            decoding threads; ${availableParallelism()} here` },
  layout: { type: "string", help: "--layout NAME          zip, tar, tar.gz or loose; else by the files' names" },
  connections: {
    type: "string",
    help: "--connections N        reads at once from one server; 4, and more while they bring more",
  },
  endpoint: { type: "string", help: "--endpoint URL         the Hub's address; beats HF_ENDPOINT" },
  shard: { type: "string", help: "--shard I              which shard; else SLURM_ARRAY_TASK_ID and its kin" },
  plan: { type: "string", help: "--plan FILE            DIR/.voxshard/plan.json of a claimed folder" },
  public: { type: "boolean", help: "--public               for everyone to see; a new data set is private else" },
  "i-have-the-right-to-publish": {
    type: "boolean",
    help: "--i-have-the-right-to-publish  your word for it, where the source does not plainly allow a public copy",
  },
  card: { type: "string", help: "--card FILE            your own README.md; configs and dataset_info are filled in" },
  publish: { type: "string", help: "--publish OWNER/NAME   send each shard to this data set once it is verified" },
  "max-disk": {
    type: "string",
    help: "--max-disk SIZE        free shards once they are sent: no more than this on disk",
  },
  json: { type: "boolean", help: "--json                 one JSON document on standard output" },
  quiet: { type: "boolean", help: "--quiet                no progress" },
  debug: { type: "boolean", help: "--debug                stack traces with errors" },
  help: { type: "boolean", short: "h", help: "--help                 this text" },
} as const satisfies Record<string, { type: "string" | "boolean"; help: string; multiple?: boolean; short?: string }>;

export type FlagName = keyof typeof flags;
export const sourceFlags: readonly FlagName[] = ["endpoint", "connections", "layout"];
export const selectionFlags: readonly FlagName[] = [
  "split",
  "collection",
  "plane",
  "phase",
  "case",
  "limit",
  "sample",
  "exclude",
  "unlisted",
  "split-file",
];
export const outputFlags: readonly FlagName[] = [
  "format",
  "volume",
  "dtype",
  "size",
  "slices",
  "no-preview",
  "shard-size",
  "row-group-size",
  "codec",
  "parquet-engine",
  "order",
  "seed",
  "split-by",
  "join",
];
export const publishFlags: readonly FlagName[] = ["public", "i-have-the-right-to-publish", "card"];
export const everyFlags: readonly FlagName[] = ["json", "quiet", "debug", "help"];

export const helpLines = (names: readonly FlagName[]) => names.map((name) => `  ${flags[name].help}`).join("\n");

export interface Given {
  readonly positionals: readonly string[];
  readonly text: (name: FlagName) => string | undefined;
  readonly list: (name: FlagName) => string[];
  readonly on: (name: FlagName) => boolean;
  /** A whole number from `least` on, or `otherwise` where the flag is not given. */
  readonly count: <T>(name: FlagName, least: number, otherwise: T) => number | T;
}

/** Reads a command's arguments; anything that it does not know is a usage error that names it. */
export function readFlags(args: readonly string[], known: readonly FlagName[]): Given {
  const options = Object.fromEntries(known.map((name) => [name, flags[name]]));
  let parsed: { values: Record<string, unknown>; positionals: string[] };
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new EtlError("usage", `${(error as Error).message.split(". ")[0]}; see --help`);
  }
  const text = (name: FlagName) => parsed.values[name] as string | undefined;
  return {
    positionals: parsed.positionals,
    text,
    list: (name) => (parsed.values[name] as string[] | undefined) ?? [],
    on: (name) => parsed.values[name] === true,
    count: (name, least, otherwise) => {
      const given = text(name);
      if (given === undefined) return otherwise;
      if (!/^\d+$/.test(given) || Number(given) < least)
        throw new EtlError("usage", `--${name} ${given}: a whole number from ${least} on is wanted`);
      return Number(given);
    },
  };
}

export function selectionOf(given: Given): Selection {
  if (given.text("limit") !== undefined && given.text("sample") !== undefined)
    throw new EtlError("usage", "--limit and --sample: give one of them");
  if (given.text("seed") !== undefined && given.text("sample") === undefined && given.text("order") !== "shuffle")
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
  const rowGroupBytes = bytesOf("row-group-size", given.text("row-group-size") ?? "64MB");
  if (rowGroupBytes > MAX_ROW_GROUP_BYTES)
    throw new EtlError("usage", "--row-group-size: at most 100MB; the Hub's viewer cannot read larger groups");
  const dtype = given.text("dtype");
  if (dtype !== undefined && (given.text("volume") ?? "m3d") !== "m3d")
    throw new EtlError("usage", "--dtype goes with --volume m3d; native volumes are uint8");
  if (given.text("size") !== undefined && (given.text("volume") ?? "m3d") !== "m3d")
    throw new EtlError("usage", "--size goes with --volume m3d; native volumes keep their own");
  const splitBy = given.text("split-by");
  if (splitBy !== undefined && splitBy !== "case")
    throw new EtlError("usage", `--split-by ${splitBy}: case is all there is`);
  const named = {
    format: given.text("format"),
    engine: given.text("parquet-engine"),
    volume: given.text("volume"),
    dtype,
    codec: given.text("codec"),
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
      `--size ${text}: three whole numbers such as 128,256,256 are wanted, ${MAX_VOXELS} voxels at most`,
    );
  return sides;
}

/** The layout that is forced, or undefined. */
export function layoutOf(given: Given): Layout {
  const name = given.text("layout");
  const layout = layouts.find((one) => one === name);
  if (name !== undefined && !layout) throw new EtlError("usage", `--layout ${name}: ${layouts.join(", ")} are known`);
  return layout;
}

/** The table that --join names, or undefined. */
export function vqaOf(given: Given): string | undefined {
  const join = given.text("join");
  if (join !== undefined && !/^vqa=./.test(join)) throw new EtlError("usage", `--join ${join}: vqa=FILE is wanted`);
  return join?.slice("vqa=".length);
}

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new EtlError("usage", `--${String(path[0]).replace(/s$/, "")}: ${message}; see --help`);
}

export function bytesOf(name: FlagName, text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(k|M|G|T)?(i?B)?$/i.exec(text);
  const power = { k: 1, m: 2, g: 3, t: 4 }[match?.[2]?.toLowerCase() ?? ""] ?? 0;
  const bytes = match ? Math.round(Number(match[1]) * (match[3]?.toLowerCase() === "ib" ? 1024 : 1000) ** power) : 0;
  if (bytes < 1) throw new EtlError("usage", `--${name} ${text}: a size such as 500MB or 64MiB is wanted`);
  return bytes;
}

/** The ids in the file that `--exclude` names, one a line. */
export function idsOf(given: Given): string[] {
  const file = given.text("exclude");
  if (file === undefined) return [];
  return textOf("exclude", file)
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

export function textOf(name: FlagName, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new EtlError("usage", `--${name} ${file}: cannot be read`, error);
  }
}
