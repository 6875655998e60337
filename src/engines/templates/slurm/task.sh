#!/bin/bash
# A task of an array: its number, and $1 for the array's offset, say which shards. Exit codes are those of voxshard run.
# A copy of this file, changed (modules to load, memory, a scratch folder), is taken from the folder that
# `voxshard submit --templates` names; what is given to submit behind -- goes before the lines here.
#SBATCH --requeue
#SBATCH --open-mode=append
# Before the time limit the script is told first. A task needs seconds to drop its shard.
#SBATCH --signal=B:USR1@60
logs=${logs}
export VOXSHARD_LOG=$logs/$SLURM_ARRAY_JOB_ID"_"$SLURM_ARRAY_TASK_ID.log
${voxshard} run --plan ${plan} --index-offset "$1" --shards-per-task ${shards_per_task} --quiet ${run} &
child=$!
# The shell itself would wait with a signal until its child has ended.
trap 'told=1; kill -TERM $child 2>/dev/null' USR1
trap 'told=1; stopped=1; kill -TERM $child 2>/dev/null' TERM
told=1
while [ -n "$told" ]; do told=; wait $child; code=$?; done
# 75: try again. 137: killed, as for want of memory. Slurm itself tries again only what a lost node had. Where Slurm stops
# a task (requeue, preemption, scancel), it knows whether it comes back.
if [ $code -eq 75 -o $code -eq 137 ] && [ -z "$stopped" ] && [ "${SLURM_RESTART_COUNT:-0}" -lt 3 ]; then
  scontrol requeue "$SLURM_ARRAY_JOB_ID"_"$SLURM_ARRAY_TASK_ID" && sleep 300
fi
exit $code
