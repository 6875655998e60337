export const layouts = ["zip", "tar", "tar.gz", "loose"] as const;
/** How archives are read: by what their names say, or all as one of these. */
export type Layout = (typeof layouts)[number] | undefined;
