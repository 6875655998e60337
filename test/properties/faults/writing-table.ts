import type { FaultAction } from "../../../devkit/hub/hub.ts";
import type { FaultKind } from "../../../src/errors.ts";

/** Routes of the Hub that publishing writes by, in the order in which a run comes to them. */
export const writeRoutes = [
  "create",
  "preupload",
  "lfs-batch",
  "lfs-put",
  "lfs-part",
  "lfs-complete",
  "validate-yaml",
  "commit",
] as const;
export type WriteRoute = (typeof writeRoutes)[number];

/** What publishing does. All but the last end in the very data set of a run that nothing disturbed, with one commit. */
export type WriteReaction =
  | "go on"
  | "retry"
  | "wait, retry"
  | "ask, retry"
  | "ask, wait, retry"
  | "ask, go on"
  | "look, retry"
  | "look, wait, retry"
  | "look, go on"
  | "new link"
  | { readonly stop: FaultKind };

export interface WriteRow {
  readonly name: string;
  readonly do: FaultAction;
  readonly strikes: "once" | "always";
  readonly on: Readonly<Partial<Record<WriteRoute, WriteReaction>>>;
}
type On = WriteRow["on"];

const stop = (kind: FaultKind): WriteReaction => ({ stop: kind });
const api = (reaction: WriteReaction): On => ({
  create: reaction,
  preupload: reaction,
  "lfs-batch": reaction,
  "validate-yaml": reaction,
});
const store = (reaction: WriteReaction): On => ({
  "lfs-put": reaction,
  "lfs-part": reaction,
  "lfs-complete": reaction,
});
/** What may have been carried out is looked for before it is sent again. */
const again: On = {
  ...api("retry"),
  "lfs-put": "ask, retry",
  "lfs-part": "retry",
  "lfs-complete": "ask, retry",
  commit: "look, retry",
};
const waited: On = {
  ...api("wait, retry"),
  "lfs-put": "ask, wait, retry",
  "lfs-part": "wait, retry",
  "lfs-complete": "ask, wait, retry",
  commit: "look, wait, retry",
};
const done: On = {
  ...api("retry"),
  "lfs-put": "ask, go on",
  "lfs-part": "retry",
  "lfs-complete": "ask, go on",
  commit: "look, go on",
};
const ended = (kind: FaultKind): On => ({ ...api(stop(kind)), ...store(stop(kind)), commit: stop(kind) });

const once = (name: string, action: FaultAction, on: On): WriteRow => ({ name, do: action, strikes: "once", on });
const always = (name: string, action: FaultAction, on: On): WriteRow => ({ name, do: action, strikes: "always", on });
const status = (code: number, after = false): FaultAction => ({ kind: "status", status: code, after });

interface BatchAnswer {
  readonly objects: { actions?: { upload: { header?: Record<string, string> } }; error?: object }[];
}
function edited(edit: (answer: BatchAnswer) => void): FaultAction {
  return {
    kind: "custom",
    reply: (reply) => {
      const answer = JSON.parse(String(reply.body)) as BatchAnswer;
      edit(answer);
      const body = Buffer.from(JSON.stringify(answer));
      return { ...reply, headers: { ...reply.headers, "content-length": `${body.length}` }, body };
    },
  };
}
const refusing = edited(({ objects }) => {
  objects[0]!.error = { code: 507, message: "Private repository storage limit reached" };
});
const miscounting = edited(({ objects }) => {
  for (const { actions } of objects) delete actions?.upload.header?.["00002"];
});

export const writeTable: readonly WriteRow[] = [
  once("429, `RateLimit: …;r=0;t=7`", { kind: "rate-limit", seconds: 7, tell: "ratelimit" }, waited),
  once("429, `Retry-After: 7`", { kind: "rate-limit", seconds: 7, tell: "retry-after" }, waited),
  once("429 that does not say how long", { kind: "rate-limit", tell: "nothing" }, again),
  always("429 without end", { kind: "rate-limit", seconds: 7 }, ended("rate-limited")),
  always("429 for two hours", { kind: "rate-limit", seconds: 7200 }, ended("rate-limited")),
  ...[500, 502, 503, 504].map((code) => once(`${code}`, status(code), again)),
  once("504, but it was carried out", status(504, true), done),
  always("503 without end", status(503), ended("server-error")),
  once("connection reset once it was carried out", { kind: "reset" }, done),
  once("connection reset while bytes are sent", { kind: "hang-up", at: 1 }, again),
  always("connection reset without end", { kind: "hang-up", at: 1 }, ended("network")),
  once("no answer, but it was carried out", { kind: "stall" }, done),
  once("takes no further byte", { kind: "deaf", at: 1 }, again),
  always("takes no further byte, ever", { kind: "deaf", at: 1 }, ended("network")),
  once(
    "answer cut short, but it was carried out",
    { kind: "truncate", at: 20, length: true },
    {
      create: "retry",
      preupload: "retry",
      "lfs-batch": "retry",
      "lfs-complete": "ask, go on",
      "validate-yaml": "retry",
      commit: "look, go on",
    },
  ),
  once("a web page with status 200", { kind: "html" }, again),
  always("a web page with status 200, ever", { kind: "html" }, ended("server-error")),
  always("401, the token is no good", status(401), {
    ...api(stop("not-allowed")),
    commit: stop("not-allowed"),
  }),
  once("403, the link has expired", { kind: "expired" }, store("new link")),
  always(
    "403 for ever",
    { kind: "expired" },
    {
      ...api(stop("not-allowed")),
      ...store(stop("link-expired")),
      commit: stop("not-allowed"),
    },
  ),
  always("404", status(404), {
    ...api(stop("source-not-found")),
    ...store(stop("link-expired")),
    "validate-yaml": "go on",
    commit: stop("source-changed"),
  }),
  once("409, it is there by now", status(409, true), { create: "go on" }),
  once("409, another commit is under way", status(409), { commit: "look, retry" }),
  once("412, the branch has moved", { kind: "move-branch" }, { commit: "look, retry" }),
  always("409 without end", status(409), { commit: stop("commit-raced") }),
  once("400, the bytes are not what was announced", status(400), store("new link")),
  always("an object that is refused, as for want of room", refusing, { "lfs-batch": stop("server-error") }),
  always("links for too few parts", miscounting, { "lfs-batch": stop("server-error") }),
  once("an answer without ETag", { kind: "headers", set: { etag: null } }, { "lfs-put": "go on", "lfs-part": "retry" }),
  always("answers without ETag, ever", { kind: "headers", set: { etag: null } }, { "lfs-part": stop("server-error") }),
];
