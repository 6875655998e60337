export const collections = ["ct_case", "ct_quizze"] as const;
export type Collection = (typeof collections)[number];

/** A series' place in the data set: collection, case and folder as the source spells them. */
export interface SeriesKey {
  /** Null where no folder of one stands above the case (`data_examples/000001/…`). */
  readonly collection: Collection | null;
  readonly caseId: string;
  /** The case as one text: `ct_case/000006`, or without a collection the folder above it and its id. */
  readonly caseName: string;
  readonly series: string;
}

export function seriesId({ caseName, series }: Pick<SeriesKey, "caseName" | "series">): string {
  return `${caseName}/${series}`;
}

/** The case of a series that is known by its id. */
export function caseNameOf({ id, series }: { readonly id: string; readonly series: string }): string {
  return id.slice(0, -series.length - 1);
}

export function isCollection(text: string): text is Collection {
  return text === "ct_case" || text === "ct_quizze";
}
