import { readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { DirectoryCache } from "../catalogue/directories.ts";
import { EtlError } from "../errors.ts";
import { DiskRoom } from "../files/disk-room.ts";
import { absentObjects } from "../hub/absent.ts";
import type { Plan } from "../model/plan.ts";
import type { Receipt } from "../model/receipt.ts";
import type { Sent, VerifiedShard } from "../model/verified.ts";
import { finalize, keepIndexRows } from "../output/finalize.ts";
import { indexPart, sentPath } from "../output/layout.ts";
import { claimFolder, sha256OfFile, sweep, writeInto } from "../output/output-folder.ts";
import { readReceipt } from "../output/receipts.ts";
import { allSent } from "../output/sent-marks.ts";
import { planHash } from "../plan/plan-hash.ts";
import { plannedRowBytes } from "../plan/plan-shards.ts";
import type { Publication } from "../publish/publication.ts";
import { closePublication, type Destination, openPublication } from "../publish/publish.ts";
import { ShardOutcomes } from "../series/shard-outcomes.ts";
import { shardFormat } from "../shards/formats.ts";
import type { Source } from "../source/source.ts";
import { checkShard } from "../verify/verify.ts";
import { type Converted, type ConvertOptions, finished } from "./convert.ts";
import { cardFor, type Published, type PublishOptions, withDestination } from "./publish.ts";
import { interrupted, runShard } from "./run-shard.ts";
import { withoutTakenDown } from "./take-down.ts";

export interface StraightOptions extends ConvertOptions, Omit<PublishOptions, "signal"> {
  /** Most bytes of the folder at once; shards are freed once they are sent. Without it they stay. */
  readonly maxDiskBytes?: number | undefined;
}
export interface StraightResult extends Converted {
  readonly published: Published;
  /** The most bytes that lay in the folder at once, by this run's own count. */
  readonly peakDiskBytes: number;
}

/**
 * Converts and publishes shard by shard: made, verified, sent, and freed while the next one is made. Each step leaves
 * its mark (receipt, index rows, `sent`) before the next begins, so the same call goes on wherever it was stopped; what
 * the repository's store has lost meanwhile is made again.
 */
export async function convertAndPublish(
  plan: Plan,
  source: Source,
  repository: string,
  options: StraightOptions,
): Promise<StraightResult> {
  const { folder } = options;
  await claimFolder(folder, plan);
  await sweep(folder);
  const room = new DiskRoom(options.maxDiskBytes ?? Number.POSITIVE_INFINITY, await folderBytes(folder));
  const receipts: Receipt[] = [];
  let made = 0;
  const published = await withDestination(folder, plan, repository, plan.outputBytes, options, async (destination) => {
    const publication = await openPublication(destination);
    const sent = await resumed(folder, plan, publication, destination);
    const sending = new Sending(options, plan, publication, destination.id, room);
    const signal = AbortSignal.any([sending.failed.signal, ...(options.signal ? [options.signal] : [])]);
    const hash = planHash(plan);
    const tools = { ...options, plan, source, directories: new DirectoryCache(source, signal), signal };
    const isWanted = async (shard: number) => !sent.has(shard) && !(await readReceipt(folder, shard, hash));
    const outcomes = new ShardOutcomes(tools, isWanted);
    try {
      for (const shard of plan.shards.keys()) {
        if (signal.aborted) throw interrupted(folder);
        const there = sent.get(shard);
        if (there) {
          receipts.push(there);
          if (options.maxDiskBytes !== undefined) room.add(-(await freed(path.join(folder, there.path))));
          options.onShard?.(there, false);
          continue;
        }
        const done = await finished(folder, shard, hash);
        const reserved = done ? 0 : plannedBytes(plan, shard);
        await room.take(reserved, () => sending.isBusy && !signal.aborted);
        const receipt = await withoutTakenDown(folder, plan, done ?? (await runShard(shard, { ...tools, outcomes })));
        room.add(receipt.byteLength - (done?.byteLength ?? reserved));
        if (!done) made += 1;
        await sending.push(receipt);
        receipts.push(receipt);
        options.onShard?.(receipt, !done);
      }
      await sending.end();
    } catch (error) {
      // The upload's own failure is the cause where both have stopped.
      throw (await sending.failure()) ?? error;
    } finally {
      await outcomes.close();
    }
    await finalize(folder);
    const card = await cardFor(folder, plan, receipts, destination.id, options.card);
    const shards = plan.shards.map((shard) => shard.path);
    return closePublication(publication, destination, { folder, card, shards });
  });
  return { receipts, made, published, peakDiskBytes: room.peak };
}

/** Shards on their way, one after the other, beside the conversion. */
class Sending {
  readonly failed = new AbortController();
  isBusy = false;
  private last: Promise<void> = Promise.resolve();
  private pending = 0;
  private readonly options: StraightOptions;
  private readonly plan: Plan;
  private readonly publication: Publication;
  private readonly repository: string;
  private readonly room: DiskRoom;

  constructor(options: StraightOptions, plan: Plan, publication: Publication, repository: string, room: DiskRoom) {
    this.options = options;
    this.plan = plan;
    this.publication = publication;
    this.repository = repository;
    this.room = room;
  }

  /** Verifies a shard and lets it be sent; returns once it is verified. */
  async push(receipt: Receipt): Promise<void> {
    const { plan } = this;
    const { folder } = this.options;
    const format = shardFormat(plan.output.format, plan.output.engine);
    const { verified, problems } = await checkShard({ folder, plan, format, sha256OfFile }, receipt);
    if (!verified) throw new EtlError("not-verified", `${problems[0]?.where}: ${problems[0]?.what}`);
    await keepIndexRows(folder, plan, receipt);
    this.room.add((await stat(indexPart(folder, receipt.shard))).size);
    this.pending += 1;
    this.isBusy = true;
    this.last = this.last.then(() => this.send(receipt.shard, verified));
    this.last.catch((error) => this.failed.abort(error)).finally(() => this.left());
  }

  async end(): Promise<void> {
    await this.last;
  }

  /** Waits for what is under way; what it failed with, if it did. */
  async failure(): Promise<unknown> {
    await this.last.catch(() => {});
    return this.failed.signal.aborted ? this.failed.signal.reason : undefined;
  }

  private left(): void {
    this.pending -= 1;
    this.isBusy = this.pending > 0;
    this.room.wake();
  }

  private async send(shard: number, verified: VerifiedShard): Promise<void> {
    const { folder, maxDiskBytes } = this.options;
    const isInStore = await this.publication.add([verified]);
    // A shard so small that it goes with the commit itself stays until that is made.
    if (!isInStore) return;
    const { path: name, byteLength, sha256, rows, dataBytes } = verified;
    const sent: Sent = { version: 1, repository: this.repository, path: name, byteLength, sha256, rows, dataBytes };
    await writeInto(folder, sentPath(folder, shard), JSON.stringify(sent));
    if (maxDiskBytes === undefined) return;
    this.room.add(-(await freed(verified.file)));
  }
}

/** The receipts of shards that an earlier run has sent and the repository still has. */
async function resumed(
  folder: string,
  plan: Plan,
  publication: Publication,
  { client, id, signal }: Destination,
): Promise<ReadonlyMap<number, Receipt>> {
  const found = new Map<number, { receipt: Receipt; sent: Sent }>();
  for (const [shard, sent] of await allSent(folder, plan)) {
    const receipt = await readReceipt(folder, shard, planHash(plan));
    if (sent.repository === id && receipt?.sha256 === sent.sha256) found.set(shard, { receipt, sent });
  }
  const uncommitted = [...found.values()].map(({ sent }) => sent).filter((sent) => !publication.has(sent));
  const absent = await absentObjects(client, id, uncommitted, signal);
  for (const [shard, { sent }] of found) if (absent.has(sent.sha256)) found.delete(shard);
  await publication.addSent([...found.values()].map(({ sent }) => sent));
  return new Map([...found].map(([shard, { receipt }]) => [shard, receipt]));
}

/** Removes a file, and says how many bytes that gave. */
async function freed(file: string): Promise<number> {
  const { size } = await stat(file).catch(() => ({ size: 0 }));
  await rm(file, { force: true });
  return size;
}

/** What a shard may take on disk: all its rows, and a hundredth for what the format adds. */
function plannedBytes(plan: Plan, shard: number): number {
  const { first, end } = plan.shards[shard]!;
  return Math.ceil(1.01 * plan.rows.slice(first, end).reduce((sum, row) => sum + plannedRowBytes(row, plan.output), 0));
}

async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  let sum = 0;
  for (const file of files) sum += (await stat(file)).size;
  return sum;
}
