#!/bin/sh
# SPDX-License-Identifier: MIT
# The job behind a sweep's array job (see submit.sh): merges the shards, and fails when points are missing.
#
#   merge.sh NOCSIM OUT.db PARTS SHARDS
set -eu
nocsim=$1 out=$2 parts=$3 shards=$4
set --
for shard in $(seq "$shards"); do
    if [ -s "$parts/$shard.db" ]; then set -- "$@" "$parts/$shard.db"; else echo "$parts/$shard.db is missing" >&2; fi
done
said=$("$nocsim" merge --force "$out" "$@")
echo "$said"
case $said in *" 0 left") ;; *) exit 2 ;; esac
