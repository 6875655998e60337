import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** undici, loaded by its first use: that takes long, and compiles Node's own copy of it too. At once, unlike `import()`. */
export const undici = () => require("undici") as typeof import("undici");
