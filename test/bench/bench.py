#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How fast the simulator is: the real MNIST network on the Shenjing chip, and what recording costs.

Figures are CPU seconds of one core, the best of several runs; ratios are between runs made in turn.
"""
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NOCSIM = os.environ.get("NOCSIM", os.path.join(ROOT, "build/release/nocsim"))
ARCH = os.path.join(ROOT, "configs/shenjing.yaml")
# Tile-cycles a second of the authors' RTL under Verilator 5.006, -O3 -march=native, on the machine on which the golden
# vectors were made (12 to 18 thousand; test/golden/shenjing/README.md).
RTL_TILE_CYCLES = 16500


def cpu():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run(*options):
    """One run: its summary and the CPU seconds of the whole process."""
    before = cpu()
    output = subprocess.run([NOCSIM, "--arch", ARCH, "--format", "json", *options], check=True, capture_output=True,
                            text=True).stdout
    return json.loads(output), cpu() - before


def best(runs, *options):
    results = [run(*options) for _ in range(runs)]
    return min(results, key=lambda result: result[1])


def full_trace():
    """All 10,000 images where they are or can be made; else the 1,000 that are shipped."""
    trace = os.path.join(ROOT, "workloads/mnist-mlp-10k.spk")
    if not os.path.exists(trace):
        subprocess.run([sys.executable, os.path.join(ROOT, "scripts/make_mnist.py"), "--from-weights", "--all"],
                       check=False, capture_output=True)
    return trace if os.path.exists(trace) else os.path.join(ROOT, "workloads/mnist-mlp.spk")


def main():
    trace = full_trace()
    with tempfile.TemporaryDirectory() as folder:
        database = os.path.join(folder, "run.db")
        summary, seconds = best(3, "--trace", trace, "-o", database, "--force")
        rate = summary["cycles"] * summary["tiles_used"] / summary["sim_seconds"]
        print(f"MNIST test set, {summary['samples']:,} images x 20 timesteps, accuracy {summary['accuracy']:.2%}")
        print(f"  whole run, summary database   {seconds:8.2f} s     target for 10,000 images: 5 s")
        print(f"  simulation                    {rate / 1e6:8.1f} M tile-cycles/s = {rate / RTL_TILE_CYCLES:,.0f} x RTL"
              f"     target: 10,000 x")
        small = os.path.join(ROOT, "workloads/mnist-mlp.spk")
        pairs = [(run("--trace", trace, "-o", "none")[1], run("--trace", trace, "-o", database, "--force")[1])
                 for _ in range(5)]
        without, with_database = min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)
        print(f"Recording, {summary['samples']:,} images\n  no database {without:.3f} s, summary {with_database:.3f} s: "
              f"{with_database / without - 1:+.1%}     target: at most 2 %")
        summary, seconds = best(3, "--trace", small, "-n", "100", "--log", "events", "-o", database, "--force")
        with sqlite3.connect(database) as db:
            rows = db.execute("SELECT count(*) FROM event").fetchone()[0]
        print(f"  --log events: {rows:,} rows in {seconds:.2f} s of CPU, simulation included: "
              f"{rows / seconds / 1e6:.2f} M rows/s     target: 1.0 M")


if __name__ == "__main__":
    main()
