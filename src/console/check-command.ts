import { type Checked, type CheckProgress, check } from "../coordinates/check.ts";
import type { Held } from "../coordinates/coverage.ts";
import { openIndex } from "../coordinates/open-index.ts";
import { EtlError } from "../errors.ts";
import { openSource } from "../source/open-source.ts";
import { layoutOf } from "./choices.ts";
import type { Result } from "./commands.ts";
import { size } from "./progress.ts";
import type { Session } from "./session.ts";

/** Archives that are told one by one; JSON has all. */
const SHOWN = 20;

export async function checkCommand({ given, progress, transport, signal }: Session): Promise<Result> {
  const [text] = given.positionals;
  const indexText = given.text("index");
  if (text === undefined || indexText === undefined)
    throw new EtlError("usage", "give the copy and the index: voxshard check SOURCE --index FOLDER|owner/name");
  const endpoint = given.text("endpoint");
  const options = { endpoint, transport, signal, retry: { onWait: progress.wait } };
  const index = await openIndex(indexText, options);
  const layout = layoutOf(given);
  const source = await openSource(text, { ...options, layout, listing: index.listing, withoutLists: true });
  try {
    const started = Date.now();
    const onProgress = ({ bytes, totalBytes, path }: CheckProgress) => {
      const rate = `${size(bytes / Math.max(0.001, (Date.now() - started) / 1000))}/s, `;
      const shown = `MB, ${given.on("deep") ? rate : ""}${path}`;
      progress.show("check", Math.floor(bytes / 1e6), Math.ceil(totalBytes / 1e6), shown);
    };
    const checked = await check(source, index, { deep: given.on("deep"), signal, onProgress });
    const document = { source: source.name, revision: source.revision, index: index.head.source, ...checked };
    if (checked.isWhole) return { document, text: textOf(checked) };
    const complaint = `${source.name}: is not whole: ${summary(checked)}`;
    return { document, text: textOf(checked), exitCode: 65, complaint };
  } finally {
    await source.close();
    await index.close();
  }
}

const number = (value: number) => value.toLocaleString("en");

/** "you hold 71 of 83 archives: 2,000 of 2,000 test, 98,112 of 115,000 train" */
function summary({ archives, lists }: Checked): string {
  const held = archives.filter(({ state }) => state === "whole").length;
  const parts = Object.entries(lists).map(
    ([name, { held, of }]: [string, Held]) => `${number(held)} of ${number(of)} ${name}`,
  );
  return `you hold ${held} of ${archives.length} archives: ${parts.join(", ") || "no series"}`;
}

function textOf(checked: Checked): string {
  const { archives, unknown, deep } = checked;
  const wrong = archives.filter(({ state }) => state !== "whole");
  const lines = wrong.slice(0, SHOWN).map(({ path, state, detail, series }) => {
    const lost = Object.entries(series).map(([name, count]) => `${number(count)} ${name}`);
    return `${state.padEnd(10)} ${path}: ${detail} (${lost.join(", ") || "no series"})\n`;
  });
  const more = wrong.length > SHOWN ? `and ${wrong.length - SHOWN} more: --json has all\n` : "";
  const others =
    unknown.length > 0 ? `not in the index: ${unknown.slice(0, 3).join(", ")}${unknown.length > 3 ? ", …" : ""}\n` : "";
  const rate = deep && deep.seconds > 0 ? ` (${size(deep.bytes / deep.seconds)}/s)` : "";
  const read = deep ? `${number(archives.reduce((sum, one) => sum + one.read, 0))} members read${rate}\n` : "";
  return `${summary(checked)}\n${lines.join("")}${more}${others}${read}`;
}
