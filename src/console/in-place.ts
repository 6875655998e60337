import { planPath } from "../output/layout.ts";
import type { Mirror } from "../stores/mirror.ts";
import { withMirror } from "../stores/mirror.ts";
import { openStore } from "../stores/open-store.ts";
import { isStore } from "../stores/store.ts";
import type { Session } from "./session.ts";

/** Runs a command in a folder; for a store's address, in a folder that stands for the store. */
export async function inPlace<T>(
  { transport, progress, signal }: Session,
  place: string,
  work: (folder: string, mirror: Mirror | undefined) => Promise<T>,
): Promise<T> {
  if (!isStore(place)) return work(place, undefined);
  const store = openStore(place, { transport, retry: { onWait: progress.wait } });
  return withMirror(store, place, (mirror) => work(mirror.folder, mirror), signal);
}

/** Where a place's plan is: what `run --plan` takes. */
export const planAt = (place: string): string =>
  isStore(place) ? `${place.replace(/\/+$/, "")}/${planPath("")}` : planPath(place);

/** The place of a plan's file, the other way about; a store is a plan too. */
export const placeOfPlan = (file: string): string =>
  file.endsWith(planPath("/")) ? file.slice(0, -planPath("/").length) : file;
