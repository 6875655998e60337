/** Where a data set's files are: on a Hub, at a commit; on ModelScope, at a branch or tag; or in a folder of this machine. */
export const sourceKinds = ["hub", "local", "modelscope"] as const;
export type SourceKind = (typeof sourceKinds)[number];
