import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { AttemptLine } from "../../src/model/attempt.ts";
import { attemptPath, temporaryFolder } from "../../src/output/layout.ts";
import { isAlive } from "./processes.ts";

type Start = Extract<AttemptLine, { event: "start" }>;
type End = Extract<AttemptLine, { event: "end" }>;

/** An attempt that has been stopped in the middle, so that what is done to it meets it there. */
export interface Victim extends Start {
  readonly file: string;
}

/** A folder that tasks of a cluster work in; what happens there is known by their logs alone. */
export class Field {
  readonly out: string;
  private readonly seen = new Set<string>();

  constructor(out: string) {
    this.out = out;
  }

  /** Waits for an attempt that has just begun, on this node where one is named, and stops its process. */
  async freeze(node?: string): Promise<Victim> {
    for (const end = Date.now() + 120_000; Date.now() < end; await wait(20))
      for (const name of await this.logs()) {
        if (this.seen.has(name) || (node !== undefined && !name.includes(`.${node}.`))) continue;
        this.seen.add(name);
        const victim = await stopped(path.join(this.folder, name));
        if (victim) return victim;
      }
    throw new Error(`no attempt began on ${node ?? "any node"} within two minutes`);
  }

  /** The same, in the middle of writing the shard. */
  async freezeWriting(node: string): Promise<Victim> {
    for (;;) {
      const victim = await this.freeze(node);
      while (isAlive(victim.pid) && !(await endOfVictim(victim))) {
        if (await this.writes(victim)) return victim;
        thaw(victim);
        await wait(1);
        if (isAlive(victim.pid)) process.kill(victim.pid, "SIGSTOP");
      }
      thaw(victim);
    }
  }

  private async writes({ pid }: Victim): Promise<boolean> {
    const names = await readdir(temporaryFolder(this.out)).catch(() => []);
    return names.some((name) => name.includes(`.${pid}-`));
  }

  /** The attempts at a shard, but for one; each with its end where it has one. */
  async others({ shard, file }: Victim): Promise<readonly { start: Start; end: End | undefined }[]> {
    const number = path.basename(file).split(".")[0]!;
    const names = (await this.logs()).filter(
      (name) => name.startsWith(`${number}.`) && path.join(this.folder, name) !== file,
    );
    const found = await Promise.all(names.map((name) => linesOf(path.join(this.folder, name))));
    return found.flatMap((lines) => {
      const start = lines.find((line) => line.event === "start");
      return start && start.shard === shard ? [{ start, end: endOf(lines) }] : [];
    });
  }

  private get folder(): string {
    return path.dirname(attemptPath(this.out, 0, "", 0));
  }

  private async logs(): Promise<readonly string[]> {
    return (await readdir(this.folder).catch(() => [])).filter((name) => name.endsWith(".jsonl"));
  }
}

/** The attempt's end; undefined while it has none. */
export async function endOfVictim({ file }: Victim): Promise<End | undefined> {
  return endOf(await linesOf(file));
}

export function thaw({ pid }: Victim): void {
  if (isAlive(pid)) process.kill(pid, "SIGCONT");
}

async function stopped(file: string): Promise<Victim | undefined> {
  const start = (await linesOf(file)).find((line) => line.event === "start");
  if (!start || !isAlive(start.pid)) return undefined;
  process.kill(start.pid, "SIGSTOP");
  const victim = { ...start, file };
  // It may have come to its end before.
  if ((await endOfVictim(victim)) === undefined) return victim;
  thaw(victim);
  return undefined;
}

async function linesOf(file: string): Promise<readonly AttemptLine[]> {
  const lines = (await readFile(file, "utf8").catch(() => "")).split("\n").filter(Boolean);
  return lines.flatMap((line) => {
    try {
      return [AttemptLine.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });
}

const endOf = (lines: readonly AttemptLine[]) => lines.findLast((line) => line.event === "end");
