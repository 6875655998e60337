import type { Ref } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Shared } from "./app.tsx";
import type { DataSet } from "./data-set.ts";
import { choicesOf, everything, type Filter, filters, type Query } from "./query.ts";

/** A search follows the typing after this pause. */
const PAUSE_MS = 180;
const whole = (count: number) => count.toLocaleString("en-US");

export function Filters({ data, rows, route, go, field }: Shared & { field: Ref<HTMLInputElement> }) {
  const { query } = route;
  const ask = (change: Partial<Query>) => go({ query: { ...query, ...change } }, "replace");
  const isNarrowed = JSON.stringify({ ...query, sort: "" }) !== JSON.stringify(everything);
  return (
    <search class="filters">
      <Search q={query.q} ask={(q) => ask({ q })} field={field} />
      {filters.map((name) => (
        <FilterChoice
          key={name}
          data={data}
          name={name}
          value={query[name]}
          choose={(value) => ask({ [name]: value })}
        />
      ))}
      <SortChoice data={data} sort={query.sort} choose={(sort) => ask({ sort })} />
      <span class="count" aria-live="polite">
        {rows.length === data.rows.length
          ? `${whole(rows.length)} series`
          : `${whole(rows.length)} of ${whole(data.rows.length)}`}
      </span>
      {isNarrowed && (
        <button type="button" class="link" onClick={() => ask({ ...everything, sort: query.sort })}>
          Clear
        </button>
      )}
    </search>
  );
}

function Search({ q, ask, field }: { q: string; ask: (q: string) => void; field: Ref<HTMLInputElement> }) {
  const [text, setText] = useState(q);
  useEffect(() => setText(q), [q]);
  useEffect(() => {
    if (text === q) return;
    const timer = setTimeout(() => ask(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <input
      ref={field}
      type="search"
      aria-label="Search reports and names"
      placeholder="Search reports and names  ( / )"
      value={text}
      onInput={(event) => setText(event.currentTarget.value)}
    />
  );
}

interface ChoiceProps {
  readonly data: DataSet;
  readonly name: Filter;
  readonly value: string;
  readonly choose: (value: string) => void;
}
function FilterChoice({ data, name, value, choose }: ChoiceProps) {
  const choices = useMemo(() => choicesOf(data.rows, name), [data, name]);
  // Where all rows have the same there is nothing to choose.
  if (choices.length < 2 && value === "") return null;
  return (
    <select
      class={value === "" ? "" : "set"}
      aria-label={name}
      value={value}
      onChange={(event) => choose(event.currentTarget.value)}
    >
      <option value="">{`Any ${name}`}</option>
      {choices.map(({ value, count }) => (
        <option key={value} value={value}>{`${value} (${whole(count)})`}</option>
      ))}
    </select>
  );
}

/** Light columns whose values have an order that means something to people. */
function sortable(data: DataSet): readonly string[] {
  return Object.keys(data.rows[0] ?? {}).filter((name) => name !== "row" && name !== "volume_shape");
}

function SortChoice({ data, sort, choose }: { data: DataSet; sort: string; choose: (sort: string) => void }) {
  const name = sort.replace(/^-/, "");
  const isDown = sort.startsWith("-");
  return (
    <span class="sort">
      <select aria-label="Sort by" value={name} onChange={(event) => choose(event.currentTarget.value)}>
        <option value="">Data set order</option>
        {sortable(data).map((column) => (
          <option key={column} value={column}>{`By ${column.replaceAll("_", " ")}`}</option>
        ))}
      </select>
      {name !== "" && (
        <button
          type="button"
          aria-label={isDown ? "Descending: sort ascending" : "Ascending: sort descending"}
          onClick={() => choose(isDown ? name : `-${name}`)}
        >
          {isDown ? "↓" : "↑"}
        </button>
      )}
    </span>
  );
}
