#!/usr/bin/env bash
# All shards of a folder that the machines share: parallel.sh DIR [JOBS/HOST,…]. Stopped or failed, run it again.
set -euo pipefail
dir=$1 hosts=${2:-1/:}
export PARALLEL_SHELL=/bin/sh # Where SHELL is not set, as in a cron job, GNU parallel runs nothing and says that all went well.
list='JSON.parse(require("fs").readFileSync(0)).missing.join("\n")'
# A host that fails gives its shard to another; what says "try again" (75) or was killed is tried up to four times.
voxshard missing "$dir" --json | node -p "$list" | parallel --no-run-if-empty --sshlogin "$hosts" --retries 4 \
  --halt soon,fail=20% --joblog "$dir/.voxshard/parallel.log" \
  voxshard run --plan "$dir/.voxshard/plan.json" --shard {} --quiet
voxshard finalize "$dir"
