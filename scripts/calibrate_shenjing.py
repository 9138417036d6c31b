#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Leakage power of a Shenjing tile from the one published point: 10 tiles, 1.26 mW.

    nocsim --arch configs/shenjing.yaml --trace workloads/mnist-mlp-10k.spk -o mlp.db
    scripts/calibrate_shenjing.py mlp.db

(the whole test set, made by scripts/make_mnist.py; the 1,000 images of workloads/mnist-mlp.spk give 0.1 uW more.)

The chip works without a pause at the clock of its configuration, so that
    P = dynamic energy / time + tiles x leakage,
of which everything but the leakage is known from the run. Prints the arithmetic and the line for
configs/tech/28nm.yaml. Nothing but the power is fitted.
"""
import argparse
import sqlite3

PUBLISHED_W = 1.26e-3  # Wang et al., DATE 2020, abstract: MNIST perceptron, 10 cores
PUBLISHED_TILES = 10
TILE = "arch.shenjing_tile"


def one(base, query, *arguments):
    return base.execute(query, arguments).fetchone()[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("database", help="run of the MNIST perceptron, priced with configs/tech/28nm.yaml")
    path = parser.parse_args().database
    base = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    time_s, clock_hz = base.execute("SELECT time_s, clock_hz FROM run_time").fetchone()
    samples = one(base, "SELECT count(*) FROM sample")
    tiles = one(base, """SELECT count(DISTINCT component) FROM count JOIN kind ON kind.id = kind
                         WHERE type = ? AND event = 'leakage'""", TILE)
    dynamic_j = one(base, "SELECT dynamic_j FROM energy_total")
    additions = one(base, """SELECT sum(count) FROM count JOIN kind ON kind.id = kind
                             WHERE type = ? AND event = 'acc_adds'""", TILE)
    if tiles != PUBLISHED_TILES:
        raise SystemExit(f"{path}: {tiles} tiles leak; the published chip has {PUBLISHED_TILES}")
    dynamic_w = dynamic_j / time_s
    leakage_w = (PUBLISHED_W - dynamic_w) / tiles
    print(f"{samples} images in {time_s:.3f} s of chip time at {clock_hz / 1e3:g} kHz: {samples / time_s:.1f} images/s")
    print(f"dynamic power           {dynamic_w * 1e6:10.2f} uW")
    print(f"published power         {PUBLISHED_W * 1e6:10.2f} uW")
    print(f"leakage of a tile       {leakage_w * 1e6:10.2f} uW   = (published - dynamic) / {tiles}")
    print(f"dynamic energy/addition {dynamic_j / additions * 1e12:10.3f} pJ   at the run's voltage")
    print(f"whole energy/addition   {PUBLISHED_W * time_s / additions * 1e12:10.3f} pJ   at this clock and load")
    print(f"\n      power: {leakage_w * 1e6:.1f} uW")
    if leakage_w <= 0:
        raise SystemExit("the dynamic power alone exceeds the published power: the derived energies are too high")


if __name__ == "__main__":
    main()
