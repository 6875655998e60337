import { firstOf } from "../model/unread.ts";
import type { Updated } from "../model/updated.ts";
import type { Result } from "./commands.ts";
import type { Session } from "./session.ts";
import type { planned } from "./source-commands.ts";

type Planned = Awaited<ReturnType<typeof planned>>;
export type Claimed = Planned & {
  /** What --update has changed in the folder. */
  readonly update: Pick<Result, "document" | "text"> | undefined;
};

/** With --update, makes the folder the plan's and keeps what has not changed in it. */
export async function withUpdate(session: Session, folder: string, { plan, source }: Planned): Promise<Claimed> {
  if (!session.given.on("update")) return { plan, source, update: undefined };
  const { claimUpdate } = await import("../run/update.ts");
  const { signal, progress } = session;
  const onNote = (line: string) => progress.note(line);
  const claimed = await claimUpdate(folder, plan, source, { signal, onNote });
  const { updated } = claimed;
  return { plan: claimed.plan, source, update: updated && { document: updated, text: textOf(updated) } };
}

function textOf({ from, to, series, shards }: Updated): string {
  const { came, went, changed } = series;
  const names = Object.entries({ came, went, changed })
    .filter(([, ids]) => ids.length > 0)
    .map(([what, ids]) => `  ${what}: ${firstOf(ids)}\n`);
  return `updated from ${from.slice(0, 12)} to ${to.slice(0, 12)}: ${came.length} series came, ${went.length} went, ${changed.length} changed; ${shards.kept} shards are kept, ${shards.made} made, ${shards.gone} gone\n${names.join("")}`;
}
