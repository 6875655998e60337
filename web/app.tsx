import { render } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { type DataSet, type ListRow, openDataSet } from "./data-set.ts";
import { type Flags, storedFlags, storeFlags } from "./flags.ts";
import { List } from "./list.tsx";
import { chosen, formatRoute, parseRoute, type Route } from "./query.ts";
import { Row } from "./row.tsx";

/** Changes the address: with a step that "back" undoes, or without. */
export type Go = (route: Partial<Route>, how?: "replace") => void;
export interface Shared {
  readonly data: DataSet;
  readonly route: Route;
  readonly go: Go;
  /** The rows that the query chooses, in its order. */
  readonly rows: readonly ListRow[];
  readonly flags: Flags;
  /** A reason flags the row; undefined takes the flag off. */
  readonly flag: (id: string, reason: string | undefined) => void;
}

function useRoute(): readonly [Route, Go] {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const onChange = () => setRoute(parseRoute(location.hash));
    addEventListener("popstate", onChange);
    addEventListener("hashchange", onChange);
    return () => {
      removeEventListener("popstate", onChange);
      removeEventListener("hashchange", onChange);
    };
  }, []);
  const go: Go = (change, how) => {
    const next = { ...parseRoute(location.hash), ...change };
    if (how) history.replaceState(null, "", formatRoute(next));
    else history.pushState(null, "", formatRoute(next));
    setRoute(next);
  };
  return [route, go];
}

function Loaded({ data }: { data: DataSet }) {
  const [route, go] = useRoute();
  const { title } = data.info;
  const [flags, setFlags] = useState(() => storedFlags(title));
  const flag = (id: string, reason: string | undefined) => {
    const next = new Map(flags);
    if (reason === undefined) next.delete(id);
    else next.set(id, reason);
    storeFlags(title, next);
    setFlags(next);
  };
  const flaggedOnly = route.query.flagged === "" ? undefined : flags;
  const { query } = route;
  const rows = useMemo(
    () => chosen(data.rows, query, (row) => flags.has(row.id)),
    [data, JSON.stringify(query), flaggedOnly],
  );
  useEffect(() => {
    document.title = route.id === undefined ? `${title} – voxshard` : `${route.id} – ${title}`;
  }, [route.id, title]);
  const shared: Shared = { data, route, go, rows, flags, flag };
  const row = route.id === undefined ? undefined : data.rows.find(({ id }) => id === route.id);
  if (route.id === undefined) return <List {...shared} />;
  if (row) return <Row key={row.id} {...shared} row={row} />;
  return (
    <main class="message">
      <h1>No such series</h1>
      <p>
        <code>{route.id}</code> is not in {title}.
      </p>
      <a href="#/">All series</a>
    </main>
  );
}

function App() {
  const [data, setData] = useState<DataSet>();
  const [fault, setFault] = useState<string>();
  useEffect(() => void openDataSet().then(setData, (error: Error) => setFault(error.message)), []);
  if (data) return <Loaded data={data} />;
  return (
    <main class="message" aria-live="polite">
      {fault === undefined ? <p>Reading the list of series…</p> : <Fault text={fault} />}
    </main>
  );
}

function Fault({ text }: { text: string }) {
  return (
    <>
      <h1>The data set cannot be shown</h1>
      <p>{text}</p>
      <p>Is the command still running? Its window tells the address anew when it is started again.</p>
    </>
  );
}

render(<App />, document.getElementById("app")!);
