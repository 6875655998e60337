import { EtlError } from "../errors.ts";
import type { ChatOptions } from "../export/chat.ts";
import { type Exported, exportShards, exportSource, selectedRows } from "../export/export.ts";
import { exportKind, type Kind } from "../export/kinds.ts";
import { rejectsPath } from "../export/write-tree.ts";
import type { PlannedRow } from "../model/plan.ts";
import { Output } from "../model/selection.ts";
import { planPath } from "../output/layout.ts";
import { exists, planOf } from "../output/output-folder.ts";
import { plannedRowBytes } from "../plan/plan-shards.ts";
import { planConversion } from "../run/plan-conversion.ts";
import { workers } from "../workers/workers.ts";
import { linesOf, selectionOf } from "./choices.ts";
import type { Result } from "./commands.ts";
import type { Given } from "./flags.ts";
import { size } from "./progress.ts";
import { openFor, type Session, stoppable } from "./session.ts";
import { counts, showIndex, summed } from "./source-commands.ts";
import { mostRejects, verdict } from "./verdict.ts";

export async function exportCommand(session: Session): Promise<Result> {
  const { given } = session;
  const [from, folder, to] = [given.positionals[0], given.text("out"), given.text("to")];
  if (from === undefined) throw new EtlError("usage", "nothing to export: give a conversion's folder or a source");
  const kind = exportKind(to, given.text("recipe") ?? given.text("style"), chatOptions(given, to));
  if (folder === undefined) throw new EtlError("usage", "no --out: give the folder for the tree");
  return (await exists(planPath(from))) ? fromShards(session, from, folder, kind) : fromSource(session, folder, kind);
}

/** Most pictures of a series: more than any model is shown. */
const MOST_PICTURES = 64;

function chatOptions(given: Given, to: string | undefined): ChatOptions {
  const [text, file] = [given.text("pictures"), given.text("prompts")];
  const isMontage = text === "montage";
  const pictures = isMontage || text === undefined ? undefined : given.count("pictures", 1, 1);
  if (pictures !== undefined && pictures > MOST_PICTURES)
    throw new EtlError("usage", `--pictures ${pictures}: at most ${MOST_PICTURES}`);
  const prompts = file === undefined ? undefined : linesOf(given, "prompts");
  if (prompts?.length === 0) throw new EtlError("usage", `--prompts ${file}: has no line; give a question a line`);
  const seed = to === "chat" && given.text("seed") !== undefined ? given.count("seed", 0, 0) : undefined;
  return {
    ...(isMontage && { pictures: "montage" as const }),
    ...(pictures !== undefined && { pictures }),
    ...(prompts && { prompts }),
    ...(seed !== undefined && { seed }),
  };
}

async function fromShards(session: Session, from: string, folder: string, kind: Kind): Promise<Result> {
  const { given, signal } = session;
  for (const name of ["unlisted", "split-file"] as const)
    if (given.on(name) || given.text(name) !== undefined)
      throw new EtlError("usage", `--${name} goes with a source; the shards of ${from} have their lists already`);
  const [selection, plan] = [selectionOf(given), await planOf(from)];
  if (given.text("to") === "npy" && plan.output.volume === "native")
    throw new EtlError(
      "usage",
      `${from}: has native volumes, which the authors' code does not take; export from the source, or shards of --volume m3d`,
    );
  const rows = selectedRows(plan, selection);
  if (given.on("dry-run")) return dryRun(rows, { ...plan.output, ...exportOnly(kind.output) });
  const format = await kind.load();
  return resultOf(
    await exportShards(from, selection, { folder, format, signal, onRow: shown(session, rows.length) }),
    folder,
  );
}

async function fromSource(session: Session, folder: string, kind: Kind): Promise<Result> {
  const { given, signal, connections } = session;
  mostRejects(given, 0);
  const selection = selectionOf(given);
  const source = await openFor(session, given.positionals[0]);
  const { plan } = await planConversion(source, {
    selection,
    output: kind.output,
    splitFile: given.text("split-file"),
    signal,
    onProgress: showIndex(session),
  });
  if (given.on("dry-run")) return dryRun(plan.rows, Output.parse(kind.output));
  const format = await kind.load();
  const executor = stoppable(workers(session.workers), signal);
  try {
    const onRow = shown(session, plan.rows.length);
    const options = { folder, format, executor, connections, signal, onRow };
    const exported = await exportSource(plan, source, options);
    return { ...resultOf(exported, folder), ...verdict(given, plan, exported) };
  } finally {
    await executor.close();
  }
}

/** Of shards, only what the kind reads is written. */
const exportOnly = ({ volume, slices = false }: Kind["output"]) => ({
  preview: false,
  slices,
  ...(volume === "none" && { volume }),
});

function shown({ progress }: Session, total: number): () => void {
  let done = 0;
  return () => progress.show("export", ++done, total, "series");
}

function dryRun(rows: readonly PlannedRow[], output: Output): Result {
  const bytes = rows.reduce((sum, row) => sum + plannedRowBytes(row, output), 0);
  const splits = summed(rows.map(({ split }) => split ?? "unlisted"));
  const document = { rows: rows.length, splits, bytes };
  return { document, text: `${rows.length} rows (${counts(splits)}), about ${size(bytes)}; nothing is written\n` };
}

function resultOf({ rejects, ...found }: Exported, folder: string): { document: object; text: string } {
  const rejected = summed(rejects.map(({ reason }) => reason));
  const silent = found.withoutReport > 0 ? `${found.withoutReport} rows have no report, and are in no list\n` : "";
  const text = `${found.rows} rows (${found.kept} there already), ${found.files} files, ${size(found.bytes)}, in ${folder}\n${silent}rejected: ${counts(rejected)}${rejects.length > 0 ? `; each in ${rejectsPath(folder)}` : ""}\n`;
  return { document: { out: folder, ...found, rejected }, text };
}
