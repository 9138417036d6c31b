#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""CPU seconds that `nocsim evaluate` takes for 10,000 MNIST images, for each description of configs/units.

Usage: units.py [IMAGES]      environment: NOCSIM, the program; TRACE, the trace

The trace of all 10,000 images is written by scripts/make_mnist.py --all; where it was not made, the 1,000 images
that are shipped are timed. What a description takes before its first image is timed with one image, and the rest
scaled to 10,000.
"""
import glob
import os
import resource
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NOCSIM = os.environ.get("NOCSIM", os.path.join(ROOT, "build/release/nocsim"))
TRACES = [os.path.join(ROOT, "workloads", name) for name in ("mnist-mlp-10k.spk", "mnist-mlp.spk")]
TRACE = os.environ.get("TRACE") or next(filter(os.path.exists, TRACES))
ALL = 10000


def cpu_seconds(description, images):
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run([NOCSIM, "evaluate", "-q", "-j", "1", "-n", str(images), "--trace", TRACE, description], check=True,
                   stdout=subprocess.DEVNULL)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def main():
    images = int(sys.argv[1]) if len(sys.argv) > 1 else ALL if "10k" in os.path.basename(TRACE) else 1000
    print(f"{os.path.relpath(TRACE, ROOT)}, {images} images timed, one thread")
    print(f"{'description':40} {'CPU s before':>12} {'CPU s for 10,000 images':>24}")
    for description in sorted(glob.glob(os.path.join(ROOT, "configs/units/*.yaml"))):
        start, all_of_them = cpu_seconds(description, 1), cpu_seconds(description, images)
        seconds = start + (all_of_them - start) * (ALL - 1) / max(images - 1, 1)
        print(f"{os.path.relpath(description, ROOT):40} {start:12.2f} {seconds:24.2f}", flush=True)


if __name__ == "__main__":
    main()
