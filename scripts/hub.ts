import { parseArgs } from "node:util";
import { startHub } from "../test/mini-hub/hub.ts";

const { values } = parseArgs({
  options: {
    dir: { type: "string" },
    repo: { type: "string", default: "voxshard/mini" },
    port: { type: "string", default: "0" },
  },
});
if (!values.dir) {
  console.error("usage: npm run hub -- --dir FOLDER [--repo owner/name] [--port N]");
  process.exit(64);
}
const hub = await startHub({ dir: values.dir, repo: values.repo, port: Number(values.port) });
console.log(
  `${values.dir} is ${values.repo} on a miniature Hub at\n\n  HF_ENDPOINT=${hub.endpoint}\n\ntry: HF_ENDPOINT=${hub.endpoint} npx voxshard plan ${values.repo}\nCtrl-C stops it.`,
);
process.once("SIGINT", () => hub.close().then(() => process.exit(0)));
