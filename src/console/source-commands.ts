import { type IndexProgress, indexSource } from "../catalogue/index-source.ts";
import { writeIndex } from "../coordinates/write-index.ts";
import { EtlError } from "../errors.ts";
import type { Plan } from "../model/plan.ts";
import type { Unread } from "../model/unread.ts";
import { allRejects } from "../output/finalize.ts";
import { claimStore } from "../output/stored-state.ts";
import { writeParts } from "../output/write-parts.ts";
import { machineCounts } from "../plan/machine-counts.ts";
import { noSeries } from "../plan/make-plan.ts";
import { planSummary } from "../plan/plan-summary.ts";
import { claim, convert } from "../run/convert.ts";
import { planConversion } from "../run/plan-conversion.ts";
import type { Source } from "../source/source.ts";
import { workers } from "../workers/workers.ts";
import { auditConverted } from "./audit-converted.ts";
import { outputOf, selectionOf, vqaOf } from "./choices.ts";
import { type Claimed, withUpdate } from "./claimed.ts";
import type { Result } from "./commands.ts";
import { inPlace, planAt } from "./in-place.ts";
import { machineRows } from "./machines.ts";
import { size } from "./progress.ts";
import { openFor, type Session, stoppable } from "./session.ts";
import { mostRejects, verdict } from "./verdict.ts";

const UNREAD_SHOWN = 5;

export async function indexCommand(session: Session): Promise<Result> {
  const source = await openFor(session, session.given.positionals[0]);
  const options = { signal: session.signal, onProgress: showIndex(session) };
  const out = session.given.text("out");
  const made = out === undefined ? undefined : await writeIndex(source, out, options);
  const index = made?.report ?? (await indexSource(source, options));
  const [unreadableOne] = index.unreadable;
  if (index.entries.length === 0)
    throw unreadableOne ? new EtlError("bad-archive", unreadableOne.detail) : noSeries(source, index.unread);
  const document = {
    source: source.name,
    revision: source.revision,
    archives: source.archives.length,
    read: index.read,
    unreadable: index.unreadable,
    series: index.entries.length,
    members: index.members,
    unplaced: index.unplaced,
    files: source.files,
    unread: index.unread,
    ...(made && { out, index: { file: made.file, bytes: made.byteLength, sha256: made.sha256 } }),
  };
  const written = made ? `${made.file}: ${size(made.byteLength)}\nnext: voxshard plan SOURCE --index ${out}\n` : "";
  const unreadable = index.unreadable.map(({ detail }) => `unreadable: ${detail}\n`).join("");
  const text = `${source.name}@${source.revision}\n${document.archives} archives (${document.read} read now), ${document.series} series, ${document.members} members, ${document.unplaced} of no series or case\n${unreadable}${unreadText(index.unread)}${written}`;
  return { document, text };
}

export async function planCommand(session: Session): Promise<Result> {
  const folder = session.given.text("out");
  if (folder === undefined && session.given.on("update")) throw new EtlError("usage", "--update goes with --out DIR");
  const { plan, source, update } = await claimedBy(session, folder, await planned(session));
  const shardList = session.given.on("shard-list") ? shardsOf(plan) : undefined;
  const machines = machineCounts(plan);
  const document = {
    ...planSummary(plan),
    files: source.files,
    machines,
    ...(folder !== undefined && { out: folder, plan: planAt(folder) }),
    ...(update && { update: update.document }),
    ...(shardList && { shardList }),
  };
  if (shardList) return { document, text: shardList.map(({ shard, path }) => `${shard}\t${path}\n`).join("") };
  const table = [
    ["source", `${plan.source.id}@${plan.source.revision}`],
    ["rows", counts(document.rows)],
    ["rejected", counts(document.rejected)],
    ["shards", String(document.shards)],
    [
      "fetch",
      `${size(plan.fetch.bytes)} in ${plan.fetch.ranges} ranges of ${plan.fetch.archives} archives, ${plan.fetch.resolves} resolves`,
    ],
    ["source size", size(plan.sourceBytes)],
    ...(document.vqa
      ? [
          [
            "questions",
            `${document.vqa.questions.matched} on ${document.vqa.rows.matched} rows; ${document.vqa.rows.unmatched} rows have none, ${document.vqa.questions.unmatched} questions have no row`,
          ],
        ]
      : []),
    ["output size", `${size(plan.outputBytes)} before compression`],
    ...machineRows(machines),
    ...(folder === undefined ? [] : [["claimed", `${folder}; next: voxshard run --plan ${planAt(folder)} --shard 0`]]),
  ];
  const text =
    table.map(([name, value]) => `${name!.padEnd(12)} ${value}\n`).join("") +
    (update?.text ?? "") +
    unreadText(plan.unread);
  return { document, text };
}

/** Makes --out the plan's own, where it is given. */
async function claimedBy(
  session: Session,
  out: string | undefined,
  fresh: Awaited<ReturnType<typeof planned>>,
): Promise<Claimed> {
  if (out === undefined) return { ...fresh, update: undefined };
  const { signal } = session;
  return inPlace(session, out, async (folder, mirror) => {
    if (mirror && session.given.on("update")) throw new EtlError("usage", `--update: ${out} is a store, not a folder`);
    if (mirror) {
      await claimStore(mirror, fresh.plan, fresh.source, signal);
      return { ...fresh, update: undefined };
    }
    const claimed = await withUpdate(session, folder, fresh);
    await claim(folder, claimed.plan);
    await writeParts(folder, claimed.plan, claimed.source, signal);
    return claimed;
  });
}

/** What an engine may want to know of each shard before it starts a task. */
function shardsOf({ rows, shards }: Plan) {
  return shards.map(({ path, split, first, end }, shard) => {
    const sourceBytes = rows.slice(first, end).reduce((sum, { storedBytes }) => sum + storedBytes, 0);
    return { shard, path, split, rows: end - first, sourceBytes };
  });
}

export async function convertCommand(session: Session): Promise<Result> {
  const folder = session.given.text("out");
  mostRejects(session.given, 0);
  if (folder === undefined) throw new EtlError("usage", "no --out: give the folder for the shards");
  const started = Date.now();
  const { plan, source, update } = await withUpdate(session, folder, await planned(session));
  const { requests, bytes } = session.transport.traffic;
  const executor = stoppable(workers(session.workers), session.signal);
  let [series, slowSlices] = [0, 0];
  try {
    const { receipts, made } = await convert(plan, source, {
      folder,
      executor,
      connections: session.connections,
      signal: session.signal,
      wire: session.transport.traffic,
      onNote: (line) => session.progress.note(line),
      onSeries: (outcome) => {
        slowSlices += outcome.ok ? outcome.built.slowSlices : 0;
        const fetched = size(session.transport.traffic.bytes);
        session.progress.show("convert", ++series, plan.rows.length, `series, ${fetched} fetched`);
      },
      onShard: (receipt, isNew) => {
        if (!isNew) series += receipt.rows + receipt.rejects.length;
      },
    });
    const audited = await auditConverted(session, folder);
    const { traffic } = session.transport;
    const rejects = allRejects(plan, receipts);
    const rejected = summed(rejects.map(({ reason }) => reason));
    const rows = receipts.reduce((sum, receipt) => sum + receipt.rows, 0);
    const outputBytes = receipts.reduce((sum, receipt) => sum + receipt.byteLength, 0);
    const seconds = (Date.now() - started) / 1000;
    const document = {
      ...planSummary(plan),
      files: source.files,
      out: folder,
      rows,
      rejected,
      made,
      outputBytes,
      fetched: { requests: traffic.requests - requests, bytes: traffic.bytes - bytes },
      slowSlices,
      seconds,
      ...(update && { update: update.document }),
      ...(audited && { audit: audited.document }),
    };
    const slow = slowSlices > 0 ? `${slowSlices} slices (progressive, RGB JPEG, …) took the slow path\n` : "";
    const text = `${rows} rows in ${receipts.length} shards (${made} made now), ${size(outputBytes)}, in ${folder}\n${update?.text ?? ""}rejected: ${counts(rejected)}\nfetched ${size(document.fetched.bytes)} in ${document.fetched.requests} requests over ${session.transport.connections.peak} connections, ${seconds.toFixed(1)} s\n${slow}${unreadText(plan.unread)}${audited?.text ?? ""}next: voxshard verify ${folder}\n`;
    return { document, text, ...verdict(session.given, plan, { rows, rejects }) };
  } finally {
    await executor.close();
  }
}

export async function planned(session: Session): Promise<{ plan: Plan; source: Source }> {
  const [selection, output] = [selectionOf(session.given), outputOf(session.given)];
  const source = await openFor(session, session.given.positionals[0]);
  const { plan, index } = await planConversion(source, {
    selection,
    output,
    splitFile: session.given.text("split-file"),
    vqa: vqaOf(session.given),
    signal: session.signal,
    onProgress: showIndex(session),
  });
  if (plan.rows.length + plan.rejects.length === 0)
    throw new EtlError(
      "usage",
      `${source.name}: has ${index.entries.length} series, and none meets all conditions of the selection${selection.unlisted ? "" : "; the split file may not name them: --unlisted takes these too"}`,
    );
  for (const { detail } of index.unreadable) session.progress.note(`unreadable archive: ${detail}`);
  return { plan, source };
}

/** What is not read, and the first few of it. */
function unreadText(unread: readonly Unread[]): string {
  if (unread.length === 0) return "";
  const total = unread.reduce((sum, { count }) => sum + count, 0);
  const lines = unread
    .slice(0, UNREAD_SHOWN)
    .map(({ path, reason, detail }) => `  ${path || "loose files"} (${reason}): ${detail}\n`);
  const more = unread.length > UNREAD_SHOWN ? `  and more: "unread" in .voxshard/plan.json or --json has all\n` : "";
  return `not read: ${total}\n${lines.join("")}${more}`;
}

export const showIndex =
  ({ progress }: Session) =>
  ({ done, total, path }: IndexProgress) =>
    progress.show("index", done, total, path);

export function summed(names: readonly string[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const name of names) found[name] = (found[name] ?? 0) + 1;
  return found;
}

export function counts(numbers: Readonly<Record<string, number>>): string {
  return (
    Object.entries(numbers)
      .map(([name, number]) => `${name} ${number}`)
      .join(", ") || "none"
  );
}
