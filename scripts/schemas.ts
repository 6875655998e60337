import { mkdirSync, writeFileSync } from "node:fs";
import { jsonSchemas } from "./json-schemas.ts";

// Writes schemas/ anew; a test fails while it is not current.
mkdirSync("schemas", { recursive: true });
for (const [name, text] of Object.entries(jsonSchemas())) writeFileSync(`schemas/${name}`, text);
