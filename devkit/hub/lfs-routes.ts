import { randomUUID } from "node:crypto";
import { json, Refusal, type Reply, text, xml } from "./reply.ts";
import type { Repo } from "./repos.ts";
import { type Context, type Route, route } from "./router.ts";
import { writableRepo } from "./state.ts";

/** Uploads to the store: what @huggingface/hub and Python's huggingface_hub (without Xet) ask of the Hub. */
export const lfsRoutes: readonly Route[] = [
  route("lfs-batch", "POST", "/datasets/:owner/:git/info/lfs/objects/batch", batch),
  route("lfs-verify", "POST", "/datasets/:owner/:git/info/lfs/verify", verify),
  route("lfs-complete", "POST", "/api/complete_multipart", complete),
];
/** Those of the store itself, on the host of the CDN: whoever has a signed link may write that one object. */
export const storeRoutes: readonly Route[] = [
  route("lfs-put", "PUT", "/lfs/:owner/:name/:oid", put),
  route("lfs-part", "PUT", "/part/:upload/:part", part),
];

const TYPE = "application/vnd.git-lfs+json";
const MAX_OBJECTS = 100;

interface Batch {
  operation?: string;
  transfers?: string[];
  hash_algo?: string;
  ref?: { name?: string };
  objects?: { oid: string; size: number }[];
}

async function batch(context: Context): Promise<Reply> {
  const repo = gitRepo(context);
  const asked = (await context.json()) as Batch;
  const { operation, transfers = ["basic"], hash_algo = "sha256", objects = [] } = asked;
  if (!context.headers["content-type"]?.startsWith(TYPE)) throw new Refusal(415, `content-type must be ${TYPE}`);
  if (operation !== "upload") throw new Refusal(422, `operation ${operation}: only upload`);
  // The Hub's own clients spell it in two ways.
  if (!["sha256", "sha_256"].includes(hash_algo)) throw new Refusal(409, `hash_algo ${hash_algo}: not supported`);
  if (objects.length > MAX_OBJECTS) throw new Refusal(413, `more than ${MAX_OBJECTS} objects`);
  if (asked.ref?.name !== undefined) repo.at(asked.ref.name);
  const isMultipart = (size: number) => size > context.hub.store.partBytes && transfers.includes("multipart");
  const answers = objects.map(({ oid, size }) => {
    if (!/^[0-9a-f]{64}$/.test(oid) || !(size >= 0))
      return { oid, size, error: { code: 422, message: "Invalid object" } };
    const there = context.hub.store.sizeOf(repo, oid);
    if (there !== undefined && there !== size)
      return { oid, size, error: { code: 422, message: `Object has ${there} bytes` } };
    if (there !== undefined) return { oid, size };
    const upload = isMultipart(size) ? multipart(context, repo, oid, size) : basic(context, repo, oid, size);
    const verifyAction = {
      href: `${context.hub.endpoint}/datasets/${repo.id}.git/info/lfs/verify`,
      header: { authorization: "Basic none" },
    };
    return { oid, size, authenticated: true, actions: { upload, verify: verifyAction } };
  });
  const transfer = objects.some(({ size }) => isMultipart(size)) ? "multipart" : "basic";
  return json({ transfer, objects: answers }, 200, { "content-type": TYPE });
}

function basic({ hub }: Context, repo: Repo, oid: string, size: number): object {
  return { href: hub.signer.sign(hub.cdn, `/lfs/${repo.id}/${oid}?size=${size}`, hub.urlTtlSeconds) };
}

function multipart({ hub }: Context, repo: Repo, oid: string, size: number): object {
  const { partBytes } = hub.store;
  const upload = randomUUID();
  hub.store.multiparts.set(upload, { oid, size, partBytes, etags: new Map() });
  const header: Record<string, string> = { chunk_size: `${partBytes}` };
  for (let at = 1; at <= Math.ceil(size / partBytes); at++)
    header[`${at}`.padStart(5, "0")] = hub.signer.sign(hub.cdn, `/part/${upload}/${at}`, hub.urlTtlSeconds);
  const done = `/api/complete_multipart?uploadId=${upload}&bucket=hub-lfs&prefix=${repo.id}`;
  return { href: hub.signer.sign(hub.endpoint, done, hub.urlTtlSeconds), header };
}

/** The link is all that it takes: the Hub's clients send no token here. */
async function complete(context: Context): Promise<Reply> {
  const { hub, url, logged } = context;
  if (hub.signer.problem(logged.url)) throw new Refusal(403, "Invalid or expired signature");
  const upload = url.searchParams.get("uploadId") ?? "";
  const open = hub.store.multiparts.get(upload);
  // Also once it is completed: S3 says so too.
  if (!open) throw new Refusal(404, "NoSuchUpload: The specified upload does not exist");
  const { oid, parts = [] } = (await context.json()) as {
    oid?: string;
    parts?: { partNumber: number; etag: string }[];
  };
  const expected = Math.ceil(open.size / open.partBytes);
  if (oid !== open.oid || parts.length !== expected) throw new Refusal(400, `${expected} parts of ${open.oid} are due`);
  for (const [at, { partNumber, etag }] of parts.entries())
    if (partNumber !== at + 1 || open.etags.get(partNumber) !== etag)
      throw new Refusal(400, `InvalidPart: part ${partNumber} is not there, or not with that ETag`);
  if ((await hub.store.sumOf(upload)) !== oid) {
    await hub.store.drop(upload);
    throw new Refusal(400, "BadDigest: the parts are not that object");
  }
  hub.store.multiparts.delete(upload);
  await hub.store.keep(url.searchParams.get("prefix")!, upload, oid, open.size);
  return json({ location: `/lfs/${oid}` });
}

async function verify(context: Context): Promise<Reply> {
  const repo = gitRepo(context);
  const { oid, size } = (await context.json()) as { oid: string; size: number };
  const there = context.hub.store.sizeOf(repo, oid);
  if (there === undefined) throw new Refusal(404, `Object ${oid} does not exist`);
  if (there !== size) throw new Refusal(422, `Object ${oid} has ${there} bytes`);
  return json({});
}

async function put({ hub, params, url, headers, logged, incoming }: Context): Promise<Reply> {
  const problem = hub.signer.problem(logged.url);
  if (problem) return xml(403, "AccessDenied", problem);
  const size = Number(url.searchParams.get("size"));
  if (Number(headers["content-length"]) !== size) return xml(400, "IncompleteBody", `${size} bytes are due`);
  const name = randomUUID();
  const saved = await hub.store.save(name, incoming());
  if (saved.sha256 !== params["oid"]) {
    await hub.store.drop(name);
    return xml(400, "BadDigest", "The sha256 you specified did not match what we received");
  }
  await hub.store.keep(`${params["owner"]}/${params["name"]}`, name, saved.sha256, saved.size);
  return text("", "text/plain", 200, { etag: `"${saved.sha256.slice(0, 32)}"` });
}

async function part({ hub, params, headers, logged, incoming }: Context): Promise<Reply> {
  const problem = hub.signer.problem(logged.url);
  if (problem) return xml(403, "AccessDenied", problem);
  const upload = params["upload"]!;
  const number = Number(params["part"]);
  const open = hub.store.multiparts.get(upload);
  if (!open) return xml(404, "NoSuchUpload", "The specified upload does not exist");
  const start = (number - 1) * open.partBytes;
  const due = Math.min(open.partBytes, open.size - start);
  if (Number(headers["content-length"]) !== due) return xml(400, "EntityTooSmall", `${due} bytes are due`);
  const { md5 } = await hub.store.save(upload, incoming(), start);
  open.etags.set(number, `"${md5}"`);
  return text("", "text/plain", 200, { etag: `"${md5}"` });
}

/** These URLs call a repository by its git address. */
function gitRepo(context: Context): Repo {
  const name = context.params["git"]!.replace(/\.git$/, "");
  return writableRepo({ ...context, params: { ...context.params, name } });
}
