import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { EtlError } from "../errors.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The user's token, found where the Hub's own tools look: HF_TOKEN, the file of HF_TOKEN_PATH, HF_HOME/token. */
export function findToken(env: Environment): string | undefined {
  const token = env["HF_TOKEN"]?.trim() || tokenFile(env);
  if (token === undefined || token === "") return undefined;
  if (!/^hf_\w+$/.test(token))
    throw new EtlError("usage", "the token found is not hf_ and letters and digits on one line: check HF_TOKEN");
  return token;
}

function tokenFile(env: Environment): string | undefined {
  const home = env["HF_HOME"] ?? path.join(env["XDG_CACHE_HOME"] ?? path.join(homedir(), ".cache"), "huggingface");
  try {
    return readFileSync(env["HF_TOKEN_PATH"] ?? path.join(home, "token"), "utf8").trim();
  } catch {
    return undefined;
  }
}
