import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { exists } from "../output/output-folder.ts";
import { filled } from "./filled.ts";

/** Templates are read where they lie in the package, so that what a site copies is what runs. */
const own = fileURLToPath(new URL("../../../src/engines/templates/", import.meta.url));

/** A template with its values: the site's own copy of it where there is one. */
export async function fromTemplate(
  name: string,
  values: Readonly<Record<string, string>>,
  templates: string | undefined,
): Promise<string> {
  const copy = templates === undefined ? undefined : path.join(templates, path.basename(name));
  const isCopied = copy !== undefined && (await exists(copy));
  return filled(await readFile(isCopied ? copy : path.join(own, name), "utf8"), values);
}
