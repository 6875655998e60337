import { mkdirSync, writeFileSync } from "node:fs";
import { generated } from "./generated.ts";

// Writes schemas/, COLUMNS.md, docs/audit.md and the README's table of columns anew; a test fails while they are not current.
mkdirSync("schemas", { recursive: true });
for (const [file, text] of Object.entries(generated())) writeFileSync(file, text);
