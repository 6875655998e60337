import { readFileSync } from "node:fs";
import { auditPage } from "./audit-page.ts";
import { columnsPage, readmeWithColumns } from "./columns-page.ts";
import { jsonSchemas } from "./json-schemas.ts";

/** The files that stand in the repository but are made from its code, by path. */
export const generated = (): Readonly<Record<string, string>> => ({
  ...jsonSchemas(),
  "COLUMNS.md": columnsPage(),
  "docs/audit.md": auditPage(),
  "README.md": readmeWithColumns(readFileSync("README.md", "utf8")),
});
