# SPDX-License-Identifier: MIT
"""Damaged, lying and hostile traces (bad_spk.py): each is refused in a moment with its message, exit code 2.

The simulator is $NOCSIM, by default build/release/nocsim.
"""
import re
import resource
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import bad_spk
from simulator import NOCSIM, ROOT, built

SECONDS = 20


def check(path):
    """`nocsim trace check` within bounded processor time: (exit code, everything it said)."""
    limit = lambda: resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))  # noqa: E731
    run = subprocess.run([NOCSIM, "trace", "check", path], capture_output=True, timeout=3 * SECONDS, preexec_fn=limit)
    return run.returncode, (run.stdout + run.stderr).decode(errors="replace")


@built
class BadTraces(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.folder = Path(scratch.name)
        bad_spk.write_all(cls.folder)

    def test_bad_traces_are_refused(self):
        lines = (self.folder / "expected.txt").read_text().splitlines()
        self.assertGreater(len(lines), 100)
        for name, expected in (line.split(": ", 1) for line in lines):
            with self.subTest(name):
                code, said = check(self.folder / name)
                self.assertEqual(code, 2, said)
                self.assertIn(name, said)
                self.assertRegex(said.replace(name, ""), re.compile(expected, re.IGNORECASE))

    def test_odd_traces_are_accepted(self):
        for name in (self.folder / "accepted.txt").read_text().split():
            with self.subTest(name):
                code, said = check(self.folder / name)
                self.assertEqual(code, 0, said)

    def test_shipped_and_minimal_traces_are_accepted(self):
        subprocess.run([sys.executable, ROOT / "scripts" / "spk_minimal.py", self.folder / "minimal.spk"], check=True)
        for path in (self.folder / "minimal.spk", ROOT / "workloads" / "mnist-mlp.spk"):
            code, said = check(path)
            self.assertEqual(code, 0, said)


if __name__ == "__main__":
    unittest.main()
