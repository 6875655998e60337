import { parseDocument } from "yaml";
import { memoryContent } from "./content.ts";
import { json, Refusal, type Reply } from "./reply.ts";
import { Repo } from "./repos.ts";
import { type Context, type Route, route } from "./router.ts";
import { writer } from "./state.ts";

export const createRoutes: readonly Route[] = [
  route("create", "POST", "/api/repos/create", create),
  route("validate-yaml", "POST", "/api/validate-yaml", validateYaml),
];

interface Asked {
  name?: string;
  organization?: string | null;
  type?: string;
  private?: boolean;
  visibility?: string;
}

/** What the Hub puts into a new data set. */
const GITATTRIBUTES = ["arrow", "bin", "gz", "npy", "parquet", "tar", "zip", "jpg", "png"]
  .map((extension) => `*.${extension} filter=lfs diff=lfs merge=lfs -text\n`)
  .join("");

async function create(context: Context): Promise<Reply> {
  const { hub } = context;
  const asked = (await context.json()) as Asked;
  const { name = "", organization } = asked;
  const owner = organization ?? context.actor?.name ?? "";
  writer(context, owner);
  if (asked.type !== "dataset") throw new Refusal(400, `type ${asked.type}: only dataset`);
  if (!/^(?!.*(?:--|\.\.))[\w][\w.-]{0,95}$/.test(name)) throw new Refusal(400, `Invalid name: ${name}`);
  const id = `${owner}/${name}`;
  const url = `${hub.endpoint}/datasets/${id}`;
  if (hub.repos.has(id)) return json({ error: "You already created this dataset repo", url }, 409);
  const isPrivate = asked.visibility === "private" || asked.private === true;
  const content = memoryContent({ ".gitattributes": GITATTRIBUTES });
  const repo = new Repo({ id, access: isPrivate ? "private" : "public", content });
  await repo.refresh("initial commit");
  hub.repos.set(id, repo);
  return json({ url, name: id, id });
}

const SIZES =
  /^(?:n<1K|1K<n<10K|10K<n<100K|100K<n<1M|1M<n<10M|10M<n<100M|100M<n<1B|1B<n<10B|10B<n<100B|100B<n<1T|n>1T)$/;
const LICENCES =
  /^(?:apache-2\.0|mit|cc0-1\.0|cc-by(?:-nc)?(?:-nd|-sa)?-[234]\.[05]|odbl|pddl|other|unknown|bsd.*|gpl.*)$/;

/** A few of the checks that the Hub makes of a card; Python's client asks for them with every README.md. */
async function validateYaml(context: Context): Promise<Reply> {
  const { content = "" } = (await context.json()) as { content?: string };
  const yaml = /^---\r?\n([\s\S]*?)\r?\n---(?:\r?\n|$)/.exec(content)?.[1];
  if (yaml === undefined)
    return json({ errors: [], warnings: [{ message: "empty or missing yaml metadata in repo card" }] });
  const document = parseDocument(yaml);
  const errors = document.errors.map(({ message }) => message);
  const front = errors.length > 0 ? {} : ((document.toJS() ?? {}) as Record<string, unknown>);
  const check = (isRight: boolean, message: string) => isRight || errors.push(message);
  const list = (value: unknown) => (value === undefined ? [] : [value].flat());
  for (const licence of list(front["license"])) check(LICENCES.test(`${licence}`), '"license" must be one of the list');
  for (const size of list(front["size_categories"]))
    check(SIZES.test(`${size}`), '"size_categories[0]" must be one of');
  for (const tag of list(front["tags"])) check(typeof tag === "string", '"tags" must be strings');
  const configs = list(front["configs"]) as { config_name?: string; data_files?: unknown }[];
  const names = configs.map(({ config_name }) => config_name);
  check(new Set(names).size === names.length, '"configs" has a name twice');
  for (const config of configs) {
    check(typeof config.config_name === "string", '"configs[0].config_name" is required');
    for (const file of list(config.data_files)) {
      const { split } = file as { split?: string };
      check(typeof file === "string" || /^\w+(?:\.\w+)*$/.test(`${split}`), `"${split}" is no name for a split`);
    }
  }
  return json({ errors: errors.map((message) => ({ message })), warnings: [] });
}
