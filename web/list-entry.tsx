import { useEffect, useState } from "preact/hooks";
import type { DataSet, ListRow } from "./data-set.ts";
import { Marked } from "./marked.tsx";
import { formatRoute, type Query } from "./query.ts";
import { Tags } from "./tags.tsx";

/** Long enough that what is scrolled past is not asked for. */
const PAUSE_MS = 120;

interface Props {
  readonly data: DataSet;
  readonly row: ListRow;
  readonly place: number;
  readonly of: number;
  readonly top: number;
  readonly isCurrent: boolean;
  readonly reason: string | undefined;
  readonly mark: RegExp | undefined;
  readonly query: Query;
  readonly open: () => void;
}

export function ListEntry({ data, row, place, of, top, isCurrent, reason, mark, query, open }: Props) {
  const report = typeof row["report"] === "string" ? row["report"] : "";
  const hasThumbnails = data.info.kind === "shards";
  const onClick = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: it is placed within a box that has the whole list's height
    <div role="listitem" class="entry" style={{ top: `${top}px` }} aria-posinset={place + 1} aria-setsize={of}>
      <a
        href={formatRoute({ id: row.id, z: 0, query })}
        class={`${isCurrent ? "current" : ""} ${hasThumbnails ? "" : "bare"}`}
        aria-current={isCurrent ? "true" : undefined}
        onClick={onClick}
      >
        {hasThumbnails && <Thumbnail data={data} row={row} />}
        <span class="what">
          <span class="name">
            <b>{String(row["case_id"])}</b> <Marked text={String(row["series"])} mark={mark} />
          </span>
          <Tags row={row} reason={reason} />
        </span>
        <span class="excerpt">
          {row["report"] === null ? <i>no report</i> : <Marked text={excerpt(report, mark)} mark={mark} />}
        </span>
      </a>
    </div>
  );
}

/** What surrounds the first word that was looked for, or the beginning. */
function excerpt(report: string, mark: RegExp | undefined): string {
  const found = mark ? report.search(mark) : 0;
  const start = found > 120 ? report.lastIndexOf(" ", found - 60) + 1 : 0;
  return `${start > 0 ? "… " : ""}${report.slice(start, start + 360)}`;
}

function Thumbnail({ data, row }: { data: DataSet; row: ListRow }) {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    let made: string | undefined;
    let isGone = false;
    const timer = setTimeout(async () => {
      const blob = await data.thumbnail(row).catch(() => undefined);
      if (blob && !isGone) setUrl((made = URL.createObjectURL(blob)));
    }, PAUSE_MS);
    return () => {
      isGone = true;
      clearTimeout(timer);
      if (made !== undefined) URL.revokeObjectURL(made);
    };
  }, [data, row]);
  return <span class="thumbnail">{url !== undefined && <img src={url} alt="" />}</span>;
}
