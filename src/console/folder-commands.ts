import path from "node:path";
import { DirectoryCache } from "../catalogue/directories.ts";
import { EtlError } from "../errors.ts";
import { readPlainFile } from "../files/read-file.ts";
import type { Plan } from "../model/plan.ts";
import { finalize } from "../output/finalize.ts";
import { MAX_STATE_BYTES } from "../output/layout.ts";
import { claimFolder, parsePlan, planOf } from "../output/output-folder.ts";
import { asArray, isWhole, readReceipt, standing } from "../output/receipts.ts";
import { partOfPlan } from "../plan/part-of-plan.ts";
import { planHash } from "../plan/plan-hash.ts";
import { isRebuilt, rebuildingOf, recipeReceipts, unlike } from "../run/recipe-source.ts";
import { runShard } from "../run/run-shard.ts";
import { shardIndex } from "../run/shard-index.ts";
import { withoutTakenDown } from "../run/take-down.ts";
import { verify } from "../run/verify.ts";
import { sourceText } from "../source/open-source.ts";
import type { Problem } from "../verify/problem.ts";
import { workers } from "../workers/workers.ts";
import type { Result } from "./commands.ts";
import { size } from "./progress.ts";
import { partsFrom } from "./recipe-commands.ts";
import { openFor, type Session, stoppable } from "./session.ts";

export async function runShardCommand(session: Session): Promise<Result> {
  const file = session.given.text("plan");
  if (file === undefined) throw new EtlError("usage", "no --plan: give DIR/.voxshard/plan.json");
  const text = await readPlainFile(file, MAX_STATE_BYTES).catch((error) => {
    throw new EtlError("source-not-found", `${file}: cannot be read (${error.code ?? error.message})`, error);
  });
  const plan = parsePlan(text, file);
  const folder = path.dirname(path.dirname(path.resolve(file)));
  const shard = shardIndex(session.given.text("shard"), process.env, plan.shards.length);
  const there = await readReceipt(folder, shard, planHash(plan));
  const wanted = isRebuilt(folder) ? await recipeReceipts(folder) : undefined;
  if (there && !(wanted && unlike(there, wanted)) && (await isWhole(folder, there))) {
    const { path, rows } = await withoutTakenDown(folder, plan, there);
    return shardResult(path, rows, false);
  }
  await claimFolder(folder, plan);
  if (wanted) return rebuildShard(session, { folder, plan, shard });
  if (session.given.list("from").length > 0)
    throw new EtlError("usage", `--from: ${folder} is no recipe's; its plan names its source`);
  const source = await openFor(session, sourceText(plan.source));
  const executor = stoppable(workers(session.workers), session.signal);
  try {
    const { signal, connections } = session;
    const made = await runShard(shard, {
      plan,
      source,
      folder,
      executor,
      connections,
      signal,
      directories: new DirectoryCache(source, signal),
    });
    const receipt = await withoutTakenDown(folder, plan, made);
    return shardResult(receipt.path, receipt.rows, true);
  } finally {
    await executor.close();
  }
}

/** One shard of a folder that a recipe made. */
async function rebuildShard(
  session: Session,
  { folder, plan, shard }: { folder: string; plan: Plan; shard: number },
): Promise<Result> {
  const { signal, connections, progress } = session;
  const parts = await partsFrom(session);
  const executor = stoppable(workers(session.workers), signal);
  try {
    const { path, split, first, end } = plan.shards[shard]!;
    const own = partOfPlan(plan, [{ path, split, rows: plan.rows.slice(first, end) }]);
    const { source, held, receipts } = await rebuildingOf(folder, own, { parts, signal, onNote: progress.note });
    const directories = new DirectoryCache(source, signal);
    const tools = { plan, source, folder, connections, signal, directories, executor: held(executor) };
    const receipt = await withoutTakenDown(folder, plan, await runShard(shard, tools));
    const complaint = unlike(receipt, receipts);
    return { ...shardResult(receipt.path, receipt.rows, true), ...(complaint && { exitCode: 65, complaint }) };
  } finally {
    await executor.close();
    for (const part of parts) await part.close();
  }
}

function shardResult(shard: string, rows: number, made: boolean): Result {
  return { document: { shard, rows, made }, text: `${shard}: ${rows} rows${made ? "" : ", there already"}\n` };
}

export async function missingCommand({ given }: Session): Promise<Result> {
  const folder = folderOf(given.positionals);
  const plan = await planOf(folder);
  const { missing } = await standing(folder, plan);
  return { document: { shards: plan.shards.length, missing }, text: `${asArray(missing)}\n` };
}

export async function finalizeCommand({ given }: Session): Promise<Result> {
  const { plan, receipts } = await finalize(folderOf(given.positionals));
  const rows = receipts.reduce((sum, receipt) => sum + receipt.rows, 0);
  return {
    document: { shards: plan.shards.length, rows },
    text: `${rows} rows in ${plan.shards.length} shards: index, rejects and card written\n`,
  };
}

export async function verifyCommand({ given, progress, signal }: Session): Promise<Result> {
  const folder = folderOf(given.positionals);
  const {
    plan,
    problems,
    advice,
    verified: _,
    ...found
  } = await verify(folder, {
    signal,
    onShard: (shard, done, total) => progress.show("verify", done, total, shard),
  });
  const document = { folder, source: plan.source.id, revision: plan.source.revision, ...found, problems, advice };
  const line = ({ where, what, remedy }: Problem) => `${where}: ${what}${remedy === undefined ? "" : ` → ${remedy}`}\n`;
  const lines = [...problems.map(line), ...advice.map((one) => `advice: ${line(one)}`)].join("");
  const verdict = problems.length === 0 ? "all holds" : `${problems.length} problems`;
  const text = `${lines}${found.rows} rows and ${found.rejects} rejects in ${found.shards} shards, ${size(found.bytes)}: ${verdict}\n`;
  return { document, text, exitCode: problems.length === 0 ? 0 : 65 };
}

function folderOf(positionals: readonly string[]): string {
  if (positionals[0] === undefined) throw new EtlError("usage", "no folder: give the --out folder of a conversion");
  return positionals[0];
}
