#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Installs the Debian packages that nocsim needs and this machine lacks. A complete machine is not touched,
# and no rights are asked for. Usage:
#
#   scripts/setup.sh          to build and run (the same as `scripts/setup.sh build`)
#   scripts/setup.sh check    and to run every test: clang, Check, numpy ...
#   scripts/setup.sh reproduce  and for `make reproduce`: matplotlib, YAML
#   scripts/setup.sh data     and to make the workloads again from their sources: npm
#   scripts/setup.sh train    and to train the convolutional networks again: PyTorch
set -eu

build="gcc g++ libc6-dev make pkg-config libyaml-dev libsqlite3-dev libjansson-dev libxxhash-dev liblzma-dev libsystemc-dev"
check="clang libclang-rt-14-dev check libsubunit-dev python3 python3-numpy python3-scipy sqlite3 zlib1g-dev git man-db verilator gtkwave slurm-wlm munge"
data="python3 python3-numpy python3-pil npm"
train="python3-torch"
reproduce="python3 python3-numpy python3-yaml python3-matplotlib sqlite3"

case ${1:-build} in
build) wanted=$build ;;
check) wanted="$build $check $reproduce" ;;
reproduce) wanted="$build $reproduce" ;;
data) wanted="$build $data" ;;
train) wanted="$build $data $train" ;;
*)
    echo "usage: scripts/setup.sh [build|check|data|train|reproduce]" >&2
    exit 1
    ;;
esac

if ! command -v dpkg-query >/dev/null; then
    echo "setup: this is no Debian; nothing is installed. Needed are the equivalents of: $wanted"
    exit 0
fi

missing=
for package in $wanted; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) || status=
    [ "$status" = "install ok installed" ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

echo "setup: installing$missing"
root=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "setup: neither root nor sudo; ask for: apt-get install$missing" >&2
        exit 1
    fi
    root="sudo"
fi

# Faults are told on standard error; the tale of every file that is unpacked is left out.
apt() { $root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" >/dev/null; }

# The package lists are fetched only where they do not know what is missing.
# shellcheck disable=SC2086
if ! apt-cache show --no-all-versions $missing >/dev/null 2>&1; then
    apt update
fi
# shellcheck disable=SC2086
apt install --yes --no-install-recommends $missing
