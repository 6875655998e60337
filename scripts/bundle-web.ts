import { copyFile, mkdir } from "node:fs/promises";
import { build, type Plugin } from "esbuild";

/** Modules that the page never comes to, by what stands in for each. */
const absent = (what: string) => `() => { throw new Error(${JSON.stringify(`${what} is not in this page`)}) }`;
const standIns: Readonly<Record<string, string>> = {
  "hyparquet/src/bloom.js": `export const readBloomFilter = ${absent("bloom filters")}, bloomEligibleColumns = () => [];`,
  "hyparquet/src/variant.js": `export const decodeVariantColumn = ${absent("the variant type")};`,
  "hyparquet/src/wkb.js": `export const wkbToGeojson = ${absent("geography")};`,
  "hyparquet/src/geoparquet.js": "export const markGeoColumns = () => {};",
  "hyparquet/src/filter.js": `export const canSkipRowGroup = () => false, columnsNeededForFilter = () => [], pathsNeededForFilter = () => [];
    export const matchFilter = ${absent("filters")}, filterPageRanges = matchFilter;`,
  // Of arrays in Zarr, which NiiVue can show and this page has none of: 1.4 MB of decoders.
  "numcodecs/dist/zstd.js": "export default null;",
  "numcodecs/dist/blosc.js": "export default null;",
  "numcodecs/dist/lz4.js": "export default null;",
};

const withoutUnused: Plugin = {
  name: "without-unused",
  setup({ onLoad, onEnd }) {
    const left = new Set<string>();
    for (const [name, contents] of Object.entries(standIns))
      onLoad({ filter: new RegExp(`/node_modules/${name.replaceAll(".", "\\.")}$`) }, () => {
        left.add(name);
        return { contents, loader: "js" };
      });
    // A new version may have moved them, and the page would grow unseen.
    onEnd(({ errors }) => {
      if (errors.length === 0 && left.size === 0) throw new Error("no module was left out: look at standIns");
    });
  },
};

/** The page's files, in dist/web: what is looked at first, and apart from it what three planes and 3D take. */
const shared = {
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  outdir: "dist/web",
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  logLevel: "warning",
} as const;

await mkdir("dist/web", { recursive: true });
await build({ ...shared, plugins: [withoutUnused], entryPoints: ["web/app.tsx"] });
await build({ ...shared, plugins: [withoutUnused], entryPoints: ["web/three.ts"] });
await build({ ...shared, plugins: [], entryPoints: ["web/codecs.ts"] });
await build({ ...shared, plugins: [], entryPoints: ["web/app.css"] });
await copyFile("web/index.html", "dist/web/index.html");
