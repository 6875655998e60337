import { exportFlags, outputFlags, publishFlags, selectionFlags, sourceFlags, verdictFlags } from "./flags.ts";
import { manyMachines } from "./many-machines.ts";
import type { Task } from "./task.ts";

export type { Result, Task } from "./task.ts";

const onSource = () => import("./source-commands.ts");
const onFolder = () => import("./folder-commands.ts");
const onHub = () => import("./publish-commands.ts");

/** Every command by name. */
export const commands: Readonly<Record<string, Task>> = {
  index: {
    usage: "SOURCE",
    summary: "read and cache the archives' directories, or make a table of them for others",
    examples: [
      ["index owner/name", "the newest revision"],
      ["index owner/name --out index", "as index/archives.parquet: a plan --index index needs 3 requests"],
      ["index ./M3D-Cap --layout tar", "a folder whose archives are tar, whatever their names"],
    ],
    help: `Later plans of the same revision read nothing from the archives. With --out, the directories of all archives
are written as one Parquet file: where every member lies, and its CRC-32. plan, convert, view and audit take it as
--index, for the same archives on any mirror or for a part of them in a folder; publish index owner/name shares it.`,
    flags: ["out", ...sourceFlags],
    load: async () => (await onSource()).indexCommand,
  },
  check: {
    usage: "SOURCE --index FOLDER|OWNER/NAME",
    summary: "is a copy whole and right? what is missing of it",
    examples: [
      ["check ./M3D-Cap --index owner/index", "each archive: is it there, of the right size and directory"],
      ["check ./M3D-Cap --index owner/index --deep", "every member's CRC-32 too, at the disk's speed"],
      ["check ./M3D-Cap --index index --json", "for a script: which archives to get again"],
    ],
    help: `Exit 0 only if the copy is whole. What is missing or damaged is a line for each archive, with the series of each
list that lie in it. A deep check that was stopped goes on when the same command is given again.`,
    flags: ["index", "deep", ...sourceFlags],
    load: async () => (await import("./check-command.ts")).checkCommand,
  },
  plan: {
    usage: "SOURCE [--out DIR]",
    summary: "what a conversion would read and write; reads no pixels",
    examples: [
      ["plan owner/name --split test100", "what the 100-series test list would cost"],
      ["plan owner/name --volume none --slices", "the original slices and reports, no arrays"],
      ["plan ./M3D-Cap --plane axial --dtype uint8 --json", "of a folder, as JSON"],
      ["plan owner/name --index owner/index", "3 requests, whatever the number of archives"],
      ["plan owner/name --out out", "claim the folder, for run on many machines"],
      ["plan owner/name --out out --shard-list", "and print its shards, one a line, for an engine"],
      ["plan owner/name --out s3://bucket/m3d", "claim a store instead: no machine needs a folder of all"],
      ["plan owner/name --out hf://buckets/you/m3d", "a bucket of the Hub, as a store"],
    ],
    help: `It takes what convert takes to choose series and output. With --out it claims the folder as convert would, and writes
the plan there: run --plan DIR/.voxshard/plan.json makes its shards. Else it writes nothing but a cache of directories.
DIR may be a store: s3://bucket/prefix, by AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and
AWS_SESSION_TOKEN as the AWS tools have them; hf://buckets/owner/name/prefix, by HF_ENDPOINT and HF_TOKEN (not run
against the live service; make the bucket first: hf buckets create owner/name --private); or file:///path, a folder that
gets whole files. run, missing, status, finalize, verify and publish take it as they take DIR; their work lies in
TMPDIR, at most a shard at a time.`,
    flags: ["out", "update", "shard-list", "index", ...sourceFlags, ...selectionFlags, ...outputFlags],
    load: async () => (await onSource()).planCommand,
  },
  convert: {
    usage: "SOURCE --out DIR",
    summary: "stream, assemble and write shards",
    examples: [
      ["convert owner/name --split test100 --out out", "the 100-series test list, as the authors' arrays"],
      ["convert owner/name --volume none --slices --out out", "the original slices and reports, no arrays"],
      ["convert ./M3D-Cap --plane axial --dtype uint8 --out out", "a folder's axial series, as bytes"],
      ["convert owner/name --split test100 --out out --update", "a new revision: what has not changed stays"],
      ["convert owner/name --publish me/m3d --max-disk 5GB", "straight to the Hub, 5 GB of disk (publish --help)"],
    ],
    help: `A run that was stopped goes on when the same command is given again. With --update, DIR becomes the new revision's:
shards whose series have the same members (by CRC-32), lists and archive stay, with the source_revision of their rows.
Exit codes: 0 done, 64 usage, 65 data not as planned, 66 no source, 73 cannot write, 75 try again, 77 not allowed.`,
    flags: [
      "out",
      "update",
      "index",
      ...verdictFlags,
      ...sourceFlags,
      ...selectionFlags,
      ...outputFlags,
      "workers",
      "audit",
      "publish",
      "max-disk",
      ...publishFlags,
    ],
    load: async () => (await onHub()).convertOrPublish,
  },
  ...manyMachines,
  verify: {
    usage: "DIR",
    summary: "read every shard back and hold it against plan and receipts",
    examples: [
      ["verify out", "a line for each problem"],
      ["verify out --quiet --json", "for a script"],
    ],
    help: "Exit 0 only if all holds; every problem is a line that says what is wrong where. Also what the Hub's viewer needs.",
    flags: [],
    load: async () => (await onFolder()).verifyCommand,
  },
  export: {
    usage: "DIR|SOURCE --to KIND --out FOLDER",
    summary: "the tree of files that people's training code reads",
    examples: [
      ["export out --to npy --out tree", "of a conversion: CapDataset reads it"],
      ["export owner/name --to npy --split test100 --out tree", "straight from a source"],
      ["export out --to npy --split validation --out tree --dry-run", "rows and bytes first"],
      ["export owner/name --to nifti --recipe med3dvlm --out tree", "as Med3DVLM prepares it"],
      ["export owner/name --to chat --style llava --split train --out tree", "conversations about slices"],
      ["export out --to chat --pictures montage --prompts my.txt --out tree", "one picture a series, your questions"],
    ],
    help: `npy: M3D_Cap_npy/COLLECTION/CASE/SERIES.npy as np.save writes it, text.txt, and M3D_Cap.json with the lists.
nifti: the same with .nii.gz. Spacing, orientation and Hounsfield units are unknown, and the header says so.
uint8 shards are divided by 255, but for native.
chat: a JSONL file a split, the report as the answer to a prompt, with the source's own PNG or JPEG slices (shards need
--slices) or the preview's montage. webdataset: a tar a shard, of .npy, .json and, where there is a report, .txt.
Rows without a report are in no list. Series of a source that could not be read are in FOLDER/.voxshard/rejects.jsonl.
An export that was stopped goes on when the same command is given again: files that are there and right are kept.`,
    flags: ["out", ...exportFlags, ...selectionFlags, "seed", ...verdictFlags, ...sourceFlags, "workers"],
    load: async () => (await import("./export-command.ts")).exportCommand,
  },
  audit: {
    usage: "DIR | SOURCE",
    summary: "what repeats across splits, and what is wrong with series and reports",
    examples: [
      ["audit out", "a conversion's shards; look at out/audit/report.html"],
      ["audit ./M3D-Cap --out audit", "straight from the archives, with every slice as it is"],
      ["audit owner/name --sample 50", "50 series of each split"],
      ["audit out --write-split clean.json --keep test", "the official test list, and a train list without its cases"],
      ["audit out --fail-on leaks,no-report --json", "for a script: exit 65 if one is found"],
    ],
    help: `It writes findings.jsonl, findings.parquet and report.html, for a folder into its audit/ unless --out says otherwise.
Shards with resampled volumes tell nothing of the order of slices: audit the source, or shards with --volume native.`,
    flags: ["out", "fail-on", "write-split", "keep", "sample", "seed", "workers", "index", ...sourceFlags],
    load: async () => (await import("./audit-command.ts")).auditCommand,
  },
  view: {
    usage: "DIR|SOURCE",
    summary: "look at series and reports in the browser",
    examples: [
      ["view out", "the folder of a conversion"],
      ["view owner/name", "a data set on the Hub: shards, or archives that nobody has converted"],
      ["view ./M3D-Cap", "a folder's archives, a series at a time"],
      ["view me/m3d --export site", "a page for any static host, or a Space of kind static"],
    ],
    help: `The page is served to this machine alone, at an address with a key, until Ctrl-C. It reads what is looked at and no
more; a token stays with the command. Flagged series can be downloaded as a file for convert --exclude.`,
    flags: ["port", "host", "open", "export", "index", ...sourceFlags],
    load: async () => (await import("./view-command.ts")).viewCommand,
  },
  publish: {
    usage: "DIR OWNER/NAME",
    summary: "make a Hub data set of a verified folder",
    examples: [
      ["publish out owner/name", "a private data set, or what has changed since"],
      ["publish out owner/name --public", "where the source's licence allows it"],
      ["publish out owner/name --card MYCARD.md", "with your own text"],
      ["publish out owner/name --recipe --public", "coordinates and hashes alone (voxshard recipe --help)"],
      ["publish index owner/name --public", "an index's folder (voxshard index --help)"],
      ["publish out owner/name --exclude take-down.txt", "without these ids: rewrites only the shards with them"],
      ["convert SOURCE --publish owner/name --max-disk 5GB", "convert, send and free shard by shard"],
    ],
    help: `Only a folder in which everything holds is published: it is verified first. Private unless --public.
It needs a token that may write (HF_TOKEN). A run that was stopped goes on when the same command is given again:
nothing that is there is sent again. Readers see the old data set until the last commit, and then the new one.
Exit codes: 0 done, 64 usage, 65 the folder does not hold, 73 the data set is another's, 75 try again, 77 not allowed.`,
    flags: ["exclude", "as-recipe", ...publishFlags, ...sourceFlags],
    load: async () => (await onHub()).publishCommand,
  },
  recipe: {
    usage: "DIR --out FOLDER",
    summary: "coordinates instead of pixels: what others need to make the same shards",
    examples: [["recipe out --out recipe", "of the conversion in out; may be shared where the data may not"]],
    help: `It holds no picture and no text of a report: ids, splits, places in the archives, sizes, CRC-32, crop boxes and hashes,
the plan, each shard's SHA-256, and what audit found to belong together, if out/audit is there.`,
    flags: ["out", ...sourceFlags],
    load: async () => (await import("./recipe-commands.ts")).recipeCommand,
  },
  rebuild: {
    usage: "RECIPE --from SOURCE --out DIR",
    summary: "make a recipe's shards, byte for byte, from archives that you hold",
    examples: [
      ["rebuild recipe --from ./half --from ./other --out out", "each archive from the first that has it whole"],
      ["rebuild me/m3d-recipe --from owner/name --out out", "a published recipe, the archives of a Hub"],
      ["rebuild recipe --from ./half --split test --out out", "the shards of one list"],
      ["rebuild recipe --out out", "claim the folder alone, for run or submit"],
    ],
    help: `An archive is taken from the first --from that has it with the right size and directory; a member that is damaged there
is taken from another that has the archive. Each shard is held against its SHA-256. What cannot be rebuilt is named, its
shard is written without it, and the exit code is 65; the same line with one more --from makes those shards again.
A run that was stopped goes on when the same command is given again. Once the folder is there, run --plan
DIR/.voxshard/plan.json --from SOURCE makes one shard of it, and submit DIR --from SOURCE hands all to an engine.`,
    flags: ["from", "out", "split", "join", "workers", ...sourceFlags],
    load: async () => (await import("./recipe-commands.ts")).rebuildCommand,
  },
  completion: {
    usage: "bash|zsh|fish",
    summary: "a script that lets the shell complete commands and flags",
    examples: [
      ["completion bash", 'in ~/.bashrc: eval "$(voxshard completion bash)"'],
      ["completion zsh", "in ~/.zshrc, after compinit: the same with zsh"],
      ["completion fish", "into ~/.config/fish/completions/voxshard.fish"],
    ],
    help: "It knows the commands and flags of this version.",
    flags: [],
    load: async () => (await import("./completion.ts")).completionOf(commands),
  },
};
