import { startHub } from "../../devkit/hub/hub.ts";
import { Repo } from "../../devkit/hub/repos.ts";
import { madeUpRepo, partOf } from "../../devkit/phantoms/made-up-repo.ts";

import { MadeUpSlices } from "../../devkit/phantoms/made-up-slice.ts";

/** What the bench is told of each data set, and of the archives' traffic since it last asked. */
export interface HubFacts {
  readonly endpoint: string;
  readonly sizes: readonly { readonly repo: string; readonly members: number; readonly directoryBytes: number }[];
}
export interface Traffic {
  readonly resolves: number;
  readonly ranges: number;
  readonly bytes: number;
  /** Of any kind, for whatever file. */
  readonly requests: number;
}

// A Hub in a process of its own, since making up the directories takes time that is not the tool's.
const slices = await MadeUpSlices.create();
const archives = process.argv.slice(2).map(Number);
const repos = await Promise.all(archives.map((count) => madeUpRepo(partOf(count), slices)));
const idOf = (at: number) => `made-up/${archives[at]}-archives`;
const hub = await startHub({ repos: repos.map((content, at) => ({ id: idOf(at), content })) });
process.on("message", async (message) => {
  const revised = hub.state.repos.get(String(message));
  if (revised) withoutLast(revised);
  else if (message !== "traffic") {
    const index = new Repo({ id: "made-up/index", dir: String(message) });
    await index.refresh();
    hub.state.repos.set(index.id, index);
  }
  const requests = hub.log.length;
  const asked = hub.log.filter(({ path }) => path?.endsWith(".zip"));
  const ranges = asked.filter(({ host }) => host !== "hub");
  const bytes = ranges.reduce((sum, one) => sum + one.bytes, 0);
  hub.resetLog();
  process.send!({ resolves: asked.length - ranges.length, ranges: ranges.length, bytes, requests } satisfies Traffic);
});
/** A new revision without the last archive; the lists still name its series. */
function withoutLast(repo: Repo): void {
  const entries = [...repo.at("main").entries.values()];
  const last = entries
    .map(({ path }) => path)
    .filter((path) => path.endsWith(".zip"))
    .sort()
    .at(-1);
  repo.move(
    "main",
    "Without an archive",
    entries.filter(({ path }) => path !== last),
  );
}

const sizes = repos.map(({ members, directoryBytes }, at) => ({ repo: idOf(at), members, directoryBytes }));
process.send!({ endpoint: hub.endpoint, sizes } satisfies HubFacts);
