import { whichShards } from "../engines/which-shards.ts";
import { EtlError } from "../errors.ts";
import type { Receipt } from "../model/receipt.ts";
import { AttemptLog } from "../output/attempts.ts";
import { planPath } from "../output/layout.ts";
import { openTask, type PlannedTask } from "../output/open-task.ts";
import { claimFolder, makeFolders } from "../output/output-folder.ts";
import type { ShardSteps } from "../output/shard-steps.ts";
import { sendingLogs, storeSteps } from "../output/store-steps.ts";
import { withoutTakenDown } from "../output/take-down.ts";
import { planHash } from "../plan/plan-hash.ts";
import { isRebuilt, recipeReceipts, unlike } from "../recipe/recipe-source.ts";
import { makeShards, wholeReceipt } from "../run/convert.ts";
import { rebuildShards } from "../run/rebuild.ts";
import type { Executor } from "../series/executor.ts";
import { sourceText } from "../source/open-source.ts";
import type { Source } from "../source/source.ts";
import type { Mirror } from "../stores/mirror.ts";
import { isStore } from "../stores/store.ts";
import { workers } from "../workers/workers.ts";
import type { Result } from "./commands.ts";
import { inPlace, placeOfPlan } from "./in-place.ts";
import { partsFrom } from "./recipe-commands.ts";
import { openFor, openKnown, type Session, stoppable } from "./session.ts";

interface Made {
  readonly receipts: readonly Receipt[];
  readonly made: number;
  /** Of a folder that a recipe made: why shards are not the recipe's. */
  readonly unlike?: readonly string[];
}

/** Makes the shards that the flags or the engine's variables name; those that stand are left as they are. */
export async function runCommand(session: Session): Promise<Result> {
  const { given } = session;
  const file = given.text("plan");
  if (file === undefined) throw new EtlError("usage", "no --plan: give DIR/.voxshard/plan.json");
  const choice = {
    shard: given.text("shard"),
    shards: given.text("shards"),
    indexOffset: given.count("index-offset", 0, 0),
    tasks: given.text("tasks"),
    shardsPerTask: given.count("shards-per-task", 1, 1),
  };
  const choose = (count: number) => whichShards(choice, process.env, count);
  if (isStore(file))
    return inPlace(session, placeOfPlan(file), async (folder, mirror) =>
      runStored(session, mirror!, await openTask(planPath(folder), choose, mirror)),
    );
  const task = await openTask(file, choose);
  const { folder, plan, shards } = task;
  const recipe = isRebuilt(folder) ? await recipeReceipts(folder) : undefined;
  const there: Receipt[] = [];
  for (const shard of shards) {
    const receipt = await wholeReceipt(folder, shard, planHash(plan));
    if (receipt && !(recipe && unlike(receipt, recipe))) there.push(await withoutTakenDown(folder, plan, receipt));
  }
  const first = shards.find((shard) => !there.some((receipt) => receipt.shard === shard));
  if (first === undefined) return resultOf({ receipts: there, made: 0 });
  if (!recipe && given.list("from").length > 0)
    throw new EtlError("usage", `--from: ${folder} is no recipe's; its plan names its source`);
  await (task.isClaimed ? makeFolders(folder) : claimFolder(folder, plan));
  return resultOf(await make(session, { ...task, first, isRecipe: recipe !== undefined }));
}

/** Makes shards of a store, in a folder that stands for it. */
async function runStored(session: Session, mirror: Mirror, task: PlannedTask): Promise<Result> {
  const { folder, plan, shards } = task;
  await (task.isClaimed ? makeFolders(folder) : claimFolder(folder, plan));
  const steps = await storeSteps(mirror, plan, shards);
  const first = shards.find((shard) => !steps.sent.has(shard));
  if (first === undefined) return resultOf({ receipts: [...steps.sent.values()], made: 0 });
  return resultOf(await sendingLogs(mirror, () => make(session, { ...task, first, isRecipe: false }, steps)));
}

interface Work extends PlannedTask {
  /** Of the shards, the first that is to be made. */
  readonly first: number;
  readonly isRecipe: boolean;
}

async function make(
  session: Session,
  { folder, plan, shards, archives, first, isRecipe }: Work,
  steps?: ShardSteps,
): Promise<Made> {
  const { signal, connections, transport, progress } = session;
  const wire = transport.traffic;
  const begun = await AttemptLog.begin({ folder, shard: first, planHash: planHash(plan), wire });
  const open = async () => {
    if (isRecipe) return partsFrom(session);
    return [archives ? openKnown(session, plan, archives) : await openFor(session, sourceText(plan.source))];
  };
  const onNote = (line: string) => progress.note(line);
  let [sources, executor]: [readonly Source[], Executor | undefined] = [[], undefined];
  try {
    sources = await open();
    executor = stoppable(workers(session.workers), signal);
    const options = { folder, executor, connections, signal, onNote, wire, begun };
    const made = isRecipe
      ? await rebuildShards(shards, plan, { ...options, parts: sources })
      : await makeShards(shards, plan, sources[0]!, options, steps);
    // Another task may have made it since this one looked: then that is how the attempt ended.
    await begun.done(made.receipts.find(({ shard }) => shard === first)!);
    return made;
  } catch (error) {
    await begun.failed(error);
    throw error;
  } finally {
    await executor?.close();
    for (const source of sources) await source.close();
  }
}

function resultOf({ receipts, made, unlike: [complaint] = [] }: Made): Result {
  const rows = receipts.reduce((sum, receipt) => sum + receipt.rows, 0);
  const shards = receipts.map((receipt) => ({ shard: receipt.shard, path: receipt.path, rows: receipt.rows }));
  const [only, ...more] = receipts;
  const isOne = only !== undefined && more.length === 0;
  const names = isOne ? only.path : `${receipts.length} shards`;
  const already = made === receipts.length ? "" : `, ${made === 0 ? "" : `${receipts.length - made} `}there already`;
  const document = isOne ? { shard: only.path, rows, made: made === 1 } : { rows, made };
  const text = `${names}: ${rows} rows${already}\n`;
  return { document: { ...document, shards }, text, ...(complaint !== undefined && { exitCode: 65, complaint }) };
}
