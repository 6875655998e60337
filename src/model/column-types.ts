/** Cells of several fields, by what they hold. Every field may be null. */
export const structs = {
  image: { bytes: "binary", path: "string" },
  sections: {
    title: "string",
    presentation: "string",
    age: "string",
    gender: "string",
    discussion: "string",
    study_findings: "string",
  },
  question: {
    question_type: "string",
    question: "string",
    choice_a: "string",
    choice_b: "string",
    choice_c: "string",
    choice_d: "string",
    answer: "string",
    answer_choice: "string",
  },
} as const;
type Structs = typeof structs;

/** What a cell without fields is in memory. */
interface Leaves {
  string: string;
  int32: number;
  binary: Uint8Array;
}
export type Single = keyof Leaves | keyof Structs;
export type ColumnType = Single | `list<${Single}>`;

export type StructCell<S extends keyof Structs> = {
  -readonly [F in keyof Structs[S]]: Structs[S][F] extends keyof Leaves ? Leaves[Structs[S][F]] | null : never;
};
type SingleCell<T> = T extends keyof Leaves ? Leaves[T] : T extends keyof Structs ? StructCell<T> : never;
/** What a cell of a type is in memory. */
export type CellOf<T extends ColumnType> = T extends `list<${infer Element}>` ? SingleCell<Element>[] : SingleCell<T>;

/** The fields of a column of several, in order; undefined for all others. */
export function fieldsOf(
  type: ColumnType,
): readonly (readonly [name: string, type: "string" | "binary"])[] | undefined {
  return type in structs ? Object.entries(structs[type as keyof Structs]) : undefined;
}

/** What a list holds; undefined for what is no list. */
export function elementOf(type: ColumnType): Single | undefined {
  return /^list<(.*)>$/.exec(type)?.[1] as Single | undefined;
}
