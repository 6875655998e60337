import { existsSync } from "node:fs";
import path from "node:path";
import { writePhantomRepo } from "../../devkit/phantoms/phantom-repo.ts";
import { sharedData } from "../../devkit/shared-data.ts";

/** The real CT that lies beside the checkout, or phantoms of 32 series written into `folder` where it does not. */
export async function measuredSource(folder: string): Promise<string> {
  const real = path.join(sharedData, "m3d-mini");
  if (existsSync(real)) return real;
  const source = path.join(folder, "phantoms");
  const slices = { slices: 60, height: 256, width: 256 };
  await writePhantomRepo(source, { archives: 2, casesPerArchive: 8, seriesPerCase: 2, ...slices });
  return source;
}
