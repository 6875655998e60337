import S3rver from "@20minutes/s3rver";

const [directory = "", bucket = ""] = process.argv.slice(2);
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
