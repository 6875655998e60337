import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { HubOptions } from "../hub/hub.ts";
import { json, Refusal, text } from "../hub/reply.ts";
import { Repo } from "../hub/repos.ts";
import { type Context, route } from "../hub/router.ts";
import { type Entry, pointer } from "../hub/snapshot.ts";
import { repoFor } from "../hub/state.ts";

const CHUNK = Number(process.env["SCRATCH_CHUNK"] ?? 100_000_000);
export async function scratch(): Promise<{
  routes: NonNullable<HubOptions["routes"]>;
  received: () => number;
  close: () => Promise<void>;
}> {
  const dir = await mkdtemp(path.join(tmpdir(), "store-"));
  const store = new Map<string, number>();
  const parts = new Map<string, Map<number, string>>();
  let received = 0;
  const need = (c: Context) => {
    if (c.actor?.role !== "write") throw new Refusal(c.actor ? 403 : 401, "needs write");
    return repoFor(c, "content");
  };
  const open = (oid: string) => (s: number, e: number) =>
    s >= e ? Readable.from([]) : createReadStream(path.join(dir, oid), { start: s, end: e - 1 });
  const save = async (c: Context, name: string) => {
    const hash = createHash("sha256");
    await pipeline(
      c.request,
      async function* (src) {
        for await (const b of src) {
          received += b.length;
          hash.update(b);
          yield b;
        }
      },
      createWriteStream(path.join(dir, name)),
    );
    return hash.digest("hex");
  };
  const hub = [
    route("create", "POST", "/api/repos/create", async (c) => {
      if (c.actor?.role !== "write") throw new Refusal(403, "read only");
      const b = JSON.parse((await c.body()).toString());
      const id = `${b.organization}/${b.name}`;
      if (c.hub.repos.has(id)) throw new Refusal(409, "exists");
      const repo = new Repo({ id, access: b.visibility === "private" ? "private" : "public" });
      await repo.refresh("initial");
      c.hub.repos.set(id, repo);
      return json({ url: `${c.hub.endpoint}/datasets/${id}`, name: id, id });
    }),
    route("validate-yaml", "POST", "/api/validate-yaml", () => json({ errors: [], warnings: [] })),
    route("preupload", "POST", "/api/datasets/:owner/:name/preupload/:rev", async (c) => {
      need(c);
      const { files } = JSON.parse((await c.body()).toString());
      return json({
        files: files.map((f: { path: string; size: number }) => ({
          path: f.path,
          uploadMode: f.size > 10_000 ? "lfs" : "regular",
          shouldIgnore: false,
        })),
      });
    }),
    route("lfs-batch", "POST", "/datasets/:owner/:name/info/lfs/objects/batch", async () => {
      throw new Error("x");
    }),
    route("lfs-batch", "POST", "/datasets/:owner/:git/info/lfs/objects/batch", async (c) => {
      if (c.actor?.role !== "write") throw new Refusal(403, "read only");
      const { objects } = JSON.parse((await c.body()).toString());
      return json({
        transfer: "basic",
        objects: objects.map((o: { oid: string; size: number }) => {
          if (store.has(o.oid)) return o;
          if (o.size <= CHUNK)
            return { ...o, actions: { upload: { href: c.hub.signer.sign(c.hub.cdn, `/upload/${o.oid}`, 3600) } } };
          const n = Math.ceil(o.size / CHUNK),
            id = randomUUID();
          parts.set(id, new Map());
          const header: Record<string, string> = { chunk_size: String(CHUNK) };
          for (let i = 1; i <= n; i++)
            header[String(i).padStart(5, "0")] = c.hub.signer.sign(c.hub.cdn, `/part/${id}/${i}`, 3600);
          return { ...o, actions: { upload: { href: `${c.hub.endpoint}/api/complete/${id}?size=${o.size}`, header } } };
        }),
      });
    }),
    route("lfs-complete", "POST", "/api/complete/:id", async (c) => {
      const b = JSON.parse((await c.body()).toString());
      const hash = createHash("sha256");
      const out = createWriteStream(path.join(dir, b.oid));
      await pipeline(async function* () {
        for (const p of b.parts) {
          if (parts.get(c.params["id"]!)!.get(p.partNumber) !== p.etag) throw new Refusal(400, "bad etag");
          for await (const x of createReadStream(path.join(dir, `${c.params["id"]}-${p.partNumber}`))) {
            hash.update(x);
            yield x;
          }
        }
      }, out);
      if (hash.digest("hex") !== b.oid) throw new Refusal(400, "sha");
      store.set(b.oid, Number(c.url.searchParams.get("size")));
      return json({});
    }),
    route("commit", "POST", "/api/datasets/:owner/:name/commit/:rev", async (c) => {
      const repo = need(c);
      const [header, ...lines] = (await c.body())
        .toString()
        .split("\n")
        .map((l) => JSON.parse(l));
      const parent = repo.at("main");
      if (header.value.parentCommit && header.value.parentCommit !== parent.sha)
        throw new Refusal(412, "The branch was updated since you opened this page.");
      const entries = new Map<string, Entry>(parent.entries);
      for (const { key, value } of lines) {
        if (key === "deletedFile") {
          if (!entries.delete(value.path)) throw new Refusal(404, `no ${value.path}`, "EntryNotFound");
        } else if (key === "lfsFile") {
          if (store.get(value.oid) !== value.size) throw new Refusal(400, `not uploaded ${value.oid}`);
          entries.set(value.path, {
            path: value.path,
            size: value.size,
            open: open(value.oid),
            ...pointer(value.oid, value.size),
          });
        } else {
          const data = Buffer.from(value.content, "base64");
          const oid = createHash("sha1").update(`blob ${data.length}\0`).update(data).digest("hex");
          entries.set(value.path, {
            path: value.path,
            size: data.length,
            oid,
            open: (s, e) => Readable.from([data.subarray(s, e)]),
          });
        }
      }
      const { sha } = repo.move("main", header.value.summary, entries.values());
      return json({ success: true, commitOid: sha, commitUrl: `${c.hub.endpoint}/c/${sha}`, hookOutput: "" });
    }),
  ].filter((r) => !r.pattern.includes(":name") || !r.pattern.includes("info"));
  const cdn = [
    route("lfs-put", "PUT", "/upload/:oid", async (c) => {
      if (c.hub.signer.problem(c.logged.url)) return text("expired", "text/plain", 403);
      const tmp = randomUUID();
      const sum = await save(c, tmp);
      if (sum !== c.params["oid"]) return text("bad digest", "text/plain", 400);
      const { rename, stat } = await import("node:fs/promises");
      await rename(path.join(dir, tmp), path.join(dir, sum));
      store.set(sum, (await stat(path.join(dir, sum))).size);
      return text("");
    }),
    route("lfs-part", "PUT", "/part/:id/:n", async (c) => {
      if (c.hub.signer.problem(c.logged.url)) return text("expired", "text/plain", 403);
      const sum = await save(c, `${c.params["id"]}-${c.params["n"]}`);
      parts.get(c.params["id"]!)!.set(Number(c.params["n"]), `"${sum}"`);
      return text("", "text/plain", 200, { etag: `"${sum}"` });
    }),
  ];
  return { routes: { hub, cdn }, received: () => received, close: () => rm(dir, { recursive: true, force: true }) };
}
