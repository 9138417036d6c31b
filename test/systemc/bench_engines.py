#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What SystemC costs: CPU seconds of the simulation proper, native beside SystemC, for each description and workload.

Runs are made in turn; each figure is the best of several. Native is taken as 1.
"""
import glob
import json
import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NOCSIM = os.environ.get("NOCSIM", os.path.join(ROOT, "build/release/nocsim"))
FORMS = [("native", "sparse"), ("systemc", "sparse"), ("native", "dense"), ("systemc", "dense")]
RUNS = 3
SAMPLES = {"sparse": "200", "dense": "50"}


def simulate(arch, trace, engine, order):
    """CPU microseconds a sample, or None when the chip does not run the trace."""
    run = subprocess.run([NOCSIM, "--arch", arch, "--trace", trace, "-n", SAMPLES[order], "-o", "none", "--format",
                          "json", "--engine", engine, "--order", order], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        return None
    summary = json.loads(run.stdout)
    return 1e6 * summary["sim_seconds"] / summary["samples"]


def main():
    print("SystemC beside the native engine, CPU time a sample")
    for arch in sorted(glob.glob(os.path.join(ROOT, "configs/*.yaml"))):
        for trace in sorted(glob.glob(os.path.join(ROOT, "workloads/*.spk"))):
            times = [[simulate(arch, trace, *form) for form in FORMS] for _ in range(RUNS)]
            if None in times[0]:
                continue
            sparse, evented, dense, clocked = map(min, zip(*times))
            print(f"  {os.path.basename(arch)}, {os.path.basename(trace)}\n"
                  f"    native sparse {sparse:8.0f} us   SystemC evented {evented:8.0f} us   "
                  f"1 : {evented / sparse:.2f}\n"
                  f"    native dense  {dense:8.0f} us   SystemC clocked {clocked:8.0f} us   "
                  f"1 : {clocked / dense:.2f}")


if __name__ == "__main__":
    main()
