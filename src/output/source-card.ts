import { readFile } from "node:fs/promises";
import path from "node:path";
import { isFault } from "../errors.ts";
import { type Card, readCard } from "../hub/card.ts";
import type { HubClient } from "../hub/hub-client.ts";
import { repositoryOf } from "../hub/repository.ts";
import { readTextFile } from "../hub/text-file.ts";
import type { Plan } from "../model/plan.ts";
import { isHubSource } from "../publish/command-line.ts";
import { sourceCardPath } from "./layout.ts";
import { writeInto } from "./output-folder.ts";

/**
 * The source's card at the revision that was converted; undefined where it cannot be read. Kept in the folder, so that
 * publishing again gives the same card whatever has become of the source.
 */
export async function sourceCard(client: HubClient, folder: string, plan: Plan): Promise<Card | undefined> {
  const kept = await readFile(sourceCardPath(folder), "utf8").catch(() => undefined);
  if (kept !== undefined) return readCard(kept);
  const readme = isHubSource(plan)
    ? await readTextFile(client, repositoryOf(plan.source.id), plan.source.revision, "README.md").catch((error) => {
        if (!isFault(error) || isFault(error, "interrupted")) throw error;
        return undefined;
      })
    : plan.source.kind === "local"
      ? await readFile(path.join(plan.source.id, "README.md"), "utf8").catch(() => undefined)
      : undefined;
  if (readme === undefined) return undefined;
  await writeInto(folder, sourceCardPath(folder), readme);
  return readCard(readme);
}
