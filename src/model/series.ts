export const collections = ["ct_case", "ct_quizze"] as const;
export type Collection = (typeof collections)[number];

/** A series' place in the data set: collection, case and folder as the source spells them. */
export interface SeriesKey {
  readonly collection: Collection;
  readonly caseId: string;
  readonly series: string;
}

export function seriesId({ collection, caseId, series }: SeriesKey): string {
  return `${collection}/${caseId}/${series}`;
}

export function isCollection(text: string): text is Collection {
  return text === "ct_case" || text === "ct_quizze";
}
