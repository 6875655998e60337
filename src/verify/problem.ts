/** Something that is not as it should be, and where: one line for a person, and fields for a program. */
export interface Problem {
  readonly where: string;
  readonly what: string;
  /** What to do about it, where that is not plain. */
  readonly remedy?: string;
}
