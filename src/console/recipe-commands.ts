import type { Transport } from "../bytes/http/transport.ts";
import { EtlError } from "../errors.ts";
import type { Plan } from "../model/plan.ts";
import type { Receipt } from "../model/receipt.ts";
import { planPath } from "../output/layout.ts";
import { makeRecipe } from "../recipe/make-recipe.ts";
import { withRecipe } from "../recipe/recipe-source.ts";
import { claimRebuild, type Rebuilt, rebuild, rebuildPlan } from "../run/rebuild.ts";
import { sourceText } from "../source/open-source.ts";
import type { Source } from "../source/source.ts";
import { workers } from "../workers/workers.ts";
import { selectionOf, vqaOf } from "./choices.ts";
import type { Result } from "./commands.ts";
import { size } from "./progress.ts";
import { openFor, type Session, stoppable } from "./session.ts";

export async function recipeCommand(session: Session): Promise<Result> {
  const { given, progress, signal } = session;
  const [folder] = given.positionals;
  const out = given.text("out");
  if (folder === undefined) throw new EtlError("usage", "no folder: give the --out folder of a conversion");
  if (out === undefined) throw new EtlError("usage", "no --out: give the folder for the recipe");
  const { recipe, receipts } = await makeRecipe(folder, out, {
    open: (source) => openFor(session, sourceText(source)),
    signal,
    onArchive: (done, total, path) => progress.show("recipe", done, total, path),
  });
  const bytes = receipts.reduce((sum, receipt) => sum + receipt.byteLength, 0);
  const members = recipe.archives.reduce((sum, archive) => sum + archive.members, 0);
  const { rows, shards } = recipe;
  const document = { folder, out, rows, shards, archives: recipe.archives.length, members, shardBytes: bytes };
  const text = `${rows} rows in ${shards} shards (${size(bytes)}) from ${members} members of ${document.archives} archives: coordinates and hashes alone, in ${out}\nnext: voxshard rebuild ${out} --from SOURCE --out DIR\n`;
  return { document, text };
}

export async function rebuildCommand(session: Session): Promise<Result> {
  const { given, progress, transport, signal, connections } = session;
  const [text] = given.positionals;
  const folder = given.text("out");
  if (text === undefined) throw new EtlError("usage", "no recipe: give its folder, or owner/name");
  if (folder === undefined) throw new EtlError("usage", "no --out: give the folder for the shards");
  const started = Date.now();
  const { splits } = selectionOf(given);
  const hub = { endpoint: given.text("endpoint"), transport, signal, retry: { onWait: progress.wait } };
  const plan = await withRecipe(text, hub, async (recipe) => {
    const wanted = await rebuildPlan(recipe, splits, vqaOf(given));
    await claimRebuild(folder, wanted, recipe);
    return wanted;
  });
  if (given.list("from").length === 0) return claimedResult(folder, plan);
  const parts = await partsFrom(session);
  const executor = stoppable(workers(session.workers), signal);
  let series = 0;
  try {
    const { receipts, made, unlike } = await rebuild(plan, {
      ...{ folder, parts, executor, connections, signal },
      onNote: (line) => progress.note(line),
      onArchive: (done, total, path) => progress.show("look", done, total, path),
      onSeries: () => progress.show("rebuild", ++series, plan.rows.length, "series"),
      onShard: (receipt, isNew) => {
        if (!isNew) series += receipt.rows;
      },
    });
    return rebuiltResult(folder, { receipts, made, unlike, seconds: (Date.now() - started) / 1000 }, transport.traffic);
  } finally {
    await executor.close();
    for (const part of parts) await part.close();
  }
}

/** The folder is the recipe's: each of its shards can be made anywhere. */
function claimedResult(out: string, { rows, shards }: Plan): Result {
  const document = { out, plan: planPath(out), rows: rows.length, shards: shards.length, made: 0 };
  const text = `${out}: claimed for ${rows.length} rows in ${shards.length} shards; none is made without --from\nnext: voxshard run --plan ${planPath(out)} --from SOURCE --shard 0, or voxshard submit ${out} --engine NAME --from SOURCE\n`;
  return { document, text };
}

interface Told extends Pick<Rebuilt, "receipts" | "made" | "unlike"> {
  readonly seconds: number;
}

function rebuiltResult(out: string, { receipts, made, unlike, seconds }: Told, traffic: Transport["traffic"]): Result {
  const sum = (of: (receipt: Receipt) => number) => receipts.reduce((total, receipt) => total + of(receipt), 0);
  const [rows, bytes] = [sum((one) => one.rows), sum((one) => one.byteLength)];
  const rejects = receipts.flatMap((receipt) => receipt.rejects);
  const fetched = { requests: traffic.requests, bytes: traffic.bytes };
  const document = {
    out,
    rows,
    shards: receipts.length,
    made,
    bytes,
    equal: receipts.length - unlike.length,
    unlike,
    rejects,
    fetched,
    seconds,
  };
  const equal = `${document.equal} of ${receipts.length} shards are the recipe's, byte for byte`;
  const text = `${rows} rows in ${receipts.length} shards (${made} made now), ${size(bytes)}, in ${out}\n${equal}\n${unlike.map((line) => `${line}\n`).join("")}`;
  if (unlike.length === 0) return { document, text };
  const complaint = `${equal}; ${rejects.length} series could not be rebuilt (rejects.jsonl has each): run it again with another --from that has them`;
  return { document, text, exitCode: 65, complaint };
}

/** The sources that --from names, opened in order. */
export async function partsFrom(session: Session): Promise<readonly Source[]> {
  const texts = session.given.list("from");
  if (texts.length === 0)
    throw new EtlError("usage", "no --from: give a folder with archives, or owner/name; repeatable");
  const parts: Source[] = [];
  try {
    for (const text of texts) parts.push(await openFor(session, text));
  } catch (error) {
    for (const part of parts) await part.close();
    throw error;
  }
  return parts;
}
