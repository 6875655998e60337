import { readFileSync } from "node:fs";

let known: string | undefined;

/** The version of this package, from its package.json two or three folders up (source or compiled). */
function readVersion(): string {
  for (const up of ["../../", "../../../"]) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(`${up}package.json`, import.meta.url), "utf8"));
      if (name === "voxshard") return version;
    } catch {}
  }
  return "0";
}
export const version = () => (known ??= readVersion());
/** Written into plans: other versions may lay out shards otherwise. */
export const toolName = () => `voxshard ${version()}`;
