/** Cells of several fields, by what they hold. Every field may be null. */
export const structs = {
  /**
   * Bytes in a struct: `datasets` turns a column of plain binary into a NumPy array of type S for its formats numpy, torch
   * and jax, which cuts off every cell's trailing zeros without a word; the bytes of a struct it leaves alone.
   */
  voxels: { bytes: "binary" },
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
type SingleCell<T> = T extends "voxels"
  ? Uint8Array
  : T extends keyof Leaves
    ? Leaves[T]
    : T extends keyof Structs
      ? StructCell<T>
      : never;
/** What a cell of a type is in memory: of voxels the bytes alone. */
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
