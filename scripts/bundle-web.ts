import { copyFile, mkdir } from "node:fs/promises";
import { build } from "esbuild";

/** The page's files, in dist/web: what is looked at first, and apart from it what three planes and 3D take. */
await mkdir("dist/web", { recursive: true });
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
await build({ ...shared, entryPoints: ["web/app.tsx", "web/app.css"] });
await build({ ...shared, entryPoints: ["web/three.ts"] });
await copyFile("web/index.html", "dist/web/index.html");
