import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Fault, LoggedRequest } from "../../../devkit/hub/hub.ts";
import { consequences, isFault } from "../../../src/errors.ts";
import { ATTEMPTS, CONNECTIONS, type Ended, Phantom } from "./disturbed.ts";
import { type FaultRow, type Reaction, type RouteName, table } from "./table.ts";
import type { WriteReaction } from "./writing-table.ts";

/** Which request "once" is: of tree a page in the middle, of resolve an archive's, of a small file the read. */
const ONCE: Readonly<Record<RouteName, readonly number[]>> = {
  revision: [1],
  tree: [3],
  resolve: [2],
  "resolve-cache": [2],
  cdn: [1, 3],
};
/** Rows that have to wait in earnest; coarse timers make up to a second of it. */
// Long beside what a busy machine holds up a turn, or the wait itself is taken for a stall.
const STALLS = { stallMs: 1000, attempts: 2 };

/** A test for each row of the table that strikes one of the routes: a whole conversion, with that fault. */
export function rowSuite(...routes: readonly RouteName[]): void {
  let phantom: Phantom;
  let calm: Ended;
  before(async () => {
    phantom = await Phantom.make();
    calm = await phantom.converted();
    assert.equal(calm.error, undefined);
    assert.equal(calm.rejects.length, 0);
  });
  after(() => phantom.remove());

  for (const row of table)
    for (const route of routes) {
      const reaction = row.on[route];
      if (reaction === undefined) continue;
      test(`${route}: ${row.name}: ${told(reaction)}`, async () => {
        const ended = await phantom.converted({ faults: [faultOf(row, route)], ...(isStall(row) && STALLS) });
        assert.ok(struck(ended) > 0, "the fault was put in");
        check(reaction, route, ended, calm);
        if (row.do.kind === "rate-limit" && reaction === "wait, retry") {
          assert.ok(ended.waits.every((ms) => ms > 0 && ms <= 8000) && ended.waits.includes(8000), `${ended.waits}`);
          assert.ok(ended.told.includes(8000), "and says so");
        }
      });
    }
}

const isStall = (row: FaultRow) => row.do.kind === "stall" || (row.do.kind === "drip" && row.do.bytes === 1);

function faultOf(row: FaultRow, route: RouteName): Fault {
  const { strikes } = row;
  // The byte that a flip is for is of one archive.
  const path = row.do.kind === "flip" ? { path: /ct_case_00/ } : {};
  // Several archives are read at once: the first and the third request may be one read's, which has two attempts.
  const once = isStall(row) ? ONCE[route].slice(0, 1) : ONCE[route];
  const nth = strikes === "always" ? {} : { nth: strikes === "once" ? once : strikes };
  return { route, do: row.do, ...path, ...nth };
}

export function told(reaction: Reaction | WriteReaction): string {
  if (typeof reaction === "string") return reaction;
  if ("reject" in reaction) return `reject the series: ${reaction.reject}`;
  return `stop, ${reaction.stop}, exit ${consequences[reaction.stop].exitCode}`;
}

function check(reaction: Reaction, route: RouteName, ended: Ended, calm: Ended): void {
  if (typeof reaction === "object" && "stop" in reaction) return checkStopped(reaction.stop, route, ended);
  if (ended.error !== undefined) throw ended.error;
  if (typeof reaction === "object") {
    assert.deepEqual(ended.rejects, [reaction.reject]);
    return;
  }
  assert.deepEqual(ended.files, calm.files);
  const faults = struck(ended);
  const more = (name: RouteName) => count(ended.log, name) - count(calm.log, name);
  const moreInAll = ended.log.length - calm.log.length;
  if (reaction === "read on") assert.equal(moreInAll, 0);
  // Not one request that the fault does not account for.
  if (reaction === "retry" || reaction === "wait, retry" || reaction === "read again")
    assert.deepEqual([more(route), moreInAll], [faults, faults]);
  if (reaction === "resume") {
    assert.deepEqual([more(route), moreInAll], [faults, faults]);
    for (const one of ended.log.filter(({ faults }) => faults.length > 0)) assertResumed(one, ended.log);
  }
  // A new link by at most two hops for each that was refused.
  if (reaction === "re-resolve") {
    assert.equal(more("cdn") + more("resolve-cache") - (route === "cdn" ? 0 : faults), faults);
    assert.equal(more("resolve"), faults);
  }
}

function checkStopped(kind: keyof typeof consequences, route: RouteName, { error, log, waits }: Ended): void {
  assert.ok(
    waits.every((ms) => ms <= 3_601_000),
    "nobody waits for hours",
  );
  assert.ok(isFault(error, kind), String(error));
  assert.equal(error.exitCode, consequences[kind].exitCode);
  // A circle is followed for a few hops each time; a small file's link is probed once.
  const hops = log.some(({ route: at, status }) => at === route && status === 302) ? 4 : 1;
  const most = ATTEMPTS * hops * (route === "cdn" ? CONNECTIONS : 1);
  assert.ok(count(log, route) <= most + 1, `${count(log, route)} requests`);
}

/** The next request for the same end begins at the first byte that had not come. */
function assertResumed(broken: LoggedRequest, log: readonly LoggedRequest[]): void {
  const [start = 0, last = 0] = (broken.range ?? "").slice("bytes=".length).split("-").map(Number);
  const next = log.slice(log.indexOf(broken) + 1).find(({ path, range = "" }) => {
    return path === broken.path && range.endsWith(`-${last}`) && range !== broken.range;
  });
  const from = Number(/=(\d+)-/.exec(next?.range ?? "")?.[1]);
  // A reset may overtake bytes, and a drip goes on while the reader leaves: then fewer came than were sent.
  const exact = broken.faults.includes("truncate") || broken.faults.includes("stall");
  const right = exact ? from === start + 100 : from > start && from <= start + Math.max(100, broken.bytes);
  assert.ok(right, `${broken.range} broke after ${broken.bytes} bytes; then came ${next?.range}`);
}

const count = (log: readonly LoggedRequest[], route: RouteName) => log.filter((one) => one.route === route).length;
const struck = ({ log }: Ended) => log.filter(({ faults }) => faults.length > 0).length;
