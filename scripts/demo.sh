#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The first run: installs what is missing, builds, and classifies handwritten digits on a Shenjing chip.
set -eu
cd "$(dirname "$0")/.."
scripts/setup.sh build
make --no-print-directory -j"$(nproc)" all
echo "+ nocsim --arch configs/shenjing.yaml --trace workloads/mnist-mlp.spk"
mkdir -p out
exec build/release/nocsim --arch configs/shenjing.yaml --trace workloads/mnist-mlp.spk -o out/demo.db --force "$@"
