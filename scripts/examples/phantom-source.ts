import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { writePhantomRepo } from "../../devkit/phantoms/phantom-repo.ts";

/** What the examples run on where no source is named: a small phantom data set that goes away again. */
export async function withSource(use: (source: string, folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "example-"));
  try {
    const given = process.argv[2];
    if (!given) await writePhantomRepo(path.join(folder, "M3D-Cap"), { casesPerArchive: 1, slices: 6 });
    await use(given ?? path.join(folder, "M3D-Cap"), folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
