#!/bin/sh
# SPDX-License-Identifier: MIT
# Writes the manual page from what the program says of itself: man.sh NOCSIM > nocsim.1
set -eu
nocsim=$1

# Text to roff, verbatim: backslashes, and dots or quotes that begin a line.
roff() { sed -e 's/\\/\\e/g' -e "s/^\([.']\)/\\\\\&\1/"; }
page() { echo .nf; "$@" | roff; echo .fi; }

version=$("$nocsim" --version | cut -d' ' -f2)
commands=$("$nocsim" --help | sed -n '/^Commands/,/^$/s/^  \([a-z]*\) .*/\1/p')

cat <<HEAD
.TH NOCSIM 1 "" "nocsim $version" "User Commands"
.SH NAME
nocsim \- cycle-accurate simulator of neuromorphic networks on chip
.SH SYNOPSIS
.B nocsim
\-\-arch FILE \-\-trace FILE [OPTION]...
.br
.B nocsim
COMMAND [OPTION]...
.SH DESCRIPTION
HEAD
page "$nocsim" --help
for command in $commands; do
    [ "$command" = run ] && continue
    echo ".SH NOCSIM $(echo "$command" | tr '[:lower:]' '[:upper:]')"
    page "$nocsim" "$command" --help
done
