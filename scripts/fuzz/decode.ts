import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Arena } from "../../src/kernels/arena.ts";
import { decodeSlices } from "../../src/slices/decode-slices.ts";
import { findPython } from "../python.ts";

// All decoders against Pillow, on files sound and damaged and of other formats: what they take must be what Pillow reads,
// pixel for pixel, and they must take nothing that it refuses. Arguments: how many files, a seed. PYTHON names an interpreter.
const [count = "50000", seed = "1"] = process.argv.slice(2);
const python = findPython(["numpy", "PIL"]);
if (!python) throw new Error("no Python with numpy and Pillow: set PYTHON to one that has them");
const script = fileURLToPath(new URL("../../../scripts/fuzz/pillow.py", import.meta.url));
const child = spawn(python, [script, seed, count], { stdio: ["ignore", "pipe", "inherit"] });

interface Verdict {
  readonly byteLength: number;
  readonly kind: string;
  readonly height?: number;
  readonly width?: number;
  readonly sha1?: string;
}
const tally = new Map<string, { files: number; slow: number; taken: number; dropped: number; wrong: number }>();
const arena = new Arena();
let files = 0;

async function judge(verdict: Verdict, file: Uint8Array): Promise<void> {
  const row = tally.get(verdict.kind) ?? { files: 0, slow: 0, taken: 0, dropped: 0, wrong: 0 };
  tally.set(verdict.kind, row);
  row.files += 1;
  files += 1;
  const { slices, slow } = await decodeSlices([file], arena);
  const [slice] = slices;
  row.slow += slow;
  if (!slice) {
    if (verdict.sha1) row.dropped += 1;
    return;
  }
  row.taken += 1;
  const sha1 = createHash("sha1").update(slice.pixels).digest("hex");
  arena.clear();
  if (sha1 === verdict.sha1 && slice.height === verdict.height && slice.width === verdict.width) return;
  row.wrong += 1;
  const name = path.resolve(`fuzz-${seed}-${files}.${verdict.kind.split(" ")[0]}`);
  writeFileSync(name, file);
  console.error(`${name}: ${verdict.kind}, ${verdict.sha1 ? "other pixels" : "Pillow refuses it"}`);
}

let rest: Buffer = Buffer.alloc(0);
let head: Verdict | undefined;
let versions: unknown;
for await (const piece of child.stdout) {
  rest = Buffer.concat([rest, piece]);
  for (;;) {
    if (head) {
      if (rest.length < head.byteLength) break;
      await judge(head, rest.subarray(0, head.byteLength));
      rest = rest.subarray(head.byteLength);
      head = undefined;
    } else {
      const end = rest.indexOf(10);
      if (end < 0) break;
      const line = JSON.parse(rest.toString("utf8", 0, end));
      rest = rest.subarray(end + 1);
      if (versions) head = line;
      else versions = line;
    }
  }
}
const table = [...tally].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, row]) => ({ kind, ...row }));
console.table(table);
const sum = (key: "slow" | "taken" | "dropped" | "wrong") => table.reduce((all, row) => all + row[key], 0);
const totals = { files, slow: sum("slow"), taken: sum("taken"), dropped: sum("dropped"), wrong: sum("wrong") };
console.log(JSON.stringify({ node: process.version, ...(versions as object), ...totals, table }));
if (files !== Number(count) || totals.wrong > 0 || totals.taken === 0) process.exitCode = 1;
