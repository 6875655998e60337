import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { z } from "zod";
import type { Member } from "../archive/archive-format.ts";
import { allMembers } from "../archive/folders.ts";
import { coalesce, type PlannedRead, readMembers } from "../archive/ranges.ts";
import { isFault } from "../errors.ts";
import { cacheFolder, readTrusted } from "../files/cache-folder.ts";
import { writeWhole } from "../files/whole-file.ts";
import type { Archive, Source } from "../source/source.ts";
import type { ArchiveIndex } from "./archive-index.ts";
import type { CheckOptions, Found } from "./check.ts";

/** What was read is noted each time that so much more was. */
const NOTE_EVERY_BYTES = 1 << 30;

/** How far an archive's members were read; `stamp` is of the file that they were read from. */
const Note = z.strictObject({
  stamp: z.string(),
  read: z.int().nonnegative(),
  damaged: z.array(z.string()),
});
const Notes = z.strictObject({ version: z.literal(1), archives: z.record(z.string(), Note) });
type Notes = z.infer<typeof Notes>;

/**
 * Reads every member of the archives that are there and holds it against its CRC-32. What is read is noted in the cache
 * until all is: a run that was stopped is gone on with, and one that came to its end starts anew the next time.
 */
export class DeepCheck {
  readonly cost = { bytes: 0, seconds: 0 };
  private readonly file: string;
  private readonly notes: Notes["archives"];
  private readonly index: ArchiveIndex;
  private noted = 0;

  private constructor(file: string, notes: Notes["archives"], index: ArchiveIndex) {
    [this.file, this.notes, this.index] = [file, notes, index];
  }

  static async open(source: Source, index: ArchiveIndex): Promise<DeepCheck> {
    const name = source.kind === "local" ? path.resolve(source.name) : source.name;
    const key = createHash("sha256")
      .update(`${name}\0${JSON.stringify(index.head)}`)
      .digest("hex")
      .slice(0, 24);
    const file = path.join(cacheFolder(source.name, "check"), `${key}.json`);
    const kept = await readTrusted(file);
    const notes = Notes.safeParse(kept && parsed(kept));
    return new DeepCheck(file, notes.success ? notes.data.archives : {}, index);
  }

  async read(found: readonly Found[], options: CheckOptions): Promise<readonly Found[]> {
    const started = performance.now();
    const totalBytes = found.reduce((sum, one) => sum + (one.state === "whole" ? one.indexed.byteLength : 0), 0);
    const checked: Found[] = [];
    let bytes = 0;
    try {
      for (const one of found) {
        const { path, byteLength } = one.indexed;
        const show = (position: number) =>
          options.onProgress?.({
            ...{ path, archives: checked.length, totalArchives: found.length },
            ...{ bytes: bytes + Math.min(position, byteLength), totalBytes },
          });
        checked.push(one.state === "whole" ? await this.readArchive(one, options.signal, show) : one);
        if (one.state === "whole") bytes += byteLength;
      }
      await rm(this.file, { force: true });
    } catch (error) {
      await this.note().catch(() => {});
      throw error;
    } finally {
      this.cost.seconds = (performance.now() - started) / 1000;
    }
    return checked;
  }

  private async readArchive(one: Found, signal: AbortSignal | undefined, show: (position: number) => void) {
    const { indexed } = one;
    const archive = one.archive!;
    const stamp = archive.stampOf?.("") ?? archive.contentId;
    const all = allMembers(await this.index.whole(indexed, { signal }));
    const members = [...all.filter(({ start, end }) => end > start), ...all.filter(({ start, end }) => end === start)];
    const kept = this.notes[indexed.path];
    const note = kept?.stamp === stamp ? kept : { stamp, read: 0, damaged: [] };
    this.notes[indexed.path] = note;
    try {
      for (const read of inTurns(members.slice(note.read))) {
        for await (const { member, extent } of readMembers(archive.bytes, [read], { signal })) {
          if (isFault(archive.format.extract(member, extent)) && !(await isWholeAgain(archive, member, signal)))
            note.damaged.push(member.path);
          note.read += 1;
          this.cost.bytes += extent.byteLength;
          show(member.end);
        }
        await nextTurn();
        signal?.throwIfAborted();
        if (this.cost.bytes - this.noted >= NOTE_EVERY_BYTES) await this.note();
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (!isFault(error) || error.remedy === "retry") throw error;
      return { ...one, state: "unreadable" as const, detail: error.message, ...note };
    }
    if (note.damaged.length === 0) return { ...one, ...note };
    const detail = `${note.damaged.length} of ${members.length} members are damaged, ${note.damaged[0]} for one`;
    return { ...one, state: "damaged" as const, detail, ...note };
  }

  private async note(): Promise<void> {
    this.noted = this.cost.bytes;
    const notes: Notes = { version: 1, archives: this.notes };
    // A cache that cannot be written costs a second reading.
    await writeWhole(this.file, JSON.stringify(notes)).catch((error) => {
      if (!isFault(error, "cannot-write", "disk-full")) throw error;
    });
  }
}

/** A bit may have flipped on the way. */
async function isWholeAgain({ bytes, format }: Archive, member: Member, signal: AbortSignal | undefined) {
  const { start, end } = member;
  for await (const { extent } of readMembers(bytes, [{ range: { start, end }, members: [member] }], { signal }))
    return !isFault(format.extract(member, extent));
  return false;
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return undefined;
  }
}

/** Members that lie close together, read as one range after the other; empty ones, which lie in none, each by itself. */
function* inTurns(members: readonly Member[]): Generator<PlannedRead> {
  let at = 0;
  for (const range of coalesce(members)) {
    const first = at;
    while (at < members.length && members[at]!.end > members[at]!.start && members[at]!.end <= range.end) at += 1;
    yield { range, members: members.slice(first, at) };
  }
  for (const member of members.slice(at))
    yield { range: { start: member.start, end: member.start }, members: [member] };
}
