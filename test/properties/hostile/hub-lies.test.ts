import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { after, test } from "node:test";
import { type FaultAction, memoryContent, startHub } from "../../../devkit/hub/hub.ts";
import { json, text } from "../../../devkit/hub/reply.ts";
import { isFault } from "../../../src/errors.ts";
import type { HubClient } from "../../../src/hub/hub-client.ts";
import { MAX_ANSWER_BYTES } from "../../../src/hub/hub-client.ts";
import { listTree, MAX_FILES } from "../../../src/hub/tree.ts";
import { Attack, refused } from "./attack.ts";

const attack = await Attack.prepare();
after(() => attack.remove());
const REPO = "phantoms/M3D-Cap";
const EVIL = "\u001b]0;evil\u0007\u202e";
const entry = (path: unknown, size: unknown = 5) => [{ type: "file", oid: "0".repeat(40), size, path }];
const instead = (value: unknown): FaultAction => ({ kind: "custom", reply: () => json(value) });
const endless = () =>
  Readable.from(
    (function* () {
      for (;;) yield Buffer.alloc(1 << 20, "[");
    })(),
  );

/** What a hostile or broken server says, on which route, and what the command then says. */
const lies: readonly (readonly [name: string, route: string, lie: FaultAction, code: number, words: RegExp])[] = [
  ["no commit", "revision", instead(null), 75, /named no commit/],
  ["a commit that is a path", "revision", instead({ sha: "../../main" }), 75, /named no commit/],
  ["a listing that is none", "tree", instead({ no: "list" }), 75, /the answer is not a listing of files/],
  ["an entry that is none", "tree", instead([null]), 75, /the answer is not a listing of files|which is not a file/],
  [
    "a path upwards",
    "tree",
    instead(entry("../../api/x.zip")),
    75,
    /lists "\.\.\/\.\.\/api\/x\.zip".* which is not a file/,
  ],
  ["an absolute path", "tree", instead(entry("/etc/passwd")), 75, /lists "\/etc\/passwd".* which is not a file/],
  ["a path that is a number", "tree", instead(entry(7)), 75, /lists 7 of 5 bytes/],
  ["a negative size", "tree", instead(entry("ct_case_00.zip", -1)), 75, /of -1 bytes, which is not a file/],
  ["a size beyond all", "tree", instead(entry("ct_case_00.zip", 1e300)), 75, /which is not a file/],
  [
    "a listing that goes on elsewhere",
    "tree",
    { kind: "headers", set: { link: '<http://127.0.0.9:9/x>; rel="next"' } },
    75,
    /goes on at http:\/\/127\.0\.0\.9:9, another/,
  ],
  [
    "an answer without end",
    "tree",
    { kind: "custom", reply: () => ({ status: 200, headers: { "content-type": "application/json" }, body: endless }) },
    65,
    new RegExp(`more than ${MAX_ANSWER_BYTES} bytes`),
  ],
  [
    "an error without end",
    "tree",
    { kind: "custom", reply: () => ({ status: 400, headers: {}, body: endless }) },
    66,
    /HTTP 400 +\[\[\[/,
  ],
  [
    "an error that steers the terminal",
    "tree",
    { kind: "custom", reply: () => text(EVIL, "text/plain", 400) },
    66,
    /HTTP 400 +\\u001b\]0;evil\\u0007\\u202e/,
  ],
  ["files that steer it", "tree", instead(entry(`${EVIL}/`)), 75, /lists "/],
];
for (const [name, route, lie, code, words] of lies)
  test(`${name}: an error in one line, memory bounded`, async (t) => {
    const hub = await startHub({
      repos: [{ id: REPO, content: memoryContent({ "M3D_Cap.json": "{}" }) }],
      faults: [{ route, do: lie }],
    });
    t.after(() => hub.close());
    refused(await attack.run(["plan", REPO, "--quiet", "--unlisted"], { HF_ENDPOINT: hub.endpoint }), code, words);
  });

/** A client whose listing never ends: each page has what `entries` gives, and names the next by `cursor`. */
function endlessListing(entries: (page: number) => readonly unknown[], cursor: (page: number) => number) {
  const asked: string[] = [];
  const client = {
    options: { endpoint: new URL("http://hub.test/"), token: undefined },
    fetch: async (url: URL) => {
      const page = asked.push(url.href);
      const link = `<http://hub.test/next?cursor=${cursor(page)}>; rel="next"`;
      return new Response(JSON.stringify(entries(page)), { headers: { link } });
    },
  } as unknown as HubClient;
  return { asked, list: () => listTree(client, REPO, "0".repeat(40)) };
}

test("a listing without end is left at a limit", async () => {
  const files = (page: number) => Array.from({ length: 50_000 }, (_, at) => entry(`${page}/${at}.zip`)[0]);
  const { list } = endlessListing(files, (page) => page);
  await assert.rejects(
    list(),
    (error) => isFault(error, "limit-exceeded") && error.message.includes(`more than ${MAX_FILES} files`),
  );
});

test("a listing that goes round in a circle is left at once: a cursor that comes again, pages that bring nothing new", async () => {
  const circles = [
    endlessListing(
      (page) => entry(`${page}.zip`),
      (page) => page % 2,
    ),
    endlessListing(
      () => entry("a.zip"),
      (page) => page,
    ),
    endlessListing(
      () => [],
      (page) => page,
    ),
  ];
  for (const { asked, list } of circles) {
    await assert.rejects(list(), (error) => isFault(error, "server-error") && /in a circle/.test(error.message));
    assert.ok(asked.length <= 3, `${asked.length} pages`);
  }
});

test("a file that is listed twice is one file", async () => {
  const twice = JSON.stringify([...entry("b.zip"), ...entry("a.zip"), ...entry("b.zip")]);
  const client = {
    options: { endpoint: new URL("http://hub.test/"), token: undefined },
    fetch: async () => new Response(twice),
  } as unknown as HubClient;
  const files = await listTree(client, REPO, "0".repeat(40));
  assert.deepEqual(
    files.map(({ path }) => path),
    ["a.zip", "b.zip"],
  );
});
