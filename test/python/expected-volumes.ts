import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { Plan } from "../../src/model/plan.ts";
import { allReceipts } from "../../src/output/receipts.ts";

/** A file that tells the SHA-256 of each volume of a conversion as it was assembled, by split and id. */
export async function expectedVolumes(out: string, plan: Plan): Promise<string> {
  const expected: Record<string, Record<string, string>> = {};
  for (const { path: shard, ids, volumes } of await allReceipts(out, plan)) {
    const split = (expected[path.basename(shard).split("-")[0]!] ??= {});
    for (const [row, id] of ids.entries()) split[id] = volumes[row]!;
  }
  const file = `${out}.json`;
  await writeFile(file, JSON.stringify(expected));
  return file;
}
