import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { openSync } from "node:fs";
import { access, chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { slurmConf, taskProlog } from "./config.ts";
import { isAlive, killAll, processesWith } from "./processes.ts";

/** The programs that a cluster needs and this machine lacks. */
export function lacking(): readonly string[] {
  const programs = ["slurmctld", "slurmd", "sbatch", "munged"];
  return programs.filter((name) => spawnSync("sh", ["-c", `PATH=$PATH:/usr/sbin command -v ${name}`]).status !== 0);
}

export interface ClusterOptions {
  readonly nodes?: number;
  readonly cpus?: number;
  readonly maxArraySize?: number;
}

/** Above every priority that Slurm gives by itself. */
const FIRST = 4_294_967_000;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** A Slurm of this machine's own: a controller and nodes n1, n2, …, each of which can be lost and come back. */
export class Cluster {
  readonly home: string;
  readonly nodes: readonly string[];
  /** What Slurm's programs need to find it. */
  readonly env: Readonly<Record<string, string>>;
  private controller: ChildProcess | undefined;
  private readonly daemons = new Map<string, ChildProcess>();
  private munge: ChildProcess | undefined;
  private readonly atExit = () => this.kill();
  private readonly atSignal = () => {
    this.kill();
    process.exit(1);
  };

  private constructor(home: string, nodes: readonly string[]) {
    this.home = home;
    this.nodes = nodes;
    this.env = { SLURM_CONF: path.join(home, "slurm.conf"), PATH: `${process.env["PATH"]}:/usr/sbin` };
    process.once("exit", this.atExit);
    for (const signal of SIGNALS) process.once(signal, this.atSignal);
  }

  static async up({ nodes = 4, cpus = 4, maxArraySize = 1001 }: ClusterOptions = {}): Promise<Cluster> {
    const home = await mkdtemp(path.join(tmpdir(), "slurm-"));
    const cluster = new Cluster(
      home,
      Array.from({ length: nodes }, (_, at) => `n${at + 1}`),
    );
    try {
      const [controller, ...ports] = await freePorts(nodes + 1);
      const byNode = Object.fromEntries(cluster.nodes.map((name, at) => [name, ports[at]!]));
      await cluster.writeFiles(slurmConf(home, { controller: controller!, nodes: byNode }, cpus, maxArraySize));
      const own = ["key", "log", "pid", "seed"].map((what) => `--${what}-file=${home}/munge.${what}`);
      cluster.munge = cluster.start("munged", ["--foreground", "--force", `--socket=${home}/munge.socket`, ...own]);
      await until("munge's socket", () => access(`${home}/munge.socket`));
      await cluster.startController();
      for (const node of cluster.nodes) cluster.startNode(node);
      await until("the nodes", async () => {
        const { stdout } = await cluster.run("sinfo", "--noheader", "--Node", "--format=%T");
        if (stdout.split("\n").filter((state) => state === "idle").length < nodes) throw new Error(stdout);
      });
      return cluster;
    } catch (error) {
      await cluster.down();
      throw error;
    }
  }

  private async writeFiles(conf: string): Promise<void> {
    const { home } = this;
    for (const folder of ["state", "env", ...this.nodes.map((node) => `spool/${node}`)])
      await mkdir(path.join(home, folder), { recursive: true });
    await writeFile(path.join(home, "slurm.conf"), conf);
    await writeFile(path.join(home, "task-prolog"), taskProlog(home));
    await chmod(path.join(home, "task-prolog"), 0o755);
    await chmod(home, 0o711);
    await writeFile(path.join(home, "munge.key"), randomBytes(1024), { mode: 0o400 });
    // Each node knows the one configuration by another name, which tells its processes from the others'.
    for (const node of this.nodes) {
      await mkdir(path.join(home, node));
      await symlink("../slurm.conf", path.join(home, node, "slurm.conf"));
    }
  }

  /** One of Slurm's programs, as a user calls it. */
  run(program: string, ...args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
    return promisify(execFile)(program, [...args], { env: { ...process.env, ...this.env }, timeout: 60_000 });
  }

  async startController(): Promise<void> {
    this.controller = this.start("slurmctld", ["-D", "-f", this.env["SLURM_CONF"]!]);
    await until("the controller", () => this.run("scontrol", "show", "config"));
  }

  /**
   * The controller dies without a word; tasks do not. It has saved its jobs first: one that dies within seconds of a
   * submission forgets it, and then only a second `submit` helps.
   */
  async killController(): Promise<void> {
    const since = Date.now();
    await until("the controller's state", async () => {
      const { mtimeMs } = await stat(path.join(this.home, "state", "job_state"));
      if (mtimeMs < since) throw new Error("not saved yet");
    });
    this.controller?.kill("SIGKILL");
  }

  startNode(node: string): void {
    const conf = path.join(this.home, node, "slurm.conf");
    this.daemons.set(node, this.start("slurmd", ["-D", "-N", node, "-f", conf], { SLURM_CONF: conf }));
  }

  /** The node's daemon dies; its tasks go on, and the controller does not know. */
  killDaemon(node: string): void {
    this.daemons.get(node)?.kill("SIGKILL");
  }

  /** All that ran on the node is gone at once. */
  async cutPower(node: string): Promise<void> {
    this.killDaemon(node);
    const here = () => [
      ...processesWith(`SLURM_CONF=${path.join(this.home, node)}/`),
      ...processesWith(`SLURM_CONF=${this.env["SLURM_CONF"]}`, `SLURMD_NODENAME=${node}\0`),
    ];
    // What is killed is there for another moment on a busy machine, and may have started something.
    await until(`nothing on ${node}`, async () => {
      const alive = here().filter(isAlive);
      killAll(alive);
      if (alive.length > 0) throw new Error(`${alive.length} processes`);
    });
  }

  /** Waits until the controller has noticed, and starts the node again. */
  async bringBack(node: string): Promise<void> {
    await until(`${node} down`, async () => {
      if (!/DOWN/.test(await this.stateOf(node))) throw new Error("not yet");
    });
    this.startNode(node);
    await this.resume(node);
  }

  /** Waits until a node has work again, or could have. */
  async resume(node: string): Promise<void> {
    await until(`${node} up`, async () => {
      const state = await this.undrained(node);
      if (/DRAIN|DOWN|UNKNOWN/.test(state)) throw new Error(state);
    });
  }

  /** A controller that lost its newest jobs takes nodes that have them out, sooner or later, until somebody looks at that. */
  async undrained(node: string): Promise<string> {
    const state = await this.stateOf(node);
    if (/DRAIN/.test(state) && !/DOWN/.test(state))
      await this.run("scontrol", "update", `nodename=${node}`, "state=resume");
    return state;
  }

  /** Lets a task that waits for another turn have it next: Slurm puts it behind all others. */
  async hurry(job: string): Promise<void> {
    const { stdout } = await this.run("scontrol", "--oneliner", "show", "job", job);
    const isWaiting = /JobState=PENDING/.test(stdout) && !stdout.includes(`Priority=${FIRST}`);
    if (isWaiting) await this.run("scontrol", "update", `JobId=${job}`, `Priority=${FIRST}`);
  }

  private async stateOf(node: string): Promise<string> {
    return /State=(\S+)/.exec((await this.run("scontrol", "show", "node", node)).stdout)?.[1] ?? "";
  }

  /** Variables of the tasks that start on a node from now on; a value may name the task's own, as $SLURM_JOB_ID. */
  setVariables(node: string, variables: Readonly<Record<string, string>>): Promise<void> {
    const lines = Object.entries(variables).map(([name, value]) => `echo "export ${name}=${value}"\n`);
    return writeFile(path.join(this.home, "env", node), lines.join(""));
  }

  /** Ends everything that the cluster has started, and all that came of it. */
  async down(): Promise<void> {
    for (let round = 0; round < 50 && this.kill() > 0; round++) await wait(20);
    process.off("exit", this.atExit);
    for (const signal of SIGNALS) process.off(signal, this.atSignal);
    await rm(this.home, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Gives how many processes there were. */
  private kill(): number {
    const pids = processesWith(`SLURM_CONF=${this.home}/`);
    killAll(pids);
    for (const daemon of [this.controller, this.munge]) daemon?.kill("SIGKILL");
    return pids.length;
  }

  private start(program: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): ChildProcess {
    const log = openSync(path.join(this.home, "daemons.log"), "a");
    const env = { ...process.env, ...this.env, ...more };
    return spawn(program, args, { env, stdio: ["ignore", log, log], detached: true });
  }
}

/** Tries again and again, for a minute. */
export async function until<T>(what: string, look: () => Promise<T>, seconds = 60): Promise<T> {
  for (const end = Date.now() + seconds * 1000; ; await wait(50))
    try {
      return await look();
    } catch (error) {
      if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`, { cause: error });
    }
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
