import type { PhantomSeries } from "./phantom-repo.ts";
import { randomFrom, shuffled } from "./random.ts";

interface Row {
  readonly image: string;
  readonly text: string;
}

/** The six lists of M3D_Cap.json: a third is test, whose nested lists are a quarter, a half and three quarters of it. */
export function splitFile(all: readonly PhantomSeries[], seed: string, unlisted: number): Record<string, Row[]> {
  const rows = shuffled(all, randomFrom(`${seed} splits`))
    .slice(unlisted)
    .map(({ image, collection, caseId }) => ({ image, text: `M3D_Cap_npy/${collection}/${caseId}/text.txt` }));
  const test = rows.slice(0, Math.ceil(rows.length / 3));
  const validation = rows.slice(test.length, test.length + Math.ceil(rows.length / 8));
  const part = (quarters: number) => test.slice(0, Math.ceil((test.length * quarters) / 4));
  return {
    train: rows.slice(test.length + validation.length),
    validation,
    test,
    test100: part(1),
    test500: part(2),
    test1k: part(3),
  };
}
