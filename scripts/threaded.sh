#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Prints those PROGRAMs that contain code of LIBRARY which starts threads.
#
#   threaded.sh LIBRARY PROGRAM...
set -eu
library=$1
shift

# Lines of nm -A: "library:member:value type symbol".
members=$(nm -A "$library" 2>/dev/null | awk -F: '/ U pthread_create/ { print $2 }' | sort -u)
[ -n "$members" ] || exit 0
symbols=$(nm -A "$library" 2>/dev/null | awk -F: -v members="$members" '
    BEGIN { count = split(members, list, "\n"); for (i = 1; i <= count; i++) wanted[list[i]] = 1 }
    ($2 in wanted) && / T / { sub(/.* T /, "", $3); print $3 }')
for program in "$@"; do
    if nm "$program" | awk '$2 == "T" { print $3 }' | grep -qxF "$symbols"; then
        echo "$program"
    fi
done
