import { EtlError } from "../errors.ts";
import { finalize } from "../output/finalize.ts";
import { planOf } from "../output/output-folder.ts";
import { asArray, standing } from "../output/receipts.ts";
import { bringIndexRows, bringState, sendSummaries } from "../output/stored-state.ts";
import { verifyStored } from "../run/publish-stored.ts";
import { verify } from "../run/verify.ts";
import type { Problem } from "../verify/problem.ts";
import type { Result } from "./commands.ts";
import { inPlace } from "./in-place.ts";
import { size } from "./progress.ts";
import type { Session } from "./session.ts";

export async function missingCommand(session: Session): Promise<Result> {
  return inPlace(session, folderOf(session.given.positionals), async (folder, mirror) => {
    const plan = mirror ? await bringState(mirror) : await planOf(folder);
    const { missing } = await standing(folder, plan);
    return { document: { shards: plan.shards.length, missing }, text: `${asArray(missing)}\n` };
  });
}

export async function finalizeCommand(session: Session): Promise<Result> {
  const { plan, receipts } = await inPlace(session, folderOf(session.given.positionals), async (folder, mirror) => {
    if (!mirror) return finalize(folder);
    await bringState(mirror);
    await bringIndexRows(mirror);
    const finished = await finalize(folder);
    await sendSummaries(mirror);
    return finished;
  });
  const rows = receipts.reduce((sum, receipt) => sum + receipt.rows, 0);
  return {
    document: { shards: plan.shards.length, rows },
    text: `${rows} rows in ${plan.shards.length} shards: index, rejects and card written\n`,
  };
}

export async function verifyCommand(session: Session): Promise<Result> {
  const { given, progress, signal } = session;
  const folder = folderOf(given.positionals);
  const onShard = (shard: string, done: number, total: number) => progress.show("verify", done, total, shard);
  const {
    plan,
    problems,
    advice,
    verified: _,
    ...found
  } = await inPlace(session, folder, (own, mirror) =>
    mirror ? verifyStored(mirror, { signal, onShard }) : verify(own, { signal, onShard }),
  );
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
