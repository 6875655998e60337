import { EtlError } from "../errors.ts";
import type { FlagName } from "./flags.ts";
import { outputFlags, publishFlags, selectionFlags, sourceFlags } from "./flags.ts";
import { finalizeCommand, missingCommand, runShardCommand, verifyCommand } from "./folder-commands.ts";
import { convertPublishCommand, publishCommand } from "./publish-commands.ts";
import type { Session } from "./session.ts";
import { convertCommand, indexCommand, planCommand } from "./source-commands.ts";

/** What a command leaves on standard output, as JSON and for people. */
export interface Result {
  readonly document: unknown;
  readonly text: string;
  readonly exitCode?: number;
}
export interface Command {
  readonly usage: string;
  readonly summary: string;
  readonly help: string;
  readonly flags: readonly FlagName[];
  run(session: Session): Promise<Result>;
}

const converting = `Examples:
  voxshard convert owner/name --split test100 --out out          the 100-series test list, as the authors' arrays
  voxshard convert owner/name --volume none --slices --out out   the original slices and reports, no arrays
  voxshard convert ./M3D-Cap --plane axial --dtype uint8 --out out
  voxshard convert owner/name --publish me/m3d --max-disk 5GB    straight to the Hub, 5 GB of disk (publish --help)
A run that was stopped goes on when the same command is given again. Exit codes: 0 done, 64 usage, 65 the data is not
what the plan says, 66 source not found, 73 cannot write, 75 try again, 77 not allowed.`;

const publishing = `Only a folder in which everything holds is published: it is verified first. Private unless --public.
Examples:
  voxshard publish out owner/name                          a private data set, or what has changed since
  voxshard publish out owner/name --public                 where the source's licence allows it
  voxshard publish out owner/name --card MYCARD.md         with your own text
  voxshard publish out owner/name --exclude take-down.txt  without these ids: rewrites only the shards that hold them
  voxshard convert SOURCE --publish owner/name --max-disk 5GB      convert, send and free shard by shard
It needs a token that may write (HF_TOKEN). A run that was stopped goes on when the same command is given again:
nothing that is there is sent again. Readers see the old data set until the last commit, and then the new one.
Exit codes: 0 done, 64 usage, 65 the folder does not hold, 73 the data set is another's, 75 try again, 77 not allowed.`;

/** `convert` leaves its shards in a folder, or takes them straight through to the Hub. */
async function convertOrPublish(session: Session): Promise<Result> {
  const { given } = session;
  const repository = given.text("publish");
  if (repository !== undefined) return convertPublishCommand(session, repository);
  const stray = (["max-disk", "public", "i-have-the-right-to-publish", "card"] as const).find(
    (name) => given.text(name) !== undefined,
  );
  if (stray) throw new EtlError("usage", `--${stray} goes with --publish OWNER/NAME`);
  return convertCommand(session);
}

/** Every command by name. */
export const commands: Readonly<Record<string, Command>> = {
  index: {
    usage: "index SOURCE",
    summary: "read and cache the archives' directories",
    help: "Later plans of the same revision read nothing from the archives.",
    flags: sourceFlags,
    run: indexCommand,
  },
  plan: {
    usage: "plan SOURCE",
    summary: "what a conversion would read and write; reads no pixels",
    help: converting,
    flags: [...sourceFlags, ...selectionFlags, ...outputFlags],
    run: planCommand,
  },
  convert: {
    usage: "convert SOURCE --out DIR",
    summary: "stream, assemble and write shards",
    help: converting,
    flags: [
      "out",
      ...sourceFlags,
      ...selectionFlags,
      ...outputFlags,
      "workers",
      "publish",
      "max-disk",
      ...publishFlags,
    ],
    run: convertOrPublish,
  },
  run: {
    usage: "run --plan FILE",
    summary: "make one shard: what a cluster schedules",
    help: "The folder is the plan's own. A finished shard is left as it is.",
    flags: ["plan", "shard", "workers", ...sourceFlags],
    run: runShardCommand,
  },
  missing: {
    usage: "missing DIR",
    summary: "the shards that are not there yet, as a list for --array",
    help: "Exit 0 with an empty line when none is missing.",
    flags: [],
    run: missingCommand,
  },
  finalize: {
    usage: "finalize DIR",
    summary: "write index, rejects and card when all shards are there",
    help: "Exit 75 while shards are missing.",
    flags: [],
    run: finalizeCommand,
  },
  verify: {
    usage: "verify DIR",
    summary: "read every shard back and hold it against plan and receipts",
    help: "Exit 0 only if all holds; every problem is a line that says what is wrong where. Also what the Hub's viewer needs.",
    flags: [],
    run: verifyCommand,
  },
  publish: {
    usage: "publish DIR OWNER/NAME",
    summary: "make a Hub data set of a verified folder",
    help: publishing,
    flags: ["exclude", ...publishFlags, ...sourceFlags],
    run: publishCommand,
  },
};
