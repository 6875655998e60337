type Sharp = typeof import("sharp")["default"];
let loaded: Promise<Sharp> | undefined;

/** At the first use: most series need no sharp, and whoever only plans needs none at all. */
export function loadSharp(): Promise<Sharp> {
  loaded ??= import("sharp").then(({ default: sharp }) => {
    // One image a call and a thread a call: many slices are decoded side by side, none of them twice.
    sharp.cache(false);
    sharp.concurrency(1);
    return sharp;
  });
  return loaded;
}
