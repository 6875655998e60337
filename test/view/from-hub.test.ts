import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { after, before, test } from "node:test";
import type { Route } from "playwright-core";
import { parse } from "yaml";
import { type Hub, startHub } from "../../devkit/hub/hub.ts";
import { writePhantomRepo } from "../../devkit/phantoms/phantom-repo.ts";
import { isFault } from "../../src/errors.ts";
import type { IndexRow } from "../../src/model/row.ts";
import { shardFormat } from "../../src/shards/formats.ts";
import { exportSite } from "../../src/view/export-site.ts";
import { openViewed } from "../../src/view/open-viewed.ts";
import { converted } from "../publish/phantom-output.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { Browser, type Counted, drawn, serveCounted, type Tab, withoutBrowser } from "./browser.ts";

const TOKEN = "hf_viewer0123456789";
const [SHARDS, ARCHIVES] = ["me/shards", "me/archives"];
const folder = temporaryFolder("from-hub");
let hub: Hub;
let browser: Browser | undefined;
let rows: IndexRow[];
/** What a test that fails leaves open would keep the process from its end. */
const servers: Counted[] = [];
before(async () => {
  process.env["VOXSHARD_CACHE"] = path.join(folder, "cache");
  process.env["HF_TOKEN"] = TOKEN;
  const [repo, out] = [path.join(folder, "repo"), path.join(folder, "out")];
  await writePhantomRepo(repo, { casesPerArchive: 3, slices: 24, height: 96, width: 112 });
  await converted(out, repo, { output: { volume: "native", slices: true, shardBytes: 2_000_000 } });
  rows = [];
  for await (const row of (
    await shardFormat("parquet", "hyparquet-writer").open(path.join(out, "index.parquet"))
  ).rows())
    rows.push(row as unknown as IndexRow);
  const repos = [SHARDS, ARCHIVES].map((id, at) => ({
    id: id!,
    dir: at === 0 ? out : repo,
    access: "private" as const,
  }));
  hub = await startHub({ repos, tokens: { [TOKEN]: { name: "me", role: "read" } } });
  if (!("skip" in withoutBrowser)) browser = await Browser.start();
});
after(async () => {
  await browser?.close();
  for (const server of servers) await server.close();
  await hub.close();
});

const address = ({ id }: { id: string }) => `#/row/${id.split("/").map(encodeURIComponent).join("/")}`;

/** Opens a data set's page; whatever came to the browser must not hold the token. */
async function opened(id: string): Promise<Tab & { server: Counted; done: () => Promise<void> }> {
  const server = await serveCounted(await openViewed(id, { endpoint: hub.endpoint }));
  servers.push(server);
  const tab = await browser!.open("about:blank");
  const texts: Promise<string>[] = [];
  tab.page.on("response", (response) =>
    texts.push(
      response.body().then(
        (body) => body.toString("latin1"),
        () => "",
      ),
    ),
  );
  await tab.page.goto(server.url);
  await tab.page.waitForSelector(".entry");
  const done = async () => {
    assert.deepEqual(tab.errors, []);
    for (const text of await Promise.all(texts)) assert.ok(!text.includes(TOKEN));
    await tab.page.close();
    await server.close();
    hub.assertNoLeaks();
  };
  return { ...tab, server, done };
}

test("shards of a private data set: by Range through the command, which keeps the token", withoutBrowser, async () => {
  const { page, server, done, ...tab } = await opened(SHARDS);
  assert.match((await page.textContent(".count"))!, new RegExp(`^${rows.length} series$`));
  const row = rows.at(-2)!;
  // Away from the list, once its previews are there: one on its way would be counted.
  await page.waitForLoadState("networkidle");
  await page.goto("about:blank");
  hub.resetLog();
  server.reads.length = 0;
  await page.goto(server.url + address(row));
  await drawn({ ...tab, page }, Math.floor(row.slice_count! / 2) + 1);
  const asked = server.reads.reduce((sum, { bytes }) => sum + bytes, 0);
  const { cdnBytes, resolve } = hub.counters();
  assert.ok(cdnBytes <= asked && resolve <= 2, `${cdnBytes} bytes of ${asked}, ${resolve} resolves`);
  assert.equal(await page.textContent(".report"), row.report);
  await done();
});

test(
  "archives of a private data set: a series' own bytes alone are fetched when it is opened",
  withoutBrowser,
  async () => {
    const { page, server, done, ...tab } = await opened(ARCHIVES);
    assert.match((await page.textContent(".count"))!, new RegExp(`^${rows.length} series$`));
    const listed = (await (await fetch(`${server.url}archives.json`)).json()) as Record<string, unknown[]>;
    const row = rows[3]!;
    hub.resetLog();
    await page.fill('input[type="search"]', row.case_id);
    await page.waitForURL(/q=/);
    await page.goto(server.url + address(row));
    await drawn({ ...tab, page }, Math.floor(row.slice_count! / 2) + 1);
    const stored = listed["stored_bytes"]![listed["id"]!.indexOf(row.id)] as number;
    const { cdnBytes } = hub.counters();
    assert.ok(cdnBytes > 0 && cdnBytes <= 1.02 * stored + 4096, `${cdnBytes} bytes for ${stored}`);
    assert.equal(await page.textContent(".report"), row.report);
    await done();
  },
);

/** A Hub by https that answers other sites, as the real one does; the miniature one answers behind it. */
async function asRealHub(route: Route): Promise<void> {
  const request = route.request();
  const { pathname } = new URL(request.url());
  const range = request.headers()["range"];
  const headers = { authorization: `Bearer ${TOKEN}`, ...(range && { range }) };
  const answer = await fetch(new URL(pathname, hub.endpoint), { headers });
  const body = Buffer.from(await answer.arrayBuffer());
  await route.fulfill({ status: answer.status, body, headers: { "access-control-allow-origin": "*" } });
}

test(
  "--export: a static folder that reads the shards from the Hub, with the front matter of a Space",
  withoutBrowser,
  async () => {
    const site = path.join(folder, "site");
    const viewed = await openViewed(SHARDS, { endpoint: hub.endpoint });
    const files = await exportSite(viewed, new URL("https://hub.example/"), site);
    await viewed.close();
    const card = await readFile(path.join(site, "README.md"), "utf8");
    const front = parse(card.split(/^---$/m)[1]!);
    assert.deepEqual(
      [front.sdk, front.app_file, front.datasets, typeof front.title],
      ["static", "index.html", [SHARDS], "string"],
    );
    for (const name of files) assert.ok(!(await readFile(path.join(site, name), "latin1")).includes(TOKEN), name);
    const host = createServer(async (request, response) => {
      const name = new URL(request.url!, "http://x").pathname.slice(1) || "index.html";
      if (!files.includes(name)) return void response.writeHead(404).end();
      const types = { html: "text/html", js: "text/javascript", css: "text/css", json: "application/json" };
      const type = types[name.split(".").at(-1) as "html"];
      response.writeHead(200, { "content-type": type }).end(await readFile(path.join(site, name)));
    });
    await new Promise<void>((resolve) => host.listen(0, "127.0.0.1", resolve));
    const tab = await browser!.open("about:blank");
    const { page } = tab;
    await page.route("https://hub.example/**", asRealHub);
    const row = rows[5]!;
    await page.goto(`http://127.0.0.1:${(host.address() as AddressInfo).port}/${address(row)}`);
    await drawn(tab, Math.floor(row.slice_count! / 2) + 1);
    assert.equal(await page.textContent(".report"), row.report);
    assert.deepEqual(tab.errors, []);
    await page.close();
    host.closeAllConnections();
    await new Promise((resolve) => host.close(resolve));
  },
);

test("--export again replaces its own files; it takes no folder of others, and no data that is not on the Hub", async () => {
  const options = { endpoint: hub.endpoint };
  const site = path.join(folder, "again");
  const viewed = await openViewed(SHARDS, options);
  for (const _ of [1, 2]) assert.ok((await exportSite(viewed, new URL(hub.endpoint), site)).includes("index.html"));
  await writeFile(path.join(site, "notes.txt"), "mine");
  await assert.rejects(exportSite(viewed, new URL(hub.endpoint), site), (error) => isFault(error, "cannot-write"));
  await viewed.close();
  for (const other of [path.join(folder, "out"), ARCHIVES!]) {
    const unpublished = await openViewed(other, options);
    await assert.rejects(exportSite(unpublished, new URL(hub.endpoint), path.join(folder, "none")), (error) =>
      isFault(error, "usage"),
    );
    await unpublished.close();
  }
});
