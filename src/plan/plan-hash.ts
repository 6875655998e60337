import { createHash } from "node:crypto";
import type { Plan } from "../model/plan.ts";

/** Every shard asks for it, and a plan of all series has 50 MB of JSON. */
const hashes = new WeakMap<Plan, string>();

/** The plan's identity: SHA-256 of its JSON. A plan is never changed once it is made. */
export function planHash(plan: Plan): string {
  const hash = hashes.get(plan) ?? createHash("sha256").update(JSON.stringify(plan)).digest("hex");
  hashes.set(plan, hash);
  return hash;
}

/** Says whose hash it is that a plan has of which only some rows are at hand. */
export function partOf(plan: Plan, hash: string): Plan {
  hashes.set(plan, hash);
  return plan;
}
