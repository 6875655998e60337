import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { Plan } from "../model/plan.ts";
import type { Mirror } from "../stores/mirror.ts";
import { attemptPath } from "./layout.ts";
import type { ShardSteps } from "./shard-steps.ts";
import { storedShards, storeShard } from "./stored-state.ts";

/** As often as a log has a beat. */
const SEND_EVERY_MS = 30_000;

/** The steps of shards on their way to a store: each is there, with its receipt, before the next one is made. */
export async function storeSteps(mirror: Mirror, plan: Plan, shards: readonly number[]): Promise<ShardSteps> {
  return {
    sent: await storedShards(mirror, plan, shards),
    again: async () => {},
    before: async () => {},
    after: (receipt) => storeShard(mirror, plan, receipt),
    end: async () => {},
    failure: async () => undefined,
  };
}

/** Sends the logs of this folder's attempts while `work` runs, as they grow. Like the logs themselves, it has no say. */
export async function sendingLogs<T>(mirror: Mirror, work: () => Promise<T>): Promise<T> {
  const folder = path.dirname(attemptPath(mirror.folder, 0, "", 0));
  const sizes = new Map<string, number>();
  const send = async () => {
    for (const name of await readdir(folder)) {
      const file = path.join(folder, name);
      const { size } = await stat(file);
      if (sizes.get(name) === size) continue;
      await (sizes.has(name) ? mirror.sendAnew(file) : mirror.send(file));
      sizes.set(name, size);
    }
  };
  let sending = Promise.resolve();
  const sendNext = () => {
    sending = sending.then(send).catch(() => {});
    return sending;
  };
  // The first tells that the attempt has begun.
  const first = setTimeout(sendNext, SEND_EVERY_MS / 100).unref();
  const timer = setInterval(sendNext, SEND_EVERY_MS).unref();
  try {
    return await work();
  } finally {
    clearTimeout(first);
    clearInterval(timer);
    await sendNext();
  }
}
