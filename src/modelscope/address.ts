import { EtlError } from "../errors.ts";

/** A data set on ModelScope, with a branch or tag of it, and one folder where the user named one. */
export interface ModelScopeRepository {
  readonly id: string;
  readonly revision: string;
  readonly folder: string | undefined;
}

const SCHEME = "modelscope:";
/** What ModelScope calls the branch that everyone means. */
const DEFAULT_REVISION = "master";

/** `modelscope:owner/name[/folder][@revision]`; undefined where the text is of another form. */
export function parseModelScope(text: string): ModelScopeRepository | undefined {
  if (!text.startsWith(SCHEME)) return undefined;
  const match = /^([\w.-]+\/[\w.-]+)(?:\/((?:[\w. -]+\/)*[\w. -]+)\/?)?(?:@([\w./-]+))?$/.exec(
    text.slice(SCHEME.length),
  );
  if (!match) throw new EtlError("usage", `${text}: give modelscope:owner/name[/folder][@revision]`);
  const [, id, folder, revision = DEFAULT_REVISION] = match;
  return { id: id!, folder, revision };
}

/** The same as text again. */
export function addressOf({ id, folder, revision }: ModelScopeRepository): string {
  const at = revision === DEFAULT_REVISION ? "" : `@${revision}`;
  return `${SCHEME}${id}${folder === undefined ? "" : `/${folder}`}${at}`;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Where ModelScope is: MODELSCOPE_ENDPOINT, else its own address. */
export function modelScopeEndpoint(env: Environment): URL {
  const text = env["MODELSCOPE_ENDPOINT"]?.trim() || "https://modelscope.cn";
  const url = URL.canParse(text) ? new URL(text.endsWith("/") ? text : `${text}/`) : undefined;
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash) return url;
  throw new EtlError("usage", "MODELSCOPE_ENDPOINT: give an http(s) address, without a name and password");
}

/** The user's token, found where ModelScope's own tools look. */
export function modelScopeToken(env: Environment): string | undefined {
  const token = env["MODELSCOPE_API_TOKEN"]?.trim();
  if (!token) return undefined;
  if (!/^[\w-]+$/.test(token))
    throw new EtlError("usage", "MODELSCOPE_API_TOKEN is not letters, digits and hyphens on one line");
  return token;
}
