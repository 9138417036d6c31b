#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Proof that a bare Debian 12 suffices: makes a minimal system (debootstrap, with this machine's own mirror),
# gives it git and make and a clone of the committed state, and runs `make demo` and `make check` in it.
# Needs root, debootstrap, about 3 GB of disk.
#
#   scripts/bare-check.sh [FOLDER]     FOLDER: where to build the system (default: a temporary one, removed
#                                      at the end; a given one is kept, and used again if it is there)
set -eu

suite=bookworm
cd "$(dirname "$0")/.."

if [ "$(id -u)" -ne 0 ] || ! command -v debootstrap >/dev/null; then
    echo "bare-check: needs root and debootstrap (apt-get install debootstrap)" >&2
    exit 1
fi

# Both forms of source lists: "URIs: URL" and "deb [options] URL suite ...".
mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
    sed -nE 's/^URIs: *([^ ]+).*/\1/p; s/^deb +(\[[^]]*\] +)?([^ ]+).*/\2/p' | head -n 1)
if [ -z "$mirror" ]; then
    echo "bare-check: no mirror in /etc/apt" >&2
    exit 1
fi

system=${1:-}
if [ -z "$system" ]; then
    system=$(mktemp -d)
    chmod 755 "$system" # others than root live in it, too
    keep=no
else
    mkdir -p "$system"
    keep=yes
fi

finish() {
    for mount in "$system/proc" "$system/dev"; do
        if mountpoint -q "$mount"; then umount "$mount"; fi
    done
    if [ "$keep" = no ]; then rm -rf --one-file-system "$system"; fi
}
trap finish EXIT
trap 'exit 1' INT TERM

if [ ! -x "$system/usr/bin/git" ]; then
    debootstrap --variant=minbase --include=git,make,ca-certificates "$suite" "$system" "$mirror" >"$system.log" 2>&1 || {
        tail -n 20 "$system.log" >&2
        exit 1
    }
    rm -f "$system.log"
fi
mountpoint -q "$system/proc" || mount -t proc proc "$system/proc"
mountpoint -q "$system/dev" || mount --bind /dev "$system/dev"

rm -rf "$system/nocsim"
git clone -q --no-hardlinks . "$system/nocsim"

inside() {
    chroot "$system" /usr/bin/env -i HOME=/ PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 sh -c "cd /nocsim && $1"
}
echo "bare-check: make demo"
inside "make demo"
echo "bare-check: make check"
inside "make check"
