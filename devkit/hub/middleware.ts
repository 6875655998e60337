import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { applyAfter, applyBefore, type FaultSite } from "./fault-actions.ts";
import type { Fault, FaultAction, FaultPicker } from "./faults.ts";
import { bucketOf, type Limits } from "./limits.ts";
import type { Link } from "./link.ts";
import type { Host, LoggedRequest } from "./log.ts";
import { Refusal, type Reply } from "./reply.ts";
import { type Context, findRoute, type Match, type Route } from "./router.ts";
import { actorOf, type HubState, type Identity } from "./state.ts";
import type { TokenGuard } from "./token-guard.ts";
import { intake, send, type Wire } from "./wire.ts";

/** The parts that every request passes through. */
export interface Machine {
  readonly state: HubState;
  readonly routes: Readonly<Record<"hub" | "cdn", readonly Route[]>>;
  readonly limits: Limits;
  readonly guard: TokenGuard;
  readonly faults: Fault[];
  readonly picker: FaultPicker;
  readonly log: LoggedRequest[];
  readonly link: Link | undefined;
}

/** Log, guard, limits, faults, route, faults, wire: in this order, for every host and route alike. */
export async function answer(
  machine: Machine,
  host: Host,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { state } = machine;
  const origin = host === "hub" ? state.endpoint : state[host];
  const url = new URL(request.url ?? "/", origin);
  const match = findRoute(machine.routes[host === "hub" ? "hub" : "cdn"], request.method ?? "GET", url.pathname);
  const logged = logEntry(host, request, match, state.objects.get(url.pathname)?.path);
  machine.log.push(logged);
  if (host !== "hub") machine.guard.inspect(request);
  const faults = machine.picker.pick(machine.faults, logged);
  logged.faults = faults.map(({ kind }) => kind);
  const limited = host === "hub" ? limit(machine, request) : { headers: {}, refusal: undefined };
  const site = faultSite(machine, request, origin);
  const wire: Wire = machine.link ? { link: machine.link } : {};
  const run = async () => {
    if (limited.refusal) throw limited.refusal;
    return routed(machine, match, host, request, url, logged, wire);
  };
  let reply = await withFaults(faults, site, wire, run);
  reply = { ...reply, headers: { ...limited.headers, "x-request-id": `Root=${randomUUID()}`, ...reply.headers } };
  await send(response, reply, wire, logged);
}

async function withFaults(
  faults: readonly FaultAction[],
  site: FaultSite,
  wire: Wire,
  run: () => Promise<Reply>,
): Promise<Reply> {
  const instead = faults.map((fault) => applyBefore(fault, site, wire)).find((reply) => reply !== undefined);
  let reply = instead ?? (await refusalsAsReplies(run));
  for (const fault of faults) reply = await applyAfter(fault, reply, site, wire);
  return reply;
}

async function refusalsAsReplies(run: () => Promise<Reply>): Promise<Reply> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Refusal) return error.reply();
    // A defect of this server should be seen in the test that met it.
    return new Refusal(500, `test Hub: ${error instanceof Error ? error.stack : error}`).reply();
  }
}

async function routed(
  { state }: Machine,
  match: Match | undefined,
  host: Host,
  request: IncomingMessage,
  url: URL,
  logged: LoggedRequest,
  wire: Wire,
): Promise<Reply> {
  const actor = host === "hub" ? actorOf(request.headers.authorization, state.tokens) : undefined;
  if (!match) throw new Refusal(404, "Sorry, we can't find the page you are looking for.");
  const context: Context = {
    hub: state,
    method: request.method ?? "GET",
    url,
    params: match.params,
    headers: request.headers,
    actor,
    logged,
    incoming: () => intake(request, wire, logged),
    body: () => collect(intake(request, wire, logged)),
    json: async () => parsed(await collect(intake(request, wire, logged))),
  };
  return match.route.handle(context);
}

function limit(
  machine: Machine,
  request: IncomingMessage,
): { headers: Record<string, string>; refusal: Refusal | undefined } {
  const bucket = bucketOf(request.url ?? "/");
  const { allowed, quota, headers } = machine.limits.count(who(machine.state, request)?.name, bucket);
  const message = `We had to rate limit you, you hit the quota of ${quota} ${bucket} requests per 5 minutes period.`;
  return { headers, refusal: allowed ? undefined : new Refusal(429, message, undefined, headers) };
}

/** Bad tokens count as anonymous. */
function who(state: HubState, request: IncomingMessage): Identity | undefined {
  return state.tokens.get((request.headers.authorization ?? "").replace(/^Bearer /i, ""));
}

function faultSite(machine: Machine, request: IncomingMessage, origin: string): FaultSite {
  const { state, limits } = machine;
  const bucket = bucketOf(request.url ?? "/");
  return {
    headers: request.headers,
    url: request.url ?? "/",
    origin,
    third: state.third,
    rateLimit: (seconds) => limits.headers(bucket, 0, 0, seconds),
    moveBranch: (id) => {
      for (const repo of state.repos.values()) if (id === undefined || id === repo.id) repo.move();
    },
  };
}

function logEntry(
  host: Host,
  request: IncomingMessage,
  match: Match | undefined,
  object: string | undefined,
): LoggedRequest {
  return {
    host,
    route: match?.route.name ?? "unknown",
    method: request.method ?? "GET",
    url: request.url ?? "/",
    path: object ?? match?.params["rest"],
    range: request.headers.range,
    headers: { ...request.headers },
    at: Date.now(),
    status: 0,
    bytes: 0,
    received: 0,
    faults: [],
  };
}

async function collect(incoming: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    throw new Refusal(400, "the body is no JSON");
  }
}
