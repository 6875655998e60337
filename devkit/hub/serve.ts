import { parseArgs } from "node:util";
import { DEFAULT_REPO, type Hub, startHub } from "./hub.ts";
import { linkFlags, linkOf } from "./link.ts";

const USAGE = `usage: npm run hub -- --dir FOLDER [--repo owner/name] [--port N]
  [--latency MS] [--per-connection 50MB] [--cap 200MB]   a slow link: ms a request, bytes/s of one connection and of all
Serves FOLDER as a data set until Ctrl-C and prints how to read it.
Example: npm run hub -- --dir ./M3D-Cap --latency 80 --cap 200MB`;

/** Of a user "me", who may write. */
export const LOCAL_TOKEN = "hf_local0123456789";

function read(args: readonly string[]) {
  const text = { type: "string" } as const;
  const own = { dir: text, repo: text, port: text, help: { type: "boolean", short: "h" } } as const;
  try {
    return parseArgs({ args: [...args], options: { ...own, ...linkFlags } }).values;
  } catch (error) {
    console.error((error as Error).message);
    return undefined;
  }
}

/** Serves a folder as a data set until Ctrl-C, and says how to read it. */
export async function serveFolder(args: readonly string[]): Promise<Hub | undefined> {
  const values = read(args);
  if (values?.help) {
    console.log(USAGE);
    return undefined;
  }
  const { dir, repo = DEFAULT_REPO, port = "0" } = values ?? {};
  const link = linkOf(values ?? {});
  const isLink = Object.values(link).every((value) => value > 0);
  if (!isLink || dir === undefined || !/^[\w.-]+\/[\w.-]+$/.test(repo) || !/^\d+$/.test(port)) {
    console.error(USAGE);
    process.exitCode = 64;
    return undefined;
  }
  const hub = await startHub({
    dir,
    repo,
    port: Number(port),
    link: Object.keys(link).length > 0 ? link : undefined,
    quotas: { api: 1e6, resolvers: 1e6, pages: 1e6 },
    tokens: { [LOCAL_TOKEN]: { name: "me", role: "write" } },
  });
  console.log(`${dir} is ${repo} at ${hub.endpoint}, its content at ${hub.cdn}. Ctrl-C ends it.

  HF_ENDPOINT=${hub.endpoint} voxshard plan ${repo}
  HF_ENDPOINT=${hub.endpoint} hf download --repo-type dataset ${repo}
  HF_ENDPOINT=${hub.endpoint} HF_TOKEN=${LOCAL_TOKEN} voxshard publish OUT me/NAME     kept until it ends`);
  process.once("SIGINT", () => {
    const { api, resolvers, cdn, cdnBytes, storeBytes } = hub.counters();
    console.log(
      `\n${api} API calls, ${resolvers} resolves, ${cdn} CDN requests, ${cdnBytes} bytes, ${storeBytes} bytes uploaded`,
    );
    hub.close().catch((error: Error) => {
      console.error(error.message);
      process.exitCode = 1;
    });
  });
  return hub;
}
