#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs test programs side by side and adds up what they report.

Usage: run_tests.py [--jobs N] PROGRAM ...

A program reports with a summary of Check ("100%: Checks: 9, Failures: 0, Errors: 0"), of unittest
("Ran 9 tests ... OK"), or with a line "9 passed, 0 failed"; one that reports nothing counts as one test,
which its exit code decides. A PROGRAM that ends in .py is run by this Python. Output is shown only of
programs that fail. The last line is "N passed, N failed".
"""
import concurrent.futures
import os
import re
import signal
import subprocess
import sys
import time


def count(output, code):
    """(passed, failed) of a program's output and exit code."""
    passed = failed = 0
    for checks, failures, errors in re.findall(r"^\d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)", output, re.M):
        failed += int(failures) + int(errors)
        passed += int(checks) - int(failures) - int(errors)
    for ran, result in re.findall(r"^Ran (\d+) tests? in .*\n\n(OK|FAILED.*)", output, re.M):
        bad = sum(map(int, re.findall(r"(?:failures|errors|unexpected successes)=(\d+)", result)))
        skipped = sum(map(int, re.findall(r"skipped=(\d+)", result)))
        failed += bad
        passed += int(ran) - bad - skipped
    for good, bad in re.findall(r"^(\d+) passed, (\d+) failed$", output, re.M):
        passed += int(good)
        failed += int(bad)
    if code != 0 and failed == 0:
        failed = 1
    if code == 0 and passed + failed == 0:
        passed = 1
    return passed, failed


def run(program):
    start = time.monotonic()
    command = [sys.executable, program] if program.endswith(".py") else [program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        output = process.communicate()[0].decode(errors="replace")
    if process.returncode < 0:
        output += "\nended by %s\n" % signal.Signals(-process.returncode).name
    return program, output, count(output, process.returncode), time.monotonic() - start


def main():
    arguments = sys.argv[1:]
    jobs = os.cpu_count() or 1
    if arguments[:1] == ["--jobs"]:
        jobs, arguments = int(arguments[1]), arguments[2:]
    total = [0, 0]
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for program, output, (passed, failed), seconds in pool.map(run, arguments):
            print("%-4s %-50s %6d checks %7.1f s" % ("FAIL" if failed else "ok", program, passed + failed, seconds),
                  flush=True)
            if failed:
                print("    " + output.strip().replace("\n", "\n    "), flush=True)
            total[0] += passed
            total[1] += failed
    print("%d passed, %d failed" % tuple(total))
    return 1 if total[1] or not arguments else 0


if __name__ == "__main__":
    sys.exit(main())
