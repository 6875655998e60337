import { serveFolder } from "../test/hub/serve.ts";

await serveFolder(process.argv.slice(2));
