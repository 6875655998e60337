import { serveFolder } from "../devkit/hub/serve.ts";

await serveFolder(process.argv.slice(2));
