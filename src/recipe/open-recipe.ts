import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import type { z } from "zod";
import type { Directory } from "../archive/archive-format.ts";
import { decodeDirectory } from "../archive/directory-file.ts";
import { readAll } from "../bytes/byte-source.ts";
import { fileSource } from "../bytes/file-source.ts";
import { EtlError } from "../errors.ts";
import type { ByteRange } from "../model/byte-range.ts";
import { type Plan, parsePlan } from "../model/plan.ts";
import { Receipt } from "../model/receipt.ts";
import { Recipe, type RecipeArchive } from "../model/recipe.ts";
import { shardFormat } from "../shards/formats.ts";
import { DIRECTORIES, directoryIdentity, sha256Of } from "./write-recipe.ts";

/** The bytes of a recipe's file by its name, or of a range of it; undefined where there is no such file. */
export type RecipeFiles = (name: string, range?: ByteRange) => Promise<Uint8Array | undefined>;

const PLAN = "plan.json";

/** A recipe whose files are held against what recipe.json says of them as they are read. */
export class OpenRecipe {
  readonly recipe: Recipe;
  private readonly files: RecipeFiles;
  /** What errors call it. */
  private readonly name: string;
  private constructor(name: string, recipe: Recipe, files: RecipeFiles) {
    this.name = name;
    this.recipe = recipe;
    this.files = files;
  }

  static async open(name: string, files: RecipeFiles): Promise<OpenRecipe> {
    const bytes = await files("recipe.json");
    if (!bytes) throw new EtlError("source-not-found", `${name}: is no recipe (recipe.json is missing)`);
    return new OpenRecipe(name, parsed(Recipe, bytes, `${name}: recipe.json`), files);
  }

  async plan(): Promise<Plan> {
    const bytes = await this.file(PLAN);
    try {
      return parsePlan(JSON.parse(textOf(bytes)));
    } catch (error) {
      throw new EtlError("bad-plan", `${this.name}: plan.json is not a plan of this version`, error);
    }
  }

  /** What each shard must be, by its path. */
  async receipts(): Promise<ReadonlyMap<string, Receipt>> {
    const lines = textOf(await this.file("receipts.jsonl")).split("\n");
    const all = lines
      .filter((line) => line !== "")
      .map((line) => parsed(Receipt, line, `${this.name}: receipts.jsonl`));
    return new Map(all.map((receipt) => [receipt.path, receipt]));
  }

  async directory(archive: RecipeArchive): Promise<Directory> {
    const { sha256, ...range } = archive.directory;
    const bytes = await this.file(DIRECTORIES, sha256, range);
    return decodeDirectory(bytes, directoryIdentity(archive)).catch((error) => {
      throw new EtlError("not-verified", `${this.name}: the directory of ${archive.path} cannot be read`, error);
    });
  }

  /**
   * Puts its files but the plan into a folder, for runs to come; what is there and right stays. recipe.json comes last.
   * `put` writes a file whole or not at all.
   */
  async keepIn(folder: string, put: (file: string, content: Uint8Array | string) => Promise<void>): Promise<void> {
    for (const [name, sha256] of Object.entries(this.recipe.files)) {
      if (name === PLAN) continue;
      const target = path.join(folder, name);
      const there = await readFile(target).catch(() => undefined);
      if (!there || sha256Of(there) !== sha256) await put(target, await this.file(name));
    }
    await put(path.join(folder, "recipe.json"), JSON.stringify(this.recipe));
  }

  private async file(name: string, sha256 = this.recipe.files[name], range?: ByteRange): Promise<Uint8Array> {
    const bytes = await this.files(name, range);
    if (bytes && sha256Of(bytes) === sha256) return bytes;
    const what = bytes ? "is not the file that recipe.json names" : "is missing";
    throw new EtlError("not-verified", `${this.name}: ${name} ${what}; get the recipe again`);
  }
}

/** A recipe in a folder of this disk. */
export function recipeFolder(folder: string): Promise<OpenRecipe> {
  const files: RecipeFiles = async (name, range) => {
    const file = path.join(folder, name);
    const found = await stat(file).catch(() => undefined);
    if (!found?.isFile()) return undefined;
    const { start, end } = range ?? { start: 0, end: found.size };
    return readAll(fileSource(file, found.size), { start, end });
  };
  return OpenRecipe.open(folder, files);
}

/** SHA-256 of each series' pixels, by id, from the rows of a recipe that is kept in a folder. */
export async function pixelsIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const open = await shardFormat("parquet", "hyparquet-writer").open(path.join(folder, "rows.parquet"));
  const found = new Map<string, string>();
  for await (const { id, pixels_sha256 } of open.rows(["id", "pixels_sha256"]))
    if (pixels_sha256) found.set(id, pixels_sha256);
  return found;
}

const textOf = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");

function parsed<T>(schema: z.ZodType<T>, content: Uint8Array | string, where: string): T {
  try {
    return schema.parse(JSON.parse(typeof content === "string" ? content : textOf(content)));
  } catch (error) {
    throw new EtlError("not-verified", `${where}: is not as voxshard recipe writes it; get the recipe again`, error);
  }
}
