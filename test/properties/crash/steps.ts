import nodeFs, { appendFileSync, statSync } from "node:fs";
import fs, { type FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import path from "node:path";

// Loaded before the command, in each of its threads: every step that changes the folder STEPS_UNDER adds a byte to
// STEPS_LOG and its name to STEPS_LOG.names, and at step STEPS_AT comes what STEPS_DO says. A write gets half of its
// bytes down first.
export type StepEvent = "kill" | "full" | "read-only";

const codes = { full: "ENOSPC", "read-only": "EROFS" } as const;
const names = new WeakMap<FileHandle, string>();
/** Of those that are open for writing. */
const handlesOf = new Map<number, FileHandle>();

/** True when the step is the one that is to be the last. */
function strikes(what: string, file: string): boolean {
  const { STEPS_LOG: log, STEPS_UNDER: under = "", STEPS_AT: at = "" } = process.env;
  if (!log || !path.resolve(file).startsWith(under)) return false;
  appendFileSync(`${log}.names`, `${what} ${path.relative(under, file)}\n`);
  appendFileSync(log, ".");
  const step = statSync(log).size;
  if (step < Number(at || Number.POSITIVE_INFINITY)) return false;
  if (step === Number(at)) appendFileSync(`${log}.at`, `${what} ${path.relative(under, file)}`);
  if (process.env["STEPS_DO"] === "kill") return true;
  throw failure(what);
}

function failure(what: string): Error {
  const code = codes[process.env["STEPS_DO"] as keyof typeof codes];
  return Object.assign(new Error(`${code}: injected, ${what}`), { code, syscall: what });
}

const die = () => process.kill(process.pid, "SIGKILL");

for (const name of ["rename", "link", "mkdir"] as const) {
  const real = fs[name] as (...args: unknown[]) => Promise<unknown>;
  Object.assign(fs, {
    [name]: async (...args: unknown[]) => {
      if (strikes(name, String(args.at(name === "mkdir" ? 0 : 1)))) die();
      return real(...args);
    },
  });
}

const { open } = fs;
Object.assign(fs, {
  open: async (file: string, flags = "r") => {
    if (flags !== "r" && strikes("open", file)) die();
    const handle = await open(file, flags);
    if (flags !== "r") {
      names.set(handle, file);
      handlesOf.set(handle.fd, handle);
    }
    return handle;
  },
});

const probe = await open("/dev/null", "r");
const handles = Object.getPrototypeOf(probe) as FileHandle;
await probe.close();
const write = handles.write as (bytes: Buffer, from: number, length: number) => Promise<unknown>;
const { writeFile, sync } = handles;
Object.assign(handles, {
  async write(this: FileHandle, bytes: Buffer, from: number, length: number) {
    const file = names.get(this);
    if (file !== undefined && strikes("write", file)) {
      await write.call(this, bytes, from, length >> 1);
      die();
    }
    return write.call(this, bytes, from, length);
  },
  async writeFile(this: FileHandle, content: string) {
    const file = names.get(this);
    if (file !== undefined && strikes("write", file)) {
      await writeFile.call(this, content.slice(0, content.length >> 1));
      die();
    }
    return writeFile.call(this, content);
  },
  async sync(this: FileHandle) {
    const file = names.get(this);
    if (file !== undefined && strikes("sync", file)) die();
    return sync.call(this);
  },
});

const { writeSync } = nodeFs;
Object.assign(nodeFs, {
  writeSync(fd: number, bytes: Uint8Array, from: number, length: number, position?: number) {
    const handle = handlesOf.get(fd);
    const file = handle?.fd === fd ? names.get(handle) : undefined;
    if (file !== undefined && strikes("write", file)) {
      writeSync(fd, bytes, from, length >> 1);
      die();
    }
    return writeSync(fd, bytes, from, length, position);
  },
});
syncBuiltinESMExports();
