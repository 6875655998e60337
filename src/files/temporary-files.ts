import { readFileSync, readlinkSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";

/** Letters that no file system minds, and none of those that part the fields of a name. */
const here = `${hostname()}${processSpace()}`.replace(/[^\w-]/g, "_");

/** Containers of one host may share its name, and each counts its processes by itself. */
function processSpace(): string {
  try {
    return `_${readlinkSync("/proc/self/ns/pid").replace(/\D/g, "")}`;
  } catch {
    return "";
  }
}

/** A name for work under way that tells whose it is: `name.tmp.host.pid-start.random`. */
export function temporaryName(name: string): string {
  return `${name}.tmp.${here}.${process.pid}-${startOf("self") ?? ""}.${Math.random().toString(36).slice(2)}`;
}

const TEMPORARY = /\.tmp\.([\w-]+)\.(\d+)-(\d*)\.[a-z0-9]+$/;
/** Files of other hosts' processes, of which nothing can be known. */
const ABANDONED_AFTER_MS = 24 * 3600 * 1000;

/**
 * Removes what dead processes left in a folder, of all names or of one: files and whole folders of this host's by their
 * number and start, others' after a day.
 */
export async function sweepTemporaries(folder: string, of = ""): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const [, host, pid, start] = TEMPORARY.exec(name) ?? [];
    if (pid === undefined || !name.startsWith(of === "" ? "" : `${of}.tmp.`)) continue;
    const file = path.join(folder, name);
    const isLeft = host === here ? !isAlive(Number(pid), start!) : (await ageMs(file)) > ABANDONED_AFTER_MS;
    // What cannot be removed stands in nobody's way: whatever is written here next says why it cannot be.
    if (isLeft) await rm(file, { recursive: true, force: true }).catch(() => {});
  }
}

async function ageMs(file: string): Promise<number> {
  return Date.now() - ((await stat(file).catch(() => undefined))?.mtimeMs ?? Date.now());
}

/** Numbers are given again: a container's first process has the same one after each restart. */
function isAlive(pid: number, start: string): boolean {
  const now = startOf(pid);
  if (now !== undefined) return now === start;
  // Where the system does not tell when a process started, a number in use counts as the one that is meant.
  if (startOf("self") !== undefined) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** When a process started, in the kernel's ticks since boot; "" for one that has ended and waits to be reaped. */
function startOf(pid: number | "self"): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name, in parentheses, may hold anything; state is the 3rd field of all, the start the 22nd.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return /[ZX]/.test(fields[0]!) ? "" : fields[19];
  } catch {
    return undefined;
  }
}
