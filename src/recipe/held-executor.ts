import type { Executor } from "../series/executor.ts";

/** What a series' arrays must hash to; undefined where that is not known. */
export interface Expected {
  readonly volume: string | undefined;
  readonly pixels: string | undefined;
}

/** An executor whose rows are held against what they must be: one that is not is rejected by name. */
export function heldExecutor(executor: Executor, expected: ReadonlyMap<string, Expected>): Executor {
  return {
    width: executor.width,
    write: (...rows) => executor.write(...rows),
    close: () => executor.close(),
    async run(task) {
      const outcome = await executor.run(task);
      if (!outcome.ok) return outcome;
      const { row, volumeSha256 } = outcome.built;
      const { volume = volumeSha256, pixels = row.pixels_sha256 } = expected.get(row.id) ?? {};
      if (volume === volumeSha256 && pixels === row.pixels_sha256) return outcome;
      const { id, image, split } = row;
      const detail = `${id}: its pixels are not those that the recipe was made of, though every check of its archive holds`;
      return { ok: false, reject: { id, image, split, reason: "other-bytes", detail } };
    },
  };
}
