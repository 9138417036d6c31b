#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds BookSim2 (Jiang et al., ISPASS 2013), the peer that the packet network is compared with, outside this project.
#
#     scripts/booksim2.sh FOLDER
#     BOOKSIM=FOLDER/src/booksim make bench-noc
#
# It is the commit with which the data of test/golden/booksim was made, for the processor at hand. Needs git, g++, make,
# flex and bison. SOURCE names another copy of the repository.
set -eu

COMMIT=28f43299f1706a3160ffac721ca461d74eb6e618
SOURCE=${SOURCE:-https://github.com/booksim/booksim2}

[ $# -eq 1 ] || { echo "usage: $0 FOLDER" >&2; exit 1; }
[ -d "$1/.git" ] || git clone --quiet --no-checkout "$SOURCE" "$1"
git -C "$1" checkout --quiet "$COMMIT"
make -C "$1/src" -j2 CPPFLAGS="-I. -Iarbiters -Iallocators -Irouters -Inetworks -Ipower -O3 -march=native -w" >/dev/null
echo "$1/src/booksim"
