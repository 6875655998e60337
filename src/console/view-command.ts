import { spawn } from "node:child_process";
import { once } from "node:events";
import { EtlError } from "../errors.ts";
import { exportSite } from "../view/export-site.ts";
import { isLoopback } from "../view/guard.ts";
import { hubAddress, openViewed } from "../view/open-viewed.ts";
import { serve } from "../view/server.ts";
import { layoutOf } from "./choices.ts";
import type { Result } from "./commands.ts";
import type { Session } from "./session.ts";

/** Serves the page until the command is stopped, which is its proper end. */
export async function viewCommand({ given, progress, transport, signal }: Session): Promise<Result> {
  const [text] = given.positionals;
  if (text === undefined)
    throw new EtlError(
      "usage",
      "nothing to look at: give the --out folder of a conversion, owner/name or a folder with archives",
    );
  const port = given.count("port", 1, 0);
  if (port > 65_535) throw new EtlError("usage", `--port ${port}: at most 65535`);
  const endpoint = given.text("endpoint");
  const viewed = await openViewed(text, {
    endpoint,
    layout: layoutOf(given),
    index: given.text("index"),
    transport,
    signal,
    retry: { onWait: progress.wait },
    onProgress: ({ done, total, path }) => progress.show("index", done, total, path),
  });
  try {
    const site = given.text("export");
    if (site !== undefined) {
      const files = await exportSite(viewed, hubAddress(endpoint), site);
      return {
        document: { site, files },
        text: `${site}: ${files.join(", ")}; serve it, or push it to a Space of kind static; it asks the Hub as anyone may: the data set must be public\n`,
      };
    }
    const host = given.text("host") ?? "127.0.0.1";
    const server = await serve(viewed, { host, port });
    progress.end();
    if (!isLoopback(host)) progress.note(`${host}: whoever has the address can read the data set`);
    announce(given.on("json"), server.url);
    if (given.on("open")) openBrowser(server.url, progress.note);
    if (!signal.aborted) await once(signal, "abort");
    await server.close();
    return { document: undefined, text: "" };
  } finally {
    await viewed.close();
  }
}

/** At once, as the command goes on: a script reads the address from the first line. */
function announce(asJson: boolean, url: string): void {
  process.stdout.write(asJson ? `${JSON.stringify({ url })}\n` : `${url}\nCtrl-C ends it\n`);
}

/** With what each system opens addresses with; where there is nothing, the address is on the console. */
function openBrowser(url: string, note: (line: string) => void): void {
  const [program, ...args] = { darwin: ["open"], win32: ["cmd", "/c", "start", ""] }[process.platform as string] ?? [
    "xdg-open",
  ];
  const child = spawn(program!, [...args, url], { stdio: "ignore", detached: true });
  child.on("error", () => note(`no browser could be opened; the address is ${url}`));
  child.unref();
}
