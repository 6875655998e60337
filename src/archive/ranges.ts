import { setImmediate as nextTurn } from "node:timers/promises";
import type { ByteSource, ReadOptions } from "../bytes/byte-source.ts";
import { EtlError } from "../errors.ts";
import type { ByteRange } from "../model/byte-range.ts";
import type { Member } from "./archive-format.ts";

/** A hole up to this size may be read over: a request costs more time than so many bytes. */
const GAP_BYTES = 64 << 10;
/** All holes of a range together stay below this share of it, so that almost nothing is fetched for nothing. */
const WASTE_SHARE = 0.01;
/** A range is cut here: a broken one is then soon whole again, and measured throughput does not gain beyond it. */
export const RANGE_BYTES = 64 << 20;

/** Ranges that cover all extents but empty ones: neighbours are joined, small holes bridged, long ranges cut between extents. */
export function coalesce(extents: readonly Readonly<ByteRange>[]): ByteRange[] {
  const [first, ...more] = extents;
  if (first && more.length === 0 && first.end > first.start) return [{ start: first.start, end: first.end }];
  const sorted = extents.filter(({ start, end }) => end > start).sort((a, b) => a.start - b.start || a.end - b.end);
  const ranges: { start: number; end: number }[] = [];
  let wasted = 0;
  for (const { start, end } of sorted) {
    const last = ranges.at(-1);
    const hole = last ? start - last.end : 0;
    const fits =
      last &&
      hole <= GAP_BYTES &&
      wasted + Math.max(hole, 0) <= (end - last.start) * WASTE_SHARE &&
      end - last.start <= RANGE_BYTES;
    if (last && fits) {
      wasted += Math.max(hole, 0);
      last.end = Math.max(last.end, end);
    } else {
      ranges.push({ start, end });
      wasted = 0;
    }
  }
  return ranges;
}

export interface PlannedRead {
  readonly range: ByteRange;
  /** Members that lie wholly in the range. */
  readonly members: readonly Member[];
}

const NOTHING = new Uint8Array(0);
/** A fast server has the next chunk ready each time: a turn of the event loop would not end before several ranges do. */
const BREATH_BYTES = 512 << 10;

export interface MemberOptions extends ReadOptions {
  /** Gives the memory for a member's extent, of its very length; without it, each has a buffer of its own. */
  readonly place?: (member: Member) => Uint8Array;
}

/** Reads ranges one after another and yields each member's extent as soon as it is there; holds one member at a time. */
export async function* readMembers(
  source: ByteSource,
  reads: readonly PlannedRead[],
  { place = placeAlone, ...options }: MemberOptions = {},
): AsyncGenerator<{ member: Member; extent: Uint8Array }> {
  for (const { range, members } of reads) {
    const cut = new Cutter(
      [...members].sort((a, b) => a.start - b.start),
      range.start,
      place,
    );
    yield* cut.add(NOTHING);
    let since = 0;
    if (range.end > range.start)
      for await (const chunk of source.read(range, options)) {
        yield* cut.add(chunk);
        since += chunk.byteLength;
        if (since < BREATH_BYTES) continue;
        since = 0;
        await nextTurn();
      }
    if (cut.left > 0) throw new EtlError("short-read", `${source.name}: ${cut.left} members lie beyond the range read`);
  }
}

const placeAlone = ({ start, end }: Member) => new Uint8Array(end - start);

/** Cuts a stream of bytes into the extents of sorted, disjoint members. */
class Cutter {
  private at = 0;
  private filled = 0;
  private extent: Uint8Array | undefined;
  private readonly members: readonly Member[];
  private position: number;
  private readonly place: (member: Member) => Uint8Array;
  constructor(members: readonly Member[], position: number, place: (member: Member) => Uint8Array) {
    this.members = members;
    this.position = position;
    this.place = place;
  }
  get left(): number {
    return this.members.length - this.at;
  }
  *add(chunk: Uint8Array): Generator<{ member: Member; extent: Uint8Array }> {
    let offset = 0;
    while (this.at < this.members.length) {
      const member = this.members[this.at]!;
      this.extent ??= this.place(member);
      const from = Math.max(offset, member.start + this.filled - this.position);
      const part = chunk.subarray(from, Math.min(chunk.byteLength, member.end - this.position));
      this.extent.set(part, this.filled);
      this.filled += part.byteLength;
      if (this.filled < this.extent.byteLength) break;
      yield { member, extent: this.extent };
      offset = Math.max(0, member.end - this.position);
      this.at += 1;
      this.filled = 0;
      this.extent = undefined;
    }
    this.position += chunk.byteLength;
  }
}
