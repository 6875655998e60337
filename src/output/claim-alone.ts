import { randomUUID } from "node:crypto";
import { EtlError } from "../errors.ts";
import type { Mirror } from "../stores/mirror.ts";
import * as layout from "./layout.ts";
import { writeInto } from "./output-folder.ts";

/**
 * Runs `work`, which puts a plan into a store without one, so that of several plans at most one gets in. Where the store does
 * not see to that itself, who claims it first puts a key of its own, and goes on only if no other plan has one: of two, who
 * puts it later sees the other's. The keys go once the plan is there; whoever looks then finds the plan.
 */
export async function claimAlone(mirror: Mirror, planHash: string, work: () => Promise<void>): Promise<void> {
  if (mirror.isAtomic) return work();
  const own = layout.claimPath(mirror.folder, planHash, randomUUID());
  await writeInto(mirror.folder, own, planHash);
  await mirror.sendFirst(own);
  let ours = [own];
  try {
    const claims = await mirror.filesIn(layout.claimsFolder(mirror.folder));
    const other = claims.find((file) => !layout.isClaimOf(file, planHash));
    if (other !== undefined)
      throw new EtlError(
        "commit-raced",
        `${other}: another plan is claiming this place; run again, and delete this if it stays: its claim was killed`,
      );
    await work();
    // Of others that claim it with the same plan, or did and were killed.
    ours = [...new Set([...claims, own])];
  } finally {
    for (const file of ours) await mirror.remove(file);
  }
}
