import { readFile } from "node:fs/promises";
import { EtlError } from "../errors.ts";

/** The page's files, as `npm run build` leaves them, with their types. */
export const assets: Readonly<Record<string, string>> = {
  "index.html": "text/html; charset=utf-8",
  "app.js": "text/javascript; charset=utf-8",
  "app.css": "text/css; charset=utf-8",
  "codecs.js": "text/javascript; charset=utf-8",
  "three.js": "text/javascript; charset=utf-8",
};

export async function readAsset(name: string): Promise<Buffer> {
  return readFile(new URL(`../../web/${name}`, import.meta.url)).catch((error) => {
    throw new EtlError("source-not-found", `the page's ${name} is not built; run npm run build`, error);
  });
}
