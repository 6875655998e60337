import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Shared } from "./app.tsx";
import { Dialogs, useDialogs } from "./dialogs.tsx";
import { Filters } from "./filters.tsx";
import { useKeys } from "./keys.ts";
import { ListEntry } from "./list-entry.tsx";
import { pattern } from "./query.ts";

/** Of an entry, in CSS pixels: the style sheet has the same. */
const HEIGHT = 92;
/** Entries beyond the edges of what is seen. */
const BEYOND = 6;

/** Where the list was left: an entry that is opened and left again is where it was. */
let remembered = { search: "", top: 0, at: 0 };

function useWindow(count: number) {
  const box = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ top: 0, height: 800 });
  useLayoutEffect(() => {
    const element = box.current!;
    const measure = () => setSeen({ top: element.scrollTop, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener("scroll", measure, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", measure);
    };
  }, []);
  const first = Math.max(0, Math.floor(seen.top / HEIGHT) - BEYOND);
  const end = Math.min(count, Math.ceil((seen.top + seen.height) / HEIGHT) + BEYOND);
  const show = (at: number) => {
    const element = box.current!;
    const [top, bottom] = [at * HEIGHT, (at + 1) * HEIGHT];
    if (top < element.scrollTop) element.scrollTop = top;
    else if (bottom > element.scrollTop + element.clientHeight) element.scrollTop = bottom - element.clientHeight;
  };
  return { box, first, end, show };
}

export function List(shared: Shared) {
  const { data, rows, route, go, flags, flag } = shared;
  const dialogs = useDialogs();
  const { box, first, end, show } = useWindow(rows.length);
  const search = JSON.stringify(route.query);
  const [at, setAt] = useState(remembered.search === search ? remembered.at : 0);
  const field = useRef<HTMLInputElement>(null);
  // Another question begins at the top.
  useLayoutEffect(() => {
    const isSame = remembered.search === search;
    box.current!.scrollTop = isSame ? remembered.top : 0;
    if (!isSame) setAt(0);
    remembered = { search, top: box.current!.scrollTop, at: isSame ? remembered.at : 0 };
  }, [search]);
  useEffect(() => {
    remembered = { search, top: box.current!.scrollTop, at };
  });
  const open = (index: number) => {
    remembered = { search, top: box.current!.scrollTop, at: index };
    if (rows[index]) go({ id: rows[index].id, z: 0 });
  };
  const move = (by: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, at + by));
    setAt(next);
    show(next);
  };
  const toggleFlag = () => {
    const id = rows[at]?.id;
    if (id !== undefined) flag(id, flags.has(id) ? undefined : "");
  };
  useKeys({
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    j: () => move(1),
    k: () => move(-1),
    PageDown: () => move(8),
    PageUp: () => move(-8),
    Home: () => move(-rows.length),
    End: () => move(rows.length),
    Enter: () => open(at),
    "/": () => field.current?.focus(),
    f: toggleFlag,
    "?": () => dialogs.show("help"),
  });
  const mark = pattern(route.query.q);
  return (
    <div class="page">
      <header class="bar">
        <h1>{data.info.title}</h1>
        {data.info.revision !== "" && <code class="quiet wide">{data.info.revision.slice(0, 7)}</code>}
        <span class="grow" />
        <button type="button" onClick={() => dialogs.show("flags")}>
          Flagged <b>{flags.size}</b>
        </button>
        <button type="button" class="wide" onClick={() => dialogs.show("help")}>
          Keys
        </button>
      </header>
      <Filters {...shared} field={field} />
      {data.info.notes.map((note) => (
        <p class="note" key={note}>
          {note}
        </p>
      ))}
      <main class="list" ref={box} tabIndex={-1} aria-label="Series">
        {rows.length === 0 && <p class="empty">No series meets these conditions.</p>}
        {/* biome-ignore lint/a11y/useSemanticElements: entries are placed, which lists of their own kind do not allow everywhere */}
        <div role="list" style={{ height: `${rows.length * HEIGHT}px` }}>
          {rows.slice(first, end).map((row, nth) => (
            <ListEntry
              key={row.id}
              data={data}
              row={row}
              place={first + nth}
              of={rows.length}
              top={(first + nth) * HEIGHT}
              isCurrent={first + nth === at}
              reason={flags.get(row.id)}
              mark={mark}
              query={route.query}
              open={() => open(first + nth)}
            />
          ))}
        </div>
      </main>
      <Dialogs {...shared} dialogs={dialogs} />
    </div>
  );
}
