import path from "node:path";
import { INDEX_FILE } from "../coordinates/layout.ts";
import { EtlError } from "../errors.ts";
import { cacheFolder, distrusted } from "../files/cache-folder.ts";
import { repositoryId } from "../hub/repository.ts";
import type { Plan } from "../model/plan.ts";
import { allRejects } from "../output/finalize.ts";
import { planPath } from "../output/layout.ts";
import { exists } from "../output/output-folder.ts";
import { takeDown } from "../output/take-down.ts";
import { convertAndPublish } from "../run/convert-and-publish.ts";
import { type Published, type PublishOptions, publish } from "../run/publish.ts";
import { publishRecipe } from "../run/publish-coordinates.ts";
import { verify } from "../run/verify.ts";
import { sourceText } from "../source/open-source.ts";
import { isStore } from "../stores/store.ts";
import { workers } from "../workers/workers.ts";
import { type Audited, auditConverted } from "./audit-converted.ts";
import { bytesOf, idsOf, textOf } from "./choices.ts";
import { withUpdate } from "./claimed.ts";
import type { Result } from "./commands.ts";
import { longOf } from "./flags.ts";
import { inPlace } from "./in-place.ts";
import { size } from "./progress.ts";
import { openFor, type Session, stoppable } from "./session.ts";
import { convertCommand, planned } from "./source-commands.ts";
import { verdict } from "./verdict.ts";

export async function publishCommand(session: Session): Promise<Result> {
  const { given, progress, signal } = session;
  const [folder, repository] = given.positionals;
  if (folder === undefined || repository === undefined)
    throw new EtlError("usage", "give the folder and the data set: voxshard publish DIR owner/name");
  const options = publishOptions(session);
  if (isStore(folder)) return publishStoredCommand(session, { folder, repository }, options);
  if (await isIndex(folder)) return publishIndexCommand(session, { folder, repository }, options);
  const takenDown = await takeDown(folder, idsOf(given), { ...options, repository });
  const { plan, verified, problems, rows } = await verify(folder, {
    signal,
    onShard: (shard, done, total) => progress.show("verify", done, total, shard),
  });
  if (!verified)
    throw new EtlError(
      "not-verified",
      `${problems[0]?.where}: ${problems[0]?.what} (${problems.length} problems; voxshard verify ${folder} names all)`,
    );
  if (given.on("as-recipe")) {
    if (given.text("card") !== undefined) throw new EtlError("usage", "--card: a recipe's card is its own");
    const open = (source: Plan["source"]) => openFor(session, sourceText(source));
    const { recipe, ...published } = await publishRecipe(verified, repository, { ...options, open });
    const document = { ...publishDocument(published, plan, recipe.rows, takenDown), recipe: true };
    return { document, text: publishText(published, takenDown) };
  }
  const published = await publish(verified, repository, options);
  return { document: publishDocument(published, plan, rows, takenDown), text: publishText(published, takenDown) };
}

async function publishStoredCommand(
  session: Session,
  { folder: place, repository }: { readonly folder: string; readonly repository: string },
  options: PublishOptions,
): Promise<Result> {
  const stray = (["exclude", "as-recipe"] as const).find((name) => session.given.text(name) !== undefined);
  if (stray) throw new EtlError("usage", `--${longOf(stray)}: needs a folder of this machine; ${place} is a store`);
  const { publishStored } = await import("../run/publish-stored.ts");
  return inPlace(session, place, async (_, mirror) => {
    const onShard = (shard: string, done: number, total: number) => session.progress.show("verify", done, total, shard);
    const { published, plan, rows } = await publishStored(mirror!, repository, { ...options, onShard });
    return { document: publishDocument(published, plan, rows, []), text: publishText(published, []) };
  });
}

/** An index's folder is no conversion's. */
async function isIndex(folder: string): Promise<boolean> {
  return (await exists(path.join(folder, INDEX_FILE))) && !(await exists(planPath(folder)));
}

async function publishIndexCommand(
  { given }: Session,
  { folder, repository }: { readonly folder: string; readonly repository: string },
  options: PublishOptions,
): Promise<Result> {
  const stray = (["exclude", "as-recipe", "card"] as const).find((name) => given.text(name) !== undefined);
  if (stray) throw new EtlError("usage", `--${longOf(stray)}: ${folder} holds an index, which has none`);
  const { publishIndex } = await import("../run/publish-coordinates.ts");
  const document = await publishIndex(folder, repository, options);
  const next = `next: voxshard plan SOURCE --index ${document.repository}\n`;
  return { document, text: `${publishText(document, [])}${next}` };
}

/** `convert` leaves its shards in a folder, or takes them straight through to the Hub. */
export async function convertOrPublish(session: Session): Promise<Result> {
  const { given } = session;
  const repository = given.text("publish");
  if (repository !== undefined) return convertPublishCommand(session, repository);
  const stray = (["max-disk", "public", "i-have-the-right-to-publish", "card"] as const).find(
    (name) => given.text(name) !== undefined,
  );
  if (stray) throw new EtlError("usage", `--${stray} goes with --publish OWNER/NAME`);
  return convertCommand(session);
}

/** `convert --publish`: converts, sends and frees shard by shard. */
async function convertPublishCommand(session: Session, repository: string): Promise<Result> {
  const { given, progress, transport, connections, signal } = session;
  const maxDisk = given.text("max-disk");
  const folder = given.text("out") ?? (await ownFolder(`publish/${repositoryId(repository)}`));
  const started = Date.now();
  if (maxDisk !== undefined && given.on("audit"))
    throw new EtlError(
      "usage",
      "--audit and --max-disk: shards that are freed cannot be looked through; give one of them",
    );
  const { plan, source, update } = await withUpdate(session, folder, await planned(session));
  let audited: Audited | undefined;
  const executor = stoppable(workers(session.workers), signal);
  let [series, sentBytes] = [0, 0];
  const show = () =>
    progress.show(
      "convert",
      series,
      plan.rows.length,
      `series, ${size(transport.traffic.bytes)} in, ${size(sentBytes)} out`,
    );
  try {
    const { receipts, made, published, peakDiskBytes } = await convertAndPublish(plan, source, repository, {
      ...publishOptions(session),
      folder,
      executor,
      connections,
      signal,
      ...(maxDisk === undefined ? {} : { maxDiskBytes: bytesOf("max-disk", maxDisk) }),
      onSeries: () => {
        series += 1;
        show();
      },
      onShard: (receipt, isNew) => {
        if (!isNew) series += receipt.rows + receipt.rejects.length;
      },
      onProgress: ({ bytes }) => {
        sentBytes = bytes;
        show();
      },
      beforeCard: async () => {
        audited = await auditConverted(session, folder);
      },
    });
    const rows = receipts.reduce((sum, receipt) => sum + receipt.rows, 0);
    const document = {
      ...publishDocument(published, plan, rows, []),
      out: folder,
      rejected: allRejects(plan, receipts).length,
      made,
      peakDiskBytes,
      seconds: (Date.now() - started) / 1000,
      ...(update && { update: update.document }),
      ...(audited && { audit: audited.document }),
    };
    const text = `${rows} rows in ${receipts.length} shards (${made} made now), at most ${size(peakDiskBytes)} on disk\n${update?.text ?? ""}${audited?.text ?? ""}${publishText(published, [])}`;
    return { document, text, ...verdict(given, plan, { rows, rejects: allRejects(plan, receipts) }) };
  } finally {
    await executor.close();
  }
}

/** A folder in the cache for what is published; nobody else may put anything there. */
async function ownFolder(name: string): Promise<string> {
  const folder = cacheFolder(name, "work");
  const others = await distrusted(folder);
  if (others === undefined) return folder;
  throw new EtlError("cannot-write", `${others}: other users can write there; chmod it, or give --out`);
}

/** What the flags and the session say of publishing. */
function publishOptions({ given, progress, signal, transport }: Session): PublishOptions {
  const card = given.text("card");
  return {
    endpoint: given.text("endpoint"),
    transport,
    signal,
    public: given.on("public"),
    hasRight: given.on("i-have-the-right-to-publish"),
    card: card === undefined ? undefined : textOf("card", card),
    retry: { onWait: progress.wait },
    onNote: (line) => progress.note(line),
    onProgress: ({ bytes, totalBytes, shards, totalShards }) =>
      progress.show(
        "publish",
        bytes < totalBytes ? Math.floor(bytes / 1e6) : MB(totalBytes),
        MB(totalBytes),
        `MB, ${shards}/${totalShards} shards`,
      ),
  };
}

const MB = (bytes: number) => Math.ceil(bytes / 1e6);

function publishDocument(published: Published, plan: Plan, rows: number, takenDown: readonly string[]) {
  return {
    ...published,
    source: plan.source.id,
    revision: plan.source.revision,
    shards: plan.shards.length,
    rows,
    takenDown,
  };
}

function publishText({ url, commit, commits, sent, deleted }: Published, takenDown: readonly string[]): string {
  const what =
    commits === 0
      ? "nothing has changed: no commit"
      : `${sent.files} files sent (${size(sent.bytes)}), ${deleted} stale ones deleted, in ${commits} commit${commits === 1 ? "" : "s"}`;
  const history =
    takenDown.length === 0
      ? ""
      : `${takenDown.length} series taken down. Older commits still hold them: squash the history and delete the old files in the data set's settings.\n`;
  return `${url} at ${commit.slice(0, 12)}\n${what}\n${history}`;
}
