import { stat } from "node:fs/promises";
import path from "node:path";
import { EtlError } from "../errors.ts";
import type { DiskRoom } from "../files/disk-room.ts";
import { absentObjects } from "../hub/absent.ts";
import type { Plan } from "../model/plan.ts";
import type { Receipt } from "../model/receipt.ts";
import type { Sent, VerifiedShard } from "../model/verified.ts";
import { keepIndexRows } from "../output/finalize.ts";
import { indexPart } from "../output/layout.ts";
import { sha256OfFile } from "../output/output-folder.ts";
import { readReceipt } from "../output/receipts.ts";
import { allSent, markSent } from "../output/sent-marks.ts";
import type { ShardSteps } from "../output/shard-steps.ts";
import { planHash } from "../plan/plan-hash.ts";
import { plannedRowBytes } from "../plan/plan-shards.ts";
import type { Publication } from "../publish/publication.ts";
import type { Destination } from "../publish/publish.ts";
import { shardFormat } from "../shards/formats.ts";
import { checkShard } from "../verify/verify.ts";

export interface SendTools {
  readonly publication: Publication;
  readonly destination: Destination;
  readonly folder: string;
  readonly plan: Plan;
  readonly room: DiskRoom;
  /** Whether a shard's file goes once it is sent. */
  readonly frees: boolean;
}

/** The steps of a shard on its way to a repository. They are sent one after the other, beside the conversion. */
export class SendShards implements ShardSteps {
  readonly sent: ReadonlyMap<number, Receipt>;
  /** Stops the conversion: when the run is to stop, and when a shard could not be sent. */
  readonly signal: AbortSignal;
  private readonly tools: SendTools;
  private readonly failed = new AbortController();
  private last: Promise<void> = Promise.resolve();
  private pending = 0;

  private constructor(tools: SendTools, sent: ReadonlyMap<number, Receipt>) {
    this.tools = tools;
    this.sent = sent;
    const { signal } = tools.destination;
    this.signal = AbortSignal.any([this.failed.signal, ...(signal ? [signal] : [])]);
  }

  /** Goes on from what an earlier run has sent. */
  static async into(tools: SendTools): Promise<SendShards> {
    return new SendShards(tools, await resumed(tools));
  }

  async again(receipt: Receipt): Promise<void> {
    // A run that was stopped may not have come to it.
    await this.free(path.join(this.tools.folder, receipt.path));
  }

  async before(shard: number, there: Receipt | undefined): Promise<void> {
    const { plan, room } = this.tools;
    await room.take(there ? 0 : plannedBytes(plan, shard), () => this.pending > 0 && !this.signal.aborted);
  }

  /** Returns once the shard is verified and its index rows are kept; the rest goes on beside the next shard. */
  async after(receipt: Receipt, there: Receipt | undefined): Promise<void> {
    const { folder, plan, room } = this.tools;
    room.add(receipt.byteLength - (there?.byteLength ?? plannedBytes(plan, receipt.shard)));
    const shard = await this.verified(receipt);
    await keepIndexRows(folder, plan, receipt);
    room.add((await stat(indexPart(folder, receipt.shard))).size);
    this.queue(async () => {
      const isInStore = await this.send(receipt.shard, shard);
      // A shard so small that it goes with the commit itself stays until that is made.
      if (isInStore) await this.free(shard.file);
    });
  }

  async end(): Promise<void> {
    await this.last;
  }

  async failure(): Promise<unknown> {
    await this.last.catch(() => {});
    return this.failed.signal.aborted ? this.failed.signal.reason : undefined;
  }

  private async verified(receipt: Receipt): Promise<VerifiedShard> {
    const { folder, plan } = this.tools;
    const format = shardFormat(plan.output.format, plan.output.engine);
    const { verified, problems } = await checkShard({ folder, plan, format, sha256OfFile }, receipt);
    if (verified) return verified;
    throw new EtlError("not-verified", `${problems[0]?.where}: ${problems[0]?.what}`);
  }

  private queue(work: () => Promise<void>): void {
    this.pending += 1;
    this.last = this.last.then(work);
    this.last
      .catch((error) => this.failed.abort(error))
      .finally(() => {
        this.pending -= 1;
        this.tools.room.wake();
      });
  }

  /** False for a shard whose bytes go only with the commit. */
  private async send(shard: number, verified: VerifiedShard): Promise<boolean> {
    const { publication, destination, folder } = this.tools;
    if (!(await publication.add([verified]))) return false;
    const { path: name, byteLength, sha256, rows, dataBytes } = verified;
    const sent: Sent = { version: 1, repository: destination.id, path: name, byteLength, sha256, rows, dataBytes };
    await markSent(folder, shard, sent);
    return true;
  }

  private async free(file: string): Promise<void> {
    if (this.tools.frees) await this.tools.room.free(file);
  }
}

/** The receipts of shards that an earlier run has sent and the repository still has. */
async function resumed({
  folder,
  plan,
  publication,
  destination: { client, id, signal },
}: SendTools): Promise<ReadonlyMap<number, Receipt>> {
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

/** What a shard may take on disk: all its rows, and a hundredth for what the format adds. */
function plannedBytes(plan: Plan, shard: number): number {
  const { first, end } = plan.shards[shard]!;
  return Math.ceil(1.01 * plan.rows.slice(first, end).reduce((sum, row) => sum + plannedRowBytes(row, plan.output), 0));
}
