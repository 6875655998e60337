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
