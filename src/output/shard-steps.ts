import type { Receipt } from "../model/receipt.ts";

/** What is done about each shard besides making it. */
export interface ShardSteps {
  /** Shards that an earlier run has taken where they go: they are not made, wherever their files are. */
  readonly sent: ReadonlyMap<number, Receipt>;
  /** About a shard that was sent before. */
  again(receipt: Receipt): Promise<void>;
  /** Before a shard is made, or taken as it is `there`. */
  before(shard: number, there: Receipt | undefined): Promise<void>;
  /** Once it lies in the folder. */
  after(receipt: Receipt, there: Receipt | undefined): Promise<void>;
  /** Waits, after the last shard, for what `after` has left under way. */
  end(): Promise<void>;
  /** Waits likewise after an error; gives what failed of it, for that is the cause then. */
  failure(): Promise<unknown>;
}
