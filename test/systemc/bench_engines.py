#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What SystemC costs: CPU time of the simulation proper, native beside SystemC, for each description and workload.

Runs are made in turn; each figure is the best of several. Native is taken as 1.
"""
import contextlib
import glob
import json
import os
import sqlite3
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NOCSIM = os.environ.get("NOCSIM", os.path.join(ROOT, "build/release/nocsim"))
RUNS = 3
# Component steps that a timed run may take in the dense orders.
BUDGET = 2e7


def run(arch, trace, *options):
    """The summary of a run, or None when the chip does not run the trace."""
    result = subprocess.run([NOCSIM, "--arch", arch, "--trace", trace, "--format", "json", *map(str, options)],
                            capture_output=True, text=True, check=False)
    return json.loads(result.stdout) if result.returncode == 0 else None


def dense_steps(arch, trace, folder):
    """Steps of a dense run of one timestep."""
    database = os.path.join(folder, "one.db")
    summary = run(arch, trace, "-n", 1, "-T", 1, "-o", database, "--force")
    if summary is None:
        return None
    with contextlib.closing(sqlite3.connect(database)) as base:
        return summary["cycles"] * base.execute("SELECT count(*) FROM component").fetchone()[0]


def compare(arch, trace, order, name, *length):
    """Prints a line: CPU time a cycle natively and under SystemC, and their ratio."""
    pairs = [[run(arch, trace, "-o", "none", "--order", order, "--engine", engine, *length)
              for engine in ("native", "systemc")] for _ in range(RUNS)]
    native, systemc = (min(1e9 * summary["sim_seconds"] / summary["cycles"] for summary in one) for one in zip(*pairs))
    print(f"    native {order:6} {native:9.2f} ns a cycle   SystemC {name:7} {systemc:9.2f} ns   "
          f"1 : {systemc / native:.2f}")


def main():
    print("SystemC beside the native engine, CPU time")
    with tempfile.TemporaryDirectory() as folder:
        for arch in sorted(glob.glob(os.path.join(ROOT, "configs/*.yaml"))):
            for trace in sorted(glob.glob(os.path.join(ROOT, "workloads/*.spk"))):
                steps = dense_steps(arch, trace, folder)
                if steps is None:
                    continue
                print(f"  {os.path.basename(arch)}, {os.path.basename(trace)}")
                timesteps = 20 if steps * 20 < BUDGET else 1
                samples = max(1, min(100, int(BUDGET / (steps * timesteps))))
                compare(arch, trace, "sparse", "evented", "-n", 50)
                compare(arch, trace, "dense", "clocked", "-n", samples, "-T", timesteps)


if __name__ == "__main__":
    main()
