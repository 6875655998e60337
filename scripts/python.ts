import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A Python that has `modules`: the one that PYTHON names, else the first of the usual ones; undefined where none has. */
export function findPython(modules: readonly string[]): string | undefined {
  const candidates = process.env["PYTHON"] ? [process.env["PYTHON"]] : ["python3", "/usr/bin/python3"];
  // To import them would cost seconds.
  const finds = "import sys, importlib.util as u; sys.exit(not all(map(u.find_spec, sys.argv[1:])))";
  return candidates.find((one) => spawnSync(one, ["-c", finds, ...modules]).status === 0);
}

/** A script of scripts/ that answers each line with a line of JSON; it tells its versions first. */
export class PythonPeer {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(python: string, script: string) {
    // One thread, as CPU time is compared: what numpy's and torch's libraries would start else.
    const env = { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };
    const file = fileURLToPath(new URL(`../../scripts/${script}`, import.meta.url));
    this.#child = spawn(python, [file], { env, stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  static async start(python: string, script: string): Promise<{ peer: PythonPeer; versions: Record<string, string> }> {
    const peer = new PythonPeer(python, script);
    return { peer, versions: (await peer.answer()) as Record<string, string> };
  }

  async answer(): Promise<unknown> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error("the Python script ended");
    return JSON.parse(value);
  }

  ask(question: unknown): Promise<unknown> {
    this.#child.stdin!.write(`${JSON.stringify(question)}\n`);
    return this.answer();
  }

  end(): void {
    this.#child.stdin!.end();
  }
}

/**
 * Runs a script, or a line behind -c, as Python itself does, but for its end: pyarrow's threads now and then abort the
 * interpreter on its way out ("terminate called without an active exception") when all has been done and said.
 */
const AND_LEAVES = `import atexit, os, runpy, sys
sys.argv = sys.argv[1:]
if sys.argv[0] == "-c":
    exec(sys.argv.pop(1), {"__name__": "__main__"})
else:
    sys.path[0] = os.path.dirname(sys.argv[0])
    runpy.run_path(sys.argv[0], run_name="__main__")
atexit._run_exitfuncs()
sys.stdout.flush()
sys.stderr.flush()
os._exit(0)`;

/** A script of scripts/ to its end, without blocking: what it talks to may live in this process. */
export async function runPython(
  python: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number | null; text: string }> {
  // Their checks are assertions, which an optimising Python leaves out.
  const child = spawn(python, ["-c", AND_LEAVES, ...args], {
    env: { ...process.env, PYTHONOPTIMIZE: "", ...env },
    timeout: 180_000,
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (part) => (text += part));
  return new Promise((resolve, reject) => child.on("error", reject).on("close", (code) => resolve({ code, text })));
}
