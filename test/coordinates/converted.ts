import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { convert } from "../../src/run/convert.ts";
import { planConversion } from "../../src/run/plan-conversion.ts";
import { inline } from "../../src/series/inline.ts";
import type { Source } from "../../src/source/source.ts";

/** Converts a source as slices alone, and closes it. */
export async function converted(source: Source, folder: string) {
  const executor = inline();
  try {
    const { plan } = await planConversion(source, { output: { volume: "none", slices: true, preview: false } });
    return { plan, ...(await convert(plan, source, { folder, executor })) };
  } finally {
    await executor.close();
    await source.close();
  }
}

/** The hash of every file of a folder, but for what tells of the runs that made it. */
export async function filesOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile() && !file.includes(`${path.sep}attempts${path.sep}`))
      found[path.relative(folder, file)] = createHash("sha256")
        .update(await readFile(file))
        .digest("hex");
  }
  return found;
}
