import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Transport } from "../../bytes/http/transport.ts";
import { EtlError } from "../../errors.ts";
import { readFault } from "../../files/read-file.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** Where Amazon's containers (Batch, ECS) are told their role's keys. */
const CONTAINERS = "http://169.254.170.2";
/** New keys are asked for so long before the old ones end. */
const MARGIN_MS = 5 * 60_000;

/** What a container's service answers. */
const Told = z.object({
  AccessKeyId: z.string(),
  SecretAccessKey: z.string(),
  Token: z.string().optional(),
  Expiration: z.string().optional(),
});

/**
 * The keys by the environment, as the AWS tools find them: AWS_ACCESS_KEY_ID and its kin, else those of the role that a
 * container has (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI), which are asked for anew before they end.
 */
export function keysOf(env: Environment, transport: Transport): () => Promise<Keys> {
  const [accessKeyId, secretAccessKey] = [env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"]];
  if (accessKeyId && secretAccessKey) {
    const keys = { accessKeyId, secretAccessKey, sessionToken: env["AWS_SESSION_TOKEN"] || undefined };
    return async () => keys;
  }
  const relative = env["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"];
  const address = relative ? `${CONTAINERS}${relative}` : env["AWS_CONTAINER_CREDENTIALS_FULL_URI"];
  if (!address || !URL.canParse(address))
    throw new EtlError("not-allowed", "s3: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
  let [held, untilMs]: [Promise<Keys> | undefined, number] = [undefined, 0];
  return () => {
    if (held && Date.now() < untilMs) return held;
    untilMs = Number.POSITIVE_INFINITY;
    held = roleKeys(new URL(address), env, transport).then(
      ({ endMs, ...keys }) => {
        untilMs = endMs - MARGIN_MS;
        return keys;
      },
      (error) => {
        untilMs = 0;
        throw error;
      },
    );
    return held;
  };
}

async function roleKeys(url: URL, env: Environment, transport: Transport): Promise<Keys & { endMs: number }> {
  const file = env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"];
  const token = file
    ? await readFile(file, "utf8").catch((error) => {
        throw readFault(error, file);
      })
    : env["AWS_CONTAINER_AUTHORIZATION_TOKEN"];
  const { status, body } = await transport.request(url, token ? { headers: { authorization: token.trim() } } : {});
  const told = Told.safeParse(await body.json().catch(() => undefined));
  // Its answer may hold keys, and is not repeated.
  if (status >= 500 || status === 429)
    throw new EtlError("server-error", `${url.host}: HTTP ${status} for the keys of this container's role`);
  if (status !== 200 || !told.success)
    throw new EtlError("not-allowed", `${url.host}: HTTP ${status}, no keys of a role; give this container one`);
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = told.data;
  const endMs = Expiration === undefined ? Number.POSITIVE_INFINITY : Date.parse(Expiration);
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token, endMs };
}
