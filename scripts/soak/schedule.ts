import type { Fault, FaultAction } from "../../devkit/hub/hub.ts";
import { randomFrom, shuffled } from "../../devkit/phantoms/random.ts";
import { type FaultRow, table } from "../../test/properties/faults/table.ts";

import type { Kind } from "./work.ts";

/** What ends a run before it has done its work. */
export type Stop =
  /** Once the Hub has served a share of all bytes, and some time later. */
  | { readonly how: "SIGKILL" | "SIGINT" | "SIGTERM"; readonly share: number; readonly afterMs: number }
  /** In a step that changes the folder, from 1; a disk that is full stays so. */
  | { readonly how: "SIGKILL in a step" | "disk full" | "read-only"; readonly step: number };

/** A command's whole fate: its arguments, what the network does to it, and how its runs end until the last one. */
export interface Schedule {
  readonly name: string;
  readonly kind: Kind;
  readonly format: "parquet" | "arrow";
  readonly workers: number;
  readonly connections: number;
  readonly faults: readonly Fault[];
  readonly stops: readonly Stop[];
}

/** A run of the soak's small repository changes its folder in about so many steps. */
const STEPS = 120;
/** An update places the new plan's state first. */
const UPDATE_STEPS = 230;

export function scheduleOf(seed: number, at: number, kind: Kind = "convert"): Schedule {
  const name = `${seed}/${at}`;
  const random = randomFrom(`soak ${name}`);
  const below = (most: number) => Math.floor(random() * most);
  const stop = (): Stop => {
    const how = [
      ...(["SIGKILL", "SIGKILL", "SIGINT", "SIGTERM"] as const),
      ...(["SIGKILL in a step", "SIGKILL in a step", "disk full", "read-only"] as const),
    ][below(8)]!;
    if (how === "SIGKILL" || how === "SIGINT" || how === "SIGTERM")
      return { how, share: random(), afterMs: below(2) * below(300) };
    return { how, step: 1 + below(kind === "update" ? UPDATE_STEPS : STEPS) };
  };
  return {
    name,
    kind,
    format: below(3) === 0 ? "arrow" : "parquet",
    workers: 1 + below(2),
    connections: 1 + below(8),
    faults: shuffled(harmless, random)
      .slice(0, below(4))
      .map(({ row, route }) => fault(row, route, 1 + below(route === "cdn" ? 8 : 2))),
    // Most conversions are stopped once, some never or twice.
    stops: Array.from({ length: [0, 1, 1, 1, 1, 2][below(6)]! }, stop),
  };
}

function fault({ do: action, strikes }: FaultRow, route: string, nth: number): Fault {
  // The table's reactions of this route are those for archives; small files are resolved otherwise.
  const where = { route, do: quick(action), ...(route === "resolve" && { path: /\.zip$/ }) };
  if (strikes === "always") return where;
  return { ...where, nth: strikes === "once" ? nth : [...strikes] };
}

/** The same fault, sooner over: waits are tested elsewhere. */
function quick(action: FaultAction): FaultAction {
  return action.kind === "rate-limit" ? { ...action, seconds: 1 } : action;
}

/** Silence ends by a clock that a command has no flag for, and a branch that moves makes the next run another conversion. */
const isLeftOut = ({ do: { kind }, name }: FaultRow) =>
  kind === "stall" || kind === "move-branch" || (kind === "drip" && name !== "body in small pieces");

/** Every fault of the network, by where it strikes, that a run gets over without losing a series. */
const harmless = table
  .filter((row) => !isLeftOut(row))
  .flatMap((row) =>
    Object.entries(row.on)
      .filter(([, reaction]) => typeof reaction === "string")
      .map(([route]) => ({ row, route })),
  );
