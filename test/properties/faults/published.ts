import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Fault, LoggedRequest } from "../../../devkit/hub/hub.ts";
import { Transport } from "../../../src/bytes/http/transport.ts";
import { defaultRetryPolicy } from "../../../src/bytes/retrying.ts";
import type { VerifiedFolder } from "../../../src/model/verified.ts";
import { publish } from "../../../src/run/publish.ts";
import { verify } from "../../../src/run/verify.ts";
import { converted, phantomRepo } from "../../publish/phantom-output.ts";
import { startWritableHub } from "../../publish/writable-hub.ts";
import { VirtualClock } from "./virtual-clock.ts";

const ID = "me/m3d-shards";
/** Shards of two rows come in two parts, those of one row and the index whole. */
const PART_BYTES = 150_000;
export const ATTEMPTS = 3;

export interface Ended {
  /** What the data set's files are at the end, and at how many commits. */
  readonly files: Readonly<Record<string, string>>;
  readonly commits: number;
  readonly error: unknown;
  readonly log: readonly LoggedRequest[];
  readonly waits: readonly number[];
  /** The same after the same call once more, without faults. */
  readonly healed: Readonly<Record<string, string>> | undefined;
}

/** A small folder that holds, to be published again and again: each time to a Hub of its own. */
export class PhantomFolder {
  private readonly root: string;
  private readonly verified: VerifiedFolder;
  private constructor(root: string, verified: VerifiedFolder) {
    this.root = root;
    this.verified = verified;
  }

  static async make(): Promise<PhantomFolder> {
    const root = await mkdtemp(path.join(tmpdir(), "publish-faults-"));
    const out = path.join(root, "out");
    await converted(out, await phantomRepo(root, 1));
    const { verified, problems } = await verify(out);
    assert.deepEqual(problems, []);
    return new PhantomFolder(root, verified!);
  }

  async published(faults: readonly Fault[] = [], stallMs = 30_000): Promise<Ended> {
    const clock = new VirtualClock();
    const hub = await startWritableHub({ faults, partBytes: PART_BYTES });
    const transport = new Transport({ connections: 4, stallMs, clock });
    const retry = { ...defaultRetryPolicy, attempts: ATTEMPTS, clock };
    const send = () => publish(this.verified, ID, { endpoint: hub.endpoint, transport, retry });
    const files = () => {
      const entries = hub.state.repos.get(ID)?.at("main").entries ?? new Map();
      return Object.fromEntries([...entries].map(([name, { oid }]) => [name, String(oid)]));
    };
    try {
      const error: unknown = await send().then(
        () => undefined,
        (error) => error,
      );
      const log = [...hub.log];
      const ended = {
        files: files(),
        commits: hub.state.repos.get(ID)?.commits.size ?? 0,
        error,
        log,
        waits: [...clock.waits],
      };
      if (error === undefined) return { ...ended, healed: undefined };
      hub.faults.length = 0;
      clock.pass(7_300_000);
      await send();
      return { ...ended, healed: files() };
    } finally {
      await transport.close();
      await hub.close();
    }
  }

  remove(): Promise<void> {
    return rm(this.root, { recursive: true, force: true });
  }
}
