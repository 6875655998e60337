import { aboutGroup, type Detector } from "../finding.ts";
import { grouped } from "../grouped.ts";
import { linkedGroups } from "../union-find.ts";

/** What tells that two cases are one; that a case lies in several splits says nothing of other cases. */
const TELLING = new Set(["same-pixels", "near-volume", "same-report", "near-report"]);

/** A quiz that is a case again, under another number. */
export const caseInBothCollections: Detector = {
  kind: "case-in-both-collections",
  group: "leaks",
  meaning: "A case of ct_quizze is one of ct_case again: its pixels or its report say so.",
  *find(all, earlier) {
    const byId = new Map(all.map((one) => [one.id, one]));
    const telling = earlier.filter(({ kind }) => TELLING.has(kind));
    const involved = [...new Set(telling.flatMap(({ ids }) => ids))].map((id) => byId.get(id)!);
    const byCase = grouped(involved, ({ caseKey }) => caseKey);
    const places = new Map([...byCase.keys()].map((caseKey, at) => [caseKey, at]));
    const placeOf = (id: string) => places.get(byId.get(id)!.caseKey)!;
    const links = telling.flatMap(({ ids: [first, ...others] }) =>
      others.map((id) => ({ one: placeOf(first!), other: placeOf(id), likeness: 1 })),
    );
    for (const { members } of linkedGroups([...byCase.entries()], links)) {
      const series = members.flatMap(([, own]) => own);
      // A case outside both of them is an example, not a quiz.
      if (new Set(series.flatMap(({ collection }) => collection ?? [])).size < 2) continue;
      const detail = members.map(([caseKey]) => caseKey).join(" = ");
      yield aboutGroup(series, { value: members.length, threshold: 2, detail });
    }
  },
};
