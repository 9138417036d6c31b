#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The gate: every stage of `make check`, one after the other, and the sum of all tests.

Usage: gate.py [STAGE ...]        (default: all)

A stage is a call of make. Those of the table below come first; every further target `check-...` of a file
scripts/*.mk or test/*/*.mk is a stage too, so a new test folder needs no entry here. A stage's output goes
to build/check/STAGE.log and is shown when it fails. The last line is "N passed, N failed".
"""
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import time

from run_tests import count

CLANG = ["CC=clang", "CXX=clang++", "B=build/clang"]
ASAN = ["VARIANT=asan", "LAW_SEEDS=5"]

# Sanitizers slow tests down by several times: their time limits grow with them, their seeds are fewer.
STAGES = {
    "gcc": ["all", "tests"],
    "clang": CLANG + ["all", "tests"],
    "lint": ["lint"],
    "unit": ["check-unit"],
    "laws": ["laws"],
    "errors": ["check-errors"],
    "golden": ["golden"],
    "python": ["check-python"],
    "systemc": ["check-systemc"],
    "examples": ["check-examples"],
    "clang-unit": CLANG + ["check-unit"],
    "asan": ASAN + ["all", "tests", "check-unit", "check-errors", "laws"],
    "asan-systemc": ASAN + ["check-systemc", "check-examples"],
    "tsan": ["VARIANT=tsan", "check-threads"],
    "mutants": ["mutants"],
}

# Stages that start system services; set-up does not install those. They are left out, and said to be, elsewhere.
SERVICES = {"slurm": ["slurmctld", "slurmd", "munged"]}


def lacks(name):
    """What keeps a stage from running on this machine."""
    if name not in SERVICES:
        return []
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    missing = [program for program in SERVICES[name] if shutil.which(program, path=path) is None]
    return missing + (["root"] if os.geteuid() != 0 else [])


def further_stages():
    """The targets check-... of the folders' make files that no stage names yet."""
    named = {word for words in STAGES.values() for word in words}
    found = {}
    for path in sorted([*pathlib.Path("scripts").glob("*.mk"), *pathlib.Path("test").glob("*/*.mk")]):
        for target in re.findall(r"^(check-[\w-]+):", path.read_text(), re.M):
            if target not in named:
                found[target.removeprefix("check-")] = [target]
    return found


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main():
    stages = {**STAGES, **further_stages()}
    chosen = sys.argv[1:] or list(stages)
    unknown = [name for name in chosen if name not in stages]
    if unknown:
        print("unknown stage %s: one of %s" % (", ".join(unknown), ", ".join(stages)), file=sys.stderr)
        return 1
    logs = pathlib.Path("build/check")
    logs.mkdir(parents=True, exist_ok=True)
    inherited = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")
    environment = {key: value for key, value in os.environ.items() if key not in inherited}
    total = [0, 0]
    begin = time.monotonic()
    for name in chosen:
        if lacks(name):
            print("skip %-14s needs %s" % (name, ", ".join(lacks(name))), flush=True)
            continue
        start, cpu = time.monotonic(), cpu_seconds()
        if "asan" in name or "tsan" in name:
            environment["CK_TIMEOUT_MULTIPLIER"] = "10"
        else:
            environment.pop("CK_TIMEOUT_MULTIPLIER", None)
        command = ["make", "--no-print-directory", "-j%d" % (os.cpu_count() or 1), *stages[name]]
        result = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                stdin=subprocess.DEVNULL, check=False)
        output = result.stdout.decode(errors="replace")
        (logs / (name + ".log")).write_text(output)
        passed, failed = count(output, result.returncode)
        if failed:
            print("    " + "\n".join(output.rstrip().split("\n")[-100:]).replace("\n", "\n    "))
        print("%-4s %-14s %6d passed %4d failed %6.0f s, %6.0f s of CPU   make %s"
              % ("FAIL" if failed else "ok", name, passed, failed, time.monotonic() - start, cpu_seconds() - cpu,
                 " ".join(stages[name])), flush=True)
        total[0] += passed
        total[1] += failed
    print("all stages took %.0f s, %.0f s of CPU" % (time.monotonic() - begin, cpu_seconds()))
    print("%d passed, %d failed" % tuple(total))
    return 1 if total[1] else 0


if __name__ == "__main__":
    sys.exit(main())
