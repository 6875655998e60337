import { mkdtemp } from "node:fs/promises";
import path from "node:path";
import { startWritableHub, type WritableHub } from "./writable-hub.ts";

export const ID = "me/m3d-shards";

/** Files that the client library sends at once. */
export const AT_ONCE = 5;

export interface Straight {
  readonly hub: WritableHub;
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly work: string;
}

/** The repository in `root`/phantoms on a Hub that can also be published to, and the command that does it in one go. */
export async function straight(root: string): Promise<Straight> {
  const work = await mkdtemp(path.join(root, "work-"));
  const hub = await startWritableHub({ dir: path.join(root, "phantoms"), repo: "phantoms/M3D-Cap" });
  const env = { HF_ENDPOINT: hub.endpoint, HF_TOKEN: "hf_writer", VOXSHARD_CACHE: path.join(work, "cache") };
  const output = ["--size", "8,128,128", "--dtype", "uint8", "--codec", "none", "--shard-size", "350kB"];
  const args = [
    ...["convert", "phantoms/M3D-Cap", ...output, "--row-group-size", "200kB", "--workers", "1", "--json"],
    ...["--publish", ID, "--max-disk", "1500kB", "--out", path.join(work, "out")],
  ];
  return { hub, env, args, work };
}
