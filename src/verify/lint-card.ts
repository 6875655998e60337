import { type Card, parseCard } from "../hub/card.ts";
import type { Problem } from "./problem.ts";

const where = "README.md";

/** The card against the files beside it: `load_dataset` fails for a config that matches none, and misses what none names. */
export function lintCard(readme: string | undefined, paths: readonly string[]): readonly Problem[] {
  if (readme === undefined) return [{ where, what: "is missing", remedy: "voxshard finalize" }];
  let card: Card;
  try {
    card = parseCard(readme);
  } catch (error) {
    const [line] = (error as Error).message.split("\n");
    return [{ where, what: `its YAML cannot be read: ${line}`, remedy: "voxshard finalize" }];
  }
  const named = patterns(card.front["configs"]);
  const problems: Problem[] = [];
  for (const { config, pattern } of named) {
    if (!paths.some((path) => matcher(pattern).test(path)))
      problems.push({ where, what: `config ${config}: ${pattern} matches no file`, remedy: "voxshard finalize" });
  }
  for (const path of paths) {
    const splits = named.filter(({ pattern, config }) => config === "default" && matcher(pattern).test(path));
    if (path.startsWith("data/") && splits.length !== 1)
      problems.push({
        where,
        what: `${splits.length} splits of the config default name ${path}`,
        remedy: "voxshard finalize",
      });
  }
  return problems;
}

function patterns(configs: unknown): readonly { config: string; pattern: string }[] {
  const list = Array.isArray(configs) ? (configs as { config_name?: string; data_files?: unknown }[]) : [];
  return list.flatMap(({ config_name = "default", data_files }) =>
    [data_files]
      .flat()
      .flatMap((files) => (typeof files === "string" ? files : ((files as { path?: string | string[] })?.path ?? [])))
      .map((pattern) => ({ config: config_name, pattern })),
  );
}

/** The globs that cards use: `*` within a folder. */
function matcher(pattern: string): RegExp {
  return new RegExp(
    `^${pattern
      .split("*")
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
      .join("[^/]*")}$`,
  );
}
