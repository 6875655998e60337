#!/bin/sh
# After all tasks, however they ended: index, card and data set; what is missing is submitted once more.
# A copy of this file, changed, is taken from the folder that `voxshard submit --templates` names.
#SBATCH --requeue
#SBATCH --open-mode=append
${voxshard} finalize ${folder} --quiet && ${publish}
code=$?
# 75: shards are missing, or a server did not answer.
if [ $code -eq 75 ]; then ${again}; fi
exit $code
