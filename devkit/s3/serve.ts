import { createRequire } from "node:module";

/** What is used of the server; it brings no types. */
interface Server {
  readonly middleware: ((context: Context, next: () => Promise<void>) => Promise<void>)[];
  readonly store: { existsObject(bucket: string, key: string): Promise<boolean> };
  run(): Promise<{ readonly port: number }>;
}
interface Context {
  readonly method: string;
  readonly path: string;
  get(header: string): string;
  status: number;
  body: string;
}

const [directory = "", bucket = ""] = process.argv.slice(2);
const S3rver = createRequire(import.meta.url)("@20minutes/s3rver") as new (options: object) => Server;
const server = new S3rver({
  address: "127.0.0.1",
  port: 0,
  silent: true,
  directory,
  vhostBuckets: false,
  configureBuckets: [{ name: bucket }],
});

/** The server is of before S3's conditional writes (2024); here they are: the first to be whole has the key. */
const writing = new Map<string, Promise<unknown>>();
server.middleware.unshift(async (context, next) => {
  if (context.method !== "PUT" || context.get("if-none-match") !== "*") return next();
  const before = writing.get(context.path);
  const turn = (async () => {
    await before?.catch(() => {});
    const [, name = "", ...key] = context.path.split("/").map(decodeURIComponent);
    if (!(await server.store.existsObject(name, key.join("/")))) return next();
    context.status = 412;
    context.body = "<Error><Code>PreconditionFailed</Code></Error>";
  })();
  writing.set(context.path, turn);
  await turn;
});

const { port } = await server.run();
process.stdout.write(`${port}\n`);
