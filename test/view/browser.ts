import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import type { ByteSource } from "../../src/bytes/byte-source.ts";
import { serve, type ViewServer } from "../../src/view/server.ts";
import type { Viewed } from "../../src/view/viewed.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const executablePath = "/usr/bin/chromium";
/** What a test of the page takes beside Node; where it is not there the tests skip, and say so. */
export const withoutBrowser: { skip: string } | Record<string, never> = existsSync(executablePath)
  ? {}
  : { skip: `${executablePath} is not there` };

const args = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

export interface Tab {
  readonly page: Page;
  /** Errors on the console, and those that nobody caught. */
  readonly errors: string[];
  /** Addresses outside the page's own server. */
  readonly foreign: string[];
}

export class Browser {
  private readonly context: BrowserContext;
  private constructor(context: BrowserContext) {
    this.context = context;
  }
  static async start(colorScheme: "light" | "dark" = "light"): Promise<Browser> {
    const viewport = { width: 1280, height: 800 };
    const options = { executablePath, args, colorScheme, viewport };
    return new Browser(await chromium.launchPersistentContext(temporaryFolder("chromium"), options));
  }
  async open(url: string): Promise<Tab> {
    const page = await this.context.newPage();
    const [errors, foreign]: [string[], string[]] = [[], []];
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("request", (request) => {
      if (!/^(?:blob|data):/.test(request.url()) && new URL(request.url()).origin !== new URL(url).origin)
        foreign.push(request.url());
    });
    await page.goto(url);
    return { page, errors, foreign };
  }
  close(): Promise<void> {
    return this.context.close();
  }
}

export interface Read {
  readonly path: string;
  readonly bytes: number;
}
export interface Counted extends ViewServer {
  /** Every range that the page was given of a file. */
  readonly reads: Read[];
}

export async function serveCounted(viewed: Viewed): Promise<Counted> {
  const reads: Read[] = [];
  const counted = (path: string, source: ByteSource): ByteSource => ({
    ...source,
    read: (range, options) => {
      reads.push({ path, bytes: range.end - range.start });
      return source.read(range, options);
    },
  });
  const file = (path: string) => {
    const source = viewed.file(path);
    return source && counted(path, source);
  };
  const server = await serve({ ...viewed, file }, { host: "127.0.0.1", port: 0 });
  return { ...server, reads };
}

/** What axe-core finds that keeps people out, as `rule: elements`. */
export async function seriousFaults({ page }: Tab): Promise<string[]> {
  const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
  // The page's policy lets no script in but its own; the test's does not come from the page.
  await page.evaluate((await import("node:fs")).readFileSync(axe, "utf8"));
  return page.evaluate(async () => {
    // biome-ignore lint/suspicious/noExplicitAny: axe is the page's own global, of which this file has no types
    const { violations } = await (globalThis as any).axe.run();
    // biome-ignore lint/suspicious/noExplicitAny: as above
    const serious = violations.filter(({ impact }: any) => impact === "serious" || impact === "critical");
    // biome-ignore lint/suspicious/noExplicitAny: as above
    return serious.map(({ id, nodes }: any) => `${id}: ${nodes.map((node: any) => node.html).join(" ")}`);
  });
}

/** The grey of every pixel of the slice that is drawn, once it is number `z`. */
export async function drawn({ page }: Tab, z: number): Promise<Uint8Array> {
  await page.waitForSelector(`canvas[data-drawn="${z}"]`);
  const base64 = await page.evaluate(`(() => {
    const canvas = document.querySelector("canvas[data-drawn]");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let text = "";
    for (let at = 0; at < data.length; at += 4) text += String.fromCharCode(data[at]);
    return btoa(text);
  })()`);
  return Uint8Array.from(Buffer.from(String(base64), "base64"));
}

/** Until an expression is true in the page: the page's own policy lets nothing else look into it. */
export async function until(page: Page, expression: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await page.evaluate(expression))) {
    if (Date.now() > deadline) throw new Error(`never came: ${expression}`);
    await page.waitForTimeout(20);
  }
}
