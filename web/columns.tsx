import type { Cells } from "./shards.ts";

/** Shown above already. */
const ABOVE = ["report", "report_raw"];

function shown(cell: unknown): string {
  if (cell === null || cell === undefined) return "null";
  if (typeof cell === "object")
    return JSON.stringify(cell, (_, value) => (typeof value === "bigint" ? Number(value) : value));
  return String(cell);
}

export function Columns({ details }: { details: Cells | undefined }) {
  if (!details) return null;
  const names = Object.keys(details).filter((name) => !ABOVE.includes(name));
  return (
    <details class="columns">
      <summary>All columns</summary>
      <dl>
        {names.map((name) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class={shown(details[name]) === "null" ? "quiet" : ""}>{shown(details[name])}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
