import { rm } from "node:fs/promises";
import path from "node:path";
import { assertAsReference, assertNothingHalf, type Finished, Site } from "../../test/properties/crash/site.ts";
import type { Ended } from "../../test/runs.ts";
import type { Schedule, Stop } from "./schedule.ts";
import { type Work, workOn } from "./work.ts";

export interface Tally {
  schedules: number;
  runs: number;
  /** By exit code, or "killed". */
  readonly ends: Record<string, number>;
  readonly stops: Record<string, number>;
  readonly faults: Record<string, number>;
  shardsChecked: number;
  filesChecked: number;
  /** The longest time from SIGINT or SIGTERM to the end of the command. */
  slowestStopMs: number;
  readonly differences: string[];
}
export const emptyTally = (): Tally => ({
  schedules: 0,
  runs: 0,
  ends: {},
  stops: {},
  faults: {},
  shardsChecked: 0,
  filesChecked: 0,
  slowestStopMs: 0,
  differences: [],
});

/** A run that nothing stops may still give up on the network, a few times. */
const MAX_RUNS = 6;

/** Runs schedules one after the other, with a Hub and a process of its own. */
export class Lane {
  private readonly site: Site;
  private readonly tally: Tally;
  /** By kind and format. */
  private readonly works = new Map<string, Work>();
  private constructor(site: Site, tally: Tally) {
    this.site = site;
    this.tally = tally;
  }

  static async open(tally: Tally): Promise<Lane> {
    return new Lane(await Site.make(), tally);
  }

  private async workOf({ kind, format }: Schedule): Promise<Work> {
    const key = `${kind} ${format}`;
    const work = this.works.get(key) ?? (await workOn(this.site, kind, format));
    this.works.set(key, work);
    return work;
  }

  async run(schedule: Schedule): Promise<void> {
    const { site, tally } = this;
    site.hub.faults.splice(0);
    const work = await this.workOf(schedule);
    site.hub.resetLog();
    site.hub.faults.splice(0, Number.POSITIVE_INFINITY, ...schedule.faults);
    const folder = await site.folder();
    try {
      await this.toItsEnd(schedule, work, path.join(folder, "out"));
    } catch (error) {
      const difference = `schedule ${schedule.name}: ${(error as Error).message}\n${JSON.stringify(schedule)}`;
      tally.differences.push(difference);
      process.stderr.write(`\n${difference}\n`);
    }
    tally.schedules += 1;
    for (const kind of site.hub.log.flatMap(({ faults }) => faults)) if (kind !== "custom") count(tally.faults, kind);
    await rm(folder, { recursive: true, force: true });
  }

  private async toItsEnd(schedule: Schedule, work: Work, out: string): Promise<void> {
    const { tally } = this;
    const { reference, before } = work;
    await work.prepare(out);
    const finished = new Map<string, string>();
    const runs: (Stop | undefined)[] = [...schedule.stops, ...new Array<undefined>(MAX_RUNS)];
    for (const stop of runs) {
      const { code, stderr } = await this.stopped(schedule, work, out, stop);
      tally.runs += 1;
      count(tally.ends, `${code}`);
      if (code !== "killed" && code !== 0 && code !== 75 && !(code === 73 && stop?.how === "read-only"))
        throw new Error(`exit code ${code}: ${stderr}`);
      if (code === 75 && !/again|goes on|stopped/.test(stderr)) throw new Error(`does not say how to go on: ${stderr}`);
      const now = await assertNothingHalf(out, reference, before);
      // What an update keeps may be called otherwise afterwards.
      if (schedule.kind !== "update") this.keep(finished, now);
      if (code === 0 && !stop) break;
    }
    await assertAsReference(out, reference, finished);
    tally.filesChecked += Object.keys(reference).length;
    tally.shardsChecked += Object.keys(reference).filter((name) => name.startsWith("data/")).length;
  }

  /** What was finished before must be the same file still. */
  private keep(known: Map<string, string>, now: Finished): void {
    for (const [name, identity] of known)
      if (now.get(name) !== identity) throw new Error(`${name} was finished and was written again`);
    for (const one of now) known.set(...one);
  }

  /** Runs the command, stopped as told. */
  private async stopped(schedule: Schedule, work: Work, out: string, stop: Stop | undefined): Promise<Ended> {
    const { site, tally } = this;
    const { format, workers, connections } = schedule;
    const options = { out, format, workers, connections };
    const args = work.args(options);
    if (!stop) return site.run(args, options);
    count(tally.stops, stop.how);
    if ("step" in stop) {
      const event = ({ "SIGKILL in a step": "kill", "disk full": "full", "read-only": "read-only" } as const)[stop.how];
      return site.run(args, { ...options, steps: { at: stop.step, do: event } });
    }
    let timer: NodeJS.Timeout | undefined;
    let sent: number | undefined;
    const callOff = site.atByte(stop.share * work.bytes, () => {
      timer = setTimeout(() => {
        site.runs.signal(stop.how);
        sent = Date.now();
      }, stop.afterMs);
    });
    const ended = await site.run(args, options);
    clearTimeout(timer);
    callOff();
    if (sent !== undefined && stop.how !== "SIGKILL")
      tally.slowestStopMs = Math.max(tally.slowestStopMs, Date.now() - sent);
    return ended;
  }

  close(): Promise<void> {
    return this.site.close();
  }
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
