import type { Ref } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Shared } from "./app.tsx";
import { Columns } from "./columns.tsx";
import type { ListRow, Picture } from "./data-set.ts";
import { type DialogState, Dialogs, useDialogs } from "./dialogs.tsx";
import { useKeys } from "./keys.ts";
import { formatRoute, pattern } from "./query.ts";
import { Report } from "./report.tsx";
import type { Cells } from "./shards.ts";
import type { Stack } from "./stack.ts";
import { StackView } from "./stack-view.tsx";
import { Tags } from "./tags.tsx";
import { ThreeView } from "./three-view.tsx";

/** What is loaded of a row, or why it is not. */
function useRow({ data }: Shared, row: ListRow) {
  const [details, setDetails] = useState<Cells>();
  const [pictures, setPictures] = useState<readonly Picture[]>([]);
  const [picture, setPicture] = useState<Picture>();
  const [stack, setStack] = useState<Stack>();
  const [fault, setFault] = useState<string>();
  const failed = (error: Error) => setFault(error.message);
  useEffect(() => {
    data.details(row).then(setDetails, failed);
    data.pictures(row).then((found) => {
      setPictures(found);
      setPicture(found[0]);
    }, failed);
  }, [data, row]);
  useEffect(() => {
    if (!picture) return;
    let isGone = false;
    setStack(undefined);
    data.stack(row, picture).then(
      (loaded) => isGone || (loaded.depth === 0 ? setFault("This row has no slices.") : setStack(loaded)),
      (error) => isGone || failed(error),
    );
    return () => {
      isGone = true;
    };
  }, [data, row, picture]);
  return { details, pictures, picture, setPicture, stack, fault };
}

export function Row(shared: Shared & { row: ListRow }) {
  const { data, row, rows, route, go, flags, flag } = shared;
  const loaded = useRow(shared, row);
  const dialogs = useDialogs();
  const [isThree, setThree] = useState(false);
  const reasonField = useRef<HTMLInputElement>(null);
  const open = (next: ListRow | undefined) => next && next !== row && go({ id: next.id, z: 0 });
  const step = (by: number) => open(rows[rows.indexOf(row) + by]);
  const siblings = data.rows.filter(
    (one) => one["case_id"] === row["case_id"] && one["collection"] === row["collection"],
  );
  const reason = flags.get(row.id);
  const toggleFlag = () => {
    flag(row.id, reason === undefined ? "" : undefined);
    if (reason === undefined) setTimeout(() => reasonField.current?.focus());
  };
  useKeys({
    ArrowLeft: () => step(-1),
    ArrowRight: () => step(1),
    p: () => step(-1),
    n: () => step(1),
    s: () => open(siblings[(siblings.indexOf(row) + 1) % siblings.length]),
    f: toggleFlag,
    v: () => setThree(!isThree),
    Escape: () => (isThree ? setThree(false) : go({ id: undefined, z: 0 })),
    "?": () => dialogs.show("help"),
  });
  return (
    <div class="page">
      <RowBar {...shared} step={step} toggleFlag={toggleFlag} dialogs={dialogs} />
      {reason !== undefined && <Reason reason={reason} field={reasonField} set={(text) => flag(row.id, text)} />}
      <main class="row">
        <section class="viewer" aria-label="Pictures">
          {isThree && loaded.stack ? (
            <ThreeView stack={loaded.stack} close={() => setThree(false)} />
          ) : (
            <StackView {...loaded} route={route} go={go} openThree={() => setThree(true)} />
          )}
          <p class="unknown">
            8-bit pictures, windowed before they were published: no Hounsfield units, no millimetres, and no telling
            left from right.{loaded.stack && ` Shown: ${loaded.stack.note}.`}
          </p>
        </section>
        <section class="beside" aria-label="About this series">
          <Tags row={row} reason={undefined} />
          <Siblings siblings={siblings} row={row} query={route.query} />
          <Report details={loaded.details} row={row} mark={pattern(route.query.q)} fault={loaded.fault} />
          <Columns details={loaded.details} />
        </section>
      </main>
      <Dialogs {...shared} dialogs={dialogs} />
    </div>
  );
}

interface BarProps extends Shared {
  readonly row: ListRow;
  readonly step: (by: number) => void;
  readonly toggleFlag: () => void;
  readonly dialogs: DialogState;
}

function RowBar({ row, rows, route, flags, step, toggleFlag, dialogs }: BarProps) {
  const at = rows.indexOf(row);
  const isFlagged = flags.has(row.id);
  return (
    <header class="bar">
      <a class="button" href={formatRoute({ id: undefined, z: 0, query: route.query })}>
        ← List
      </a>
      <h1 class="title">
        <b>{String(row["case_id"])}</b> {String(row["series"])}
      </h1>
      <span class="grow" />
      <span class="quiet wide">{at < 0 ? "" : `${at + 1} of ${rows.length.toLocaleString("en-US")}`}</span>
      <button
        type="button"
        disabled={at < 1}
        onClick={() => step(-1)}
        aria-label="Previous series"
        title="Previous series (←)"
      >
        ‹
      </button>
      <button
        type="button"
        disabled={at < 0 || at === rows.length - 1}
        onClick={() => step(1)}
        aria-label="Next series"
        title="Next series (→)"
      >
        ›
      </button>
      <button
        type="button"
        aria-pressed={isFlagged}
        class={isFlagged ? "flagged" : ""}
        onClick={toggleFlag}
        title="Flag (f)"
      >
        {isFlagged ? "Flagged" : "Flag"}
      </button>
      <button type="button" class="wide" onClick={() => dialogs.show("flags")}>
        All flags <b>{flags.size}</b>
      </button>
      <button type="button" class="wide" onClick={() => dialogs.show("help")}>
        Keys
      </button>
    </header>
  );
}

interface ReasonProps {
  readonly reason: string;
  readonly field: Ref<HTMLInputElement>;
  readonly set: (text: string) => void;
}

function Reason({ reason, field, set }: ReasonProps) {
  return (
    <div class="reason">
      <label for="reason">Reason</label>
      <input
        id="reason"
        ref={field}
        value={reason}
        placeholder="why this series should be left out"
        onInput={(event) => set(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
      />
    </div>
  );
}

function Siblings({
  siblings,
  row,
  query,
}: { siblings: readonly ListRow[]; row: ListRow } & Pick<Shared["route"], "query">) {
  if (siblings.length < 2) return null;
  return (
    <nav aria-label="Series of this case">
      <h2>
        Series of this case <kbd title="next series of the case">s</kbd>
      </h2>
      <ul class="siblings">
        {siblings.map((one) => (
          <li key={one.id}>
            <a href={formatRoute({ id: one.id, z: 0, query })} aria-current={one === row ? "page" : undefined}>
              {String(one["series"])} <span class="quiet">{String(one["slice_count"])}</span>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
