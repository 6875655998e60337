import type { ListRow } from "./data-set.ts";

/** What a series is, in a line of small words. */
export function Tags({ row, reason }: { row: ListRow; reason: string | undefined }) {
  const subsets = (row["subsets"] as string[] | null | undefined) ?? [];
  const words = [row["split"] ?? "unlisted", ...subsets, row["collection"], row["plane"], row["phase"]];
  const size = typeof row["slice_height"] === "number" ? ` · ${row["slice_width"]} × ${row["slice_height"]}` : "";
  return (
    <span class="tags">
      {reason !== undefined && <span class="tag flagged">flagged{reason === "" ? "" : `: ${reason}`}</span>}
      {words.map((word, at) =>
        typeof word === "string" && word !== "" ? (
          <span key={at} class={at === 0 ? "tag split" : "tag"}>
            {word}
          </span>
        ) : null,
      )}
      <span class="quiet">
        {String(row["slice_count"])} slices{size}
      </span>
    </span>
  );
}
