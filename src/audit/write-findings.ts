import type { SchemaElement } from "hyparquet";
import { parquetWriteBuffer } from "hyparquet-writer";
import { writeWhole } from "../files/whole-file.ts";
import type { Finding } from "./finding.ts";

const optional = { repetition_type: "OPTIONAL" as const };
const text = (name: string): SchemaElement => ({ name, type: "BYTE_ARRAY", converted_type: "UTF8", ...optional });
const list = (name: string): SchemaElement[] => [
  { name, num_children: 1, converted_type: "LIST", ...optional },
  { name: "list", num_children: 1, repetition_type: "REPEATED" },
  text("element"),
];
const schema: SchemaElement[] = [
  { name: "root", num_children: 7, repetition_type: "REQUIRED" },
  text("kind"),
  text("severity"),
  ...list("ids"),
  { name: "value", type: "DOUBLE", ...optional },
  { name: "threshold", type: "DOUBLE", ...optional },
  ...list("splits"),
  text("detail"),
];
const names = ["kind", "severity", "ids", "value", "threshold", "splits", "detail"] as const;

/** The same findings as lines and as a table. */
export async function writeFindings(base: string, findings: readonly Finding[]): Promise<void> {
  await writeWhole(`${base}.jsonl`, findings.map((finding) => `${JSON.stringify(finding)}\n`).join(""));
  const columnData = names.map((name) => ({ name, data: findings.map((finding) => finding[name]) }));
  await writeWhole(`${base}.parquet`, new Uint8Array(parquetWriteBuffer({ schema, columnData })));
}
