#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Breaks the statements and the prose comments that are longer than a line may be; touches nothing else.

Usage: format.py [FILE ...]      (default: every .c and .h file; needs clang-format)

Indented lines of comments are drawings, tables and formulas: they are left for you to shorten.
"""
import pathlib
import re
import subprocess
import sys

COLUMNS = 110


def long_lines(path, wanted):
    lines = enumerate(path.read_text().split("\n"), 1)
    return [number for number, line in lines if len(line) > COLUMNS and wanted(line)]


def is_comment(line):
    return re.match(r"\s*(\*|/\*)", line) is not None


def is_prose(line):
    return re.match(r"\s*(/\*|\*) \S", line) is not None


def reformat(path, numbers, style):
    if numbers:
        ranges = ["--lines=%d:%d" % (number, number) for number in numbers]
        subprocess.run(["clang-format", "-i", "--style=" + style, *ranges, str(path)], check=True)


def main():
    names = sys.argv[1:] or subprocess.run(["git", "ls-files", "*.c", "*.h"], check=True, capture_output=True,
                                           text=True).stdout.split()
    lines = pathlib.Path(".clang-format").read_text().split("\n")
    settings = [line for line in lines if ": " in line and not line.startswith("#")]
    style = "{%s}" % ", ".join(settings)
    for path in map(pathlib.Path, names):
        reformat(path, long_lines(path, lambda line: not is_comment(line)), style)
        reformat(path, long_lines(path, is_prose), style.replace("ReflowComments: false", "ReflowComments: true"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
