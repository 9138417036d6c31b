#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs a sweep on a Slurm cluster: an array job does it in shards, a job after it merges them.
#
#   submit.sh [-n SHARDS] SWEEP.yaml OUT.db [SBATCH_OPTION]...
#
# The sweep is checked here, before anything is queued. Each shard leaves OUT.db.parts/I.db. Shards may be stopped at
# any time and by anything (node failure, preemption, time limit): Slurm puts them back into the queue, and they go on
# where they were. All paths must be on a file system that the nodes share. What stands behind OUT.db goes to sbatch
# for the shards: --partition, --cpus-per-task, --time ...
#
# Environment: NOCSIM, the program (default: nocsim). Prints the number of the job that merges.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
nocsim=${NOCSIM:-nocsim}
shards=8

usage() {
    echo "usage: $0 [-n SHARDS] SWEEP.yaml OUT.db [SBATCH_OPTION]..." >&2
    exit 1
}

while getopts n: option; do
    case $option in
    n) shards=$OPTARG ;;
    *) usage ;;
    esac
done
shift $((OPTIND - 1))
case $shards in '' | *[!0-9]* | 0*) usage ;; esac
[ $# -ge 2 ] || usage
sweep=$1 out=$2
shift 2

"$nocsim" sweep "$sweep" --dry-run --sample 1 >&2
if [ -e "$out" ]; then
    echo "$0: $out exists already" >&2
    exit 4
fi
mkdir -p "$out.parts"
array=$(sbatch --parsable --array="1-$shards" --job-name=nocsim-sweep --requeue --open-mode=append \
    --signal=B:USR1@60 --output="$out.parts/%a.log" "$@" "$here/shard.sh" "$nocsim" "$sweep" "$out.parts" "$shards")
array=${array%%;*}
merge=$(sbatch --parsable --dependency="afterany:$array" --job-name=nocsim-merge --requeue --open-mode=append \
    --output="$out.parts/merge.log" "$here/merge.sh" "$nocsim" "$out" "$out.parts" "$shards")
echo "$0: shards: job $array, merge: job ${merge%%;*}" >&2
echo "${merge%%;*}"
