import type { Row } from "../model/row.ts";
import type { ReportFacts, SeriesFacts } from "./facts.ts";
import { personalData } from "./measure/personal.ts";
import { measureReport } from "./measure/report.ts";
import type { Spool } from "./spool.ts";

type TextFacts = Pick<SeriesFacts, "report" | "reportLength" | "personal" | "headings">;

/** Headings of text.txt, which a cleaned report should not hold. */
const HEADING = /\b(?:Title|presentation|patient|Age|Gender|discussion|study_findings):/g;

/** Measures reports; each text is kept once. A case's series have the same one, and mostly come in a row. */
export class Texts {
  readonly #spool: Spool;
  readonly #known = new Map<string, ReportFacts>();
  #last: { readonly report: string | null; readonly raw: string | null; readonly facts: TextFacts } | undefined;

  constructor(spool: Spool) {
    this.#spool = spool;
  }

  async of({ report, report_raw: raw }: Pick<Row, "report" | "report_raw">): Promise<TextFacts> {
    if (this.#last?.report === report && this.#last.raw === raw) return this.#last.facts;
    const facts = {
      report: report === null ? null : await this.#measured(report),
      reportLength: report?.length ?? 0,
      personal: personalData(raw ?? report ?? ""),
      headings: [...new Set(report?.match(HEADING) ?? [])],
    };
    this.#last = { report, raw, facts };
    return facts;
  }

  async #measured(text: string): Promise<ReportFacts> {
    const measures = measureReport(text);
    const before = this.#known.get(measures.key);
    if (before) return before;
    const facts = { ...measures, text: await this.#spool.add(Buffer.from(text)) };
    this.#known.set(measures.key, facts);
    return facts;
  }
}
