import { useState } from "preact/hooks";
import type { ListRow } from "./data-set.ts";
import { Marked } from "./marked.tsx";
import type { Cells } from "./shards.ts";

/** How a report was found in the case's text, for people. */
const sources: Readonly<Record<string, string>> = {
  study_findings: "from the study's findings",
  discussion: "from the discussion, as there are no findings",
  whole_text: "the whole text, as it has neither findings nor a discussion",
};

interface ReportProps {
  readonly details: Cells | undefined;
  readonly row: ListRow;
  readonly mark: RegExp | undefined;
  /** Why the row could not be read. */
  readonly fault: string | undefined;
}

export function Report({ details, row, mark, fault }: ReportProps) {
  const [isRaw, setRaw] = useState(false);
  const cells = details ?? row;
  const text = cells[isRaw ? "report_raw" : "report"];
  const found = String(details?.["report_fault"] ?? "This case has no report.");
  const absence = details ? found : fault ? "It could not be read." : "…";
  const source = sources[String(cells["report_source"])];
  return (
    <section aria-label="Report">
      <h2>
        Report <small>{isRaw ? "text.txt as it is" : source}</small>
        <span class="grow" />
        <span class="switch">
          <button type="button" aria-pressed={!isRaw} onClick={() => setRaw(false)}>
            Cleaned
          </button>
          <button type="button" aria-pressed={isRaw} onClick={() => setRaw(true)}>
            Raw
          </button>
        </span>
      </h2>
      {typeof text === "string" ? (
        <p class="report">
          <Marked text={text} mark={mark} />
        </p>
      ) : (
        <p class="quiet">{absence}</p>
      )}
    </section>
  );
}
