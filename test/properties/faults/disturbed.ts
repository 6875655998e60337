import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Fault, type Hub, type HubOptions, type LoggedRequest, startHub } from "../../../devkit/hub/hub.ts";
import { writePhantomRepo } from "../../../devkit/phantoms/phantom-repo.ts";
import { Transport } from "../../../src/bytes/http/transport.ts";
import { defaultRetryPolicy } from "../../../src/bytes/retrying.ts";
import { convert } from "../../../src/run/convert.ts";
import { planConversion } from "../../../src/run/plan-conversion.ts";
import { inline } from "../../../src/series/inline.ts";
import { openSource } from "../../../src/source/open-source.ts";
import { filesOf } from "../determined-files.ts";
import { VirtualClock } from "./virtual-clock.ts";

const REPO = "phantoms/M3D-Cap";
export const ATTEMPTS = 3;
export const CONNECTIONS = 4;

export interface Ended {
  /** SHA-256 of every file of the output, by path; empty where the run stopped. */
  readonly files: Readonly<Record<string, string>>;
  readonly rejects: readonly string[];
  readonly error: unknown;
  readonly log: readonly LoggedRequest[];
  /** Ms of every wait between requests. */
  readonly waits: readonly number[];
  /** Waits that the run told its progress line of, in ms. */
  readonly told: readonly number[];
}

export interface Disturbance {
  readonly faults?: readonly Fault[];
  readonly stallMs?: number;
  readonly attempts?: number;
  readonly clock?: VirtualClock;
  readonly hub?: HubOptions;
}

/** A small repository, to be converted again and again: each time whole, from a Hub of its own and without a cache. */
export class Phantom {
  private runs = 0;
  private readonly folder: string;
  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(): Promise<Phantom> {
    const folder = await mkdtemp(path.join(tmpdir(), "faults-"));
    const size = { archives: 2, casesPerArchive: 2, seriesPerCase: 2, slices: 4, height: 64, width: 64 };
    await writePhantomRepo(path.join(folder, "repo"), size);
    process.env["VOXSHARD_CACHE"] = path.join(folder, "cache");
    return new Phantom(folder);
  }

  async converted(options: Disturbance = {}): Promise<Ended> {
    const { faults = [], stallMs = 30_000, attempts = ATTEMPTS, clock = new VirtualClock(), hub } = options;
    await rm(path.join(this.folder, "cache"), { recursive: true, force: true });
    const out = path.join(this.folder, `out-${this.runs++}`);
    const server = await startHub({ dir: path.join(this.folder, "repo"), repo: REPO, pageSize: 2, faults, ...hub });
    const told: number[] = [];
    const ended = { files: {}, rejects: [], log: server.log, waits: clock.waits, told };
    try {
      const onWait = (ms: number) => told.push(ms);
      const retry = { ...defaultRetryPolicy, attempts, clock, onWait };
      const transport = new Transport({ connections: CONNECTIONS, stallMs, clock });
      // A server that tells the time by this clock must not see it leap between a request's start and its answer.
      const answered = () => server.log.filter(({ status }) => status !== 0).length;
      if (hub?.now) clock.busy = () => transport.traffic.requests > answered();
      const rejects = await convertAll(server, out, { transport, retry });
      return { ...ended, files: await filesOf(out), rejects, error: undefined };
    } catch (error) {
      return { ...ended, error };
    } finally {
      await server.close();
    }
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

async function convertAll(hub: Hub, folder: string, open: Parameters<typeof openSource>[1]): Promise<string[]> {
  const source = await openSource(REPO, { endpoint: hub.endpoint, ...open });
  try {
    const output = { volume: "none", slices: true, preview: false } as const;
    const { plan } = await planConversion(source, { output });
    const executor = inline();
    const { receipts } = await convert(plan, source, { folder, executor, connections: CONNECTIONS });
    return [...plan.rejects, ...receipts.flatMap((receipt) => receipt.rejects)].map(({ reason }) => reason);
  } finally {
    await source.close();
  }
}
