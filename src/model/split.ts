/** The official splits, in the order in which a series named by more than one of them is given its split. */
export const splits = ["test", "validation", "train"] as const;
/** The nested lists inside test, smallest first. */
export const subsets = ["test100", "test500", "test1k"] as const;
export type Split = (typeof splits)[number];
export type Subset = (typeof subsets)[number];
