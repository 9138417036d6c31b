# SPDX-License-Identifier: MIT
"""Traces whose pages are wired into trees with more rows than there are atoms: refused within seconds.

A tree of SQLite is 20 pages deep at most, but nothing in the file keeps an inner page from naming the same child many
times: 16 such pages of 40 pointers each hold 40^16 leaves in 8 KiB.  The simulator is $NOCSIM.
"""
import os
import re
import resource
import sqlite3
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "test" / "python"))

import bad_spk  # noqa: E402

NOCSIM = Path(os.environ.get("NOCSIM", ROOT / "build" / "release" / "nocsim"))
PAGE, DEPTH, SECONDS = 512, 16, 20
INNER = (2, 5)  # page types: of an index, of a table


def read_pages(path):
    data = path.read_bytes()
    return [bytearray(data[at:at + PAGE]) for at in range(0, len(data), PAGE)]


def write_pages(path, pages):
    pages[0][28:32] = struct.pack(">I", len(pages))
    path.write_bytes(b"".join(pages))


def cells(page, at=0):
    """Where the cells of an inner page begin."""
    count = struct.unpack_from(">H", page, at + 3)[0]
    return struct.unpack_from(f">{count}H", page, at + 12)


def child(page, cell):
    return struct.unpack_from(">I", page, cell)[0]


def rewired(page, target):
    """The page with every pointer naming the target."""
    page = bytearray(page)
    for cell in (*cells(page), 8):
        struct.pack_into(">I", page, cell, target)
    return page


def arm_table(path, table):
    """Makes a tree of DEPTH copies of the table's root, each pointing to the next only, over its first leaf."""
    base = sqlite3.connect(path)
    root = base.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()[0]
    base.close()
    pages = read_pages(path)
    top = pages[root - 1]
    assert top[0] in INNER, table
    target = root
    while pages[target - 1][0] in INNER:
        target = child(pages[target - 1], cells(pages[target - 1])[0])
    for _ in range(DEPTH - 1):
        pages.append(rewired(top, target))
        target = len(pages)
    pages[root - 1] = rewired(top, target)
    write_pages(path, pages)


def inner_page(target, pointers=40):
    """An inner page of a table with nothing but pointers to the target."""
    page = bytearray(PAGE)
    body = PAGE
    for number in range(pointers):
        body -= 5
        page[body:body + 5] = struct.pack(">IB", target, number + 1)
        struct.pack_into(">H", page, 12 + 2 * number, body)
    page[0] = 5
    struct.pack_into(">HHBI", page, 3, pointers, body, 0, target)
    return page


def arm_schema(path):
    """Repeats a page of the list of tables that holds only automatic indexes, which may come any number of times."""
    pages = read_pages(path)
    assert pages[0][100] == 5
    leaves = [child(pages[0], cell) for cell in cells(pages[0], 100)]
    target = next(leaf for leaf in leaves if b"CREATE" not in pages[leaf - 1] and b"autoindex" in pages[leaf - 1])
    for _ in range(DEPTH):
        pages.append(inner_page(target))
        target = len(pages)
    struct.pack_into(">I", pages[0], 108, target)
    write_pages(path, pages)


def healthy(path):
    """A trace with enough rows for inner pages in the tables that are to be rewired."""
    base = bad_spk.healthy(path, f"PRAGMA page_size = {PAGE};")
    base.execute("BEGIN")
    base.executemany("INSERT INTO meta VALUES(?, ?)", [(f"key{number}", "x" * 20) for number in range(100)])
    base.executemany("INSERT INTO sample VALUES(?, NULL)", [(sample,) for sample in range(3, 300)])
    base.executemany("INSERT INTO spike VALUES(?, 0, 0, 0, x'010203')", [(sample,) for sample in range(3, 300)])
    base.execute("CREATE TABLE further({})".format(", ".join(f"c{number} UNIQUE" for number in range(60))))
    base.execute("COMMIT")
    base.close()


class Bombs(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.path = Path(scratch.name) / "bomb.spk"
        healthy(self.path)

    def nocsim(self, command):
        limit = lambda: resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))  # noqa: E731
        run = subprocess.run([NOCSIM, "trace", command, self.path], capture_output=True, timeout=6 * SECONDS,
                             preexec_fn=limit)
        return run.returncode, (run.stdout + run.stderr).decode(errors="replace")

    def assert_refused(self, expected, commands=("check", "info", "dump")):
        for command in commands:
            code, said = self.nocsim(command)
            self.assertEqual(code, 2, said[-500:])
            self.assertRegex(said[-500:], re.compile(expected))

    def test_the_unarmed_trace_is_sound(self):
        self.assertEqual(self.nocsim("check"), (0, f"{self.path}: ok (300 samples, 3 layers)\n"))

    def test_meta(self):
        arm_table(self.path, "meta")
        self.assert_refused("meta: more than 1024 pairs|given twice")

    def test_sample(self):
        arm_table(self.path, "sample")
        self.assert_refused("sample")

    def test_spike(self):
        arm_table(self.path, "spike")
        self.assert_refused("out of order|malformed|missing")

    def test_schema(self):
        arm_schema(self.path)
        self.assert_refused("schema: damaged: gave up after 5 s", ["check"])


if __name__ == "__main__":
    unittest.main()
