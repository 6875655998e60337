import { setTimeout as wait } from "node:timers/promises";
import { EtlError } from "../errors.ts";
import { planOf } from "../output/output-folder.ts";
import { type Status, statusOf, type Try } from "../output/status.ts";
import { bringAttempts, bringState } from "../output/stored-state.ts";
import type { Mirror } from "../stores/mirror.ts";
import type { Result } from "./commands.ts";
import { inPlace } from "./in-place.ts";
import { duration } from "./machines.ts";
import { size } from "./progress.ts";
import type { Session } from "./session.ts";

/** Seconds without a sign of life that mean the end of an attempt: four beats of its log. */
const SILENCE = 120;
const LOOK_EVERY_MS = 2_000;
/** So many lines of each kind are for people; --json has all. */
const LISTED = 10;

export async function statusCommand(session: Session): Promise<Result> {
  const [place] = session.given.positionals;
  if (place === undefined) throw new EtlError("usage", "no folder: give the one that was submitted");
  return inPlace(session, place, (folder, mirror) => statusIn(session, { place, folder, mirror }));
}

async function statusIn(
  session: Session,
  { place, folder, mirror }: { readonly place: string; readonly folder: string; readonly mirror: Mirror | undefined },
): Promise<Result> {
  const { given, signal } = session;
  const plan = mirror ? await bringState(mirror) : await planOf(folder);
  const look = async () => {
    if (mirror) for (const bring of [bringState, bringAttempts]) await bring(mirror);
    return statusOf(folder, plan, given.count("silence", 1, SILENCE) * 1000);
  };
  let status = await look();
  if (given.on("watch"))
    for (const said = new Set<string>(); status.done < status.shards && !signal.aborted; status = await look()) {
      show(session, status, said);
      // Ctrl-C ends the watching, which is no fault.
      await wait(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
    }
  return { document: { folder: place, ...status }, text: textOf(status) };
}

/** The bar, and a line for each attempt that has failed since. */
function show({ progress }: Session, status: Status, said: Set<string>): void {
  progress.show("shards", status.done, status.shards, counts(status));
  for (const [what, tries] of [["failed", status.failed] as const, ["lost", status.lost] as const])
    for (const one of tries) {
      const key = `${one.shard} ${one.sign}`;
      if (!said.has(key)) progress.note(line(what, one));
      said.add(key);
    }
}

function counts({ running, failed, lost, waiting, secondsLeft }: Status): string {
  const left = secondsLeft === null ? "" : `, ${duration(secondsLeft)} left`;
  return `${running.length} running, ${failed.length} failed, ${lost.length} lost, ${waiting} not begun${left}`;
}

function textOf(status: Status): string {
  const { shards, done, rows, rejects, bytes, fetched, attempts, rate } = status;
  const speed = rate
    ? `${Math.round(rate.shardsPerHour)} shards an hour, ${rate.rowsPerSecond.toPrecision(2)} rows a second\n`
    : "";
  const lines = (["running", "failed", "lost"] as const).flatMap((what) => {
    const more = status[what].length - LISTED;
    const named = status[what].slice(0, LISTED).map((one) => `${line(what, one)}\n`);
    return more > 0 ? [...named, `${what}: and ${more} more\n`] : named;
  });
  return `${done} of ${shards} shards: ${counts(status)}
${rows} rows, ${rejects} rejects, ${size(bytes)}; ${size(fetched.bytes)} fetched in ${fetched.requests} requests of ${attempts} attempts
${speed}${lines.join("")}`;
}

function line(what: "running" | "failed" | "lost", one: Try): string {
  const where = [one.host, one.job, one.log].filter(Boolean).join(", ");
  const tries = one.tries === 1 ? "" : `, ${one.tries} attempts`;
  const [from, sign] = [Date.parse(one.start), Date.parse(one.sign)];
  const how = {
    running: `for ${duration((Date.now() - from) / 1000)}${one.series === null ? "" : `, ${one.series} series`}`,
    failed: `exit ${one.exitCode}, ${one.reason}`,
    lost: `no sign since ${new Date(sign).toISOString()}`,
  }[what];
  return `${what} ${one.shard}: ${how} (${where}${tries})`;
}
