#!/bin/sh
# SPDX-License-Identifier: MIT
# One task of a sweep's array job (see submit.sh): does its shard, as far as it comes.
#
#   shard.sh NOCSIM SWEEP.yaml PARTS SHARDS
#
# Before the time limit Slurm sends USR1: the sweep is stopped in good order, and the task puts itself back into
# the queue. The database may be locked for a while after a node has died; then it is tried again.
set -u
nocsim=$1 sweep=$2 parts=$3 shards=$4
part=$parts/$SLURM_ARRAY_TASK_ID.db
again=
child=

on_limit() {
    again=yes
    [ -z "$child" ] || kill -TERM "$child" 2>/dev/null
}
trap on_limit USR1

for attempt in 1 2 3 4 5; do
    "$nocsim" sweep "$sweep" -o "$part" --shard "$SLURM_ARRAY_TASK_ID/$shards" -j "${SLURM_CPUS_PER_TASK:-1}" --quiet &
    child=$!
    wait "$child"
    code=$?
    if [ -n "$again" ]; then
        wait "$child" # the first wait ended with the signal
        scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID" && sleep 60 # until Slurm ends this run
        exit 1
    fi
    [ "$code" -eq 4 ] && [ "$attempt" -lt 5 ] || exit "$code"
    sleep $((attempt * 15))
done
