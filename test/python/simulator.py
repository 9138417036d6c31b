# SPDX-License-Identifier: MIT
"""The simulator as the Python tests see it: where it is, calling it, runs of chips and what their databases hold.

The simulator is $NOCSIM, by default build/release/nocsim.
"""
import contextlib
import gzip
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOCSIM = Path(os.environ.get("NOCSIM", ROOT / "build" / "release" / "nocsim"))
MNIST = ROOT / "workloads" / "mnist-mlp.spk"

sys.path.insert(0, str(ROOT / "scripts"))  # spk, snn_reference: the modules that the tests compare with

built = unittest.skipUnless("NOCSIM" in os.environ or NOCSIM.exists(), f"{NOCSIM} is not built")


def call(*arguments, **options):
    """The finished process `nocsim ARGUMENTS`, its output as text."""
    return subprocess.run([NOCSIM, *map(str, arguments)], capture_output=True, text=True, check=False,
                          **{"timeout": 600, "stdin": subprocess.DEVNULL, **options})


def nocsim(*arguments, code=0, **options):
    """Same; it must end with this exit code."""
    done = call(*arguments, **options)
    if done.returncode != code:
        raise AssertionError(f"{arguments}: exit code {done.returncode}, not {code}\n{done.stdout}{done.stderr}")
    return done


def query(database, sql):
    with contextlib.closing(sqlite3.connect(database)) as base:
        return base.execute(sql).fetchall()


def output_counts(database, neurons=10):
    """Of every sample: label, class, and the spikes of each output neuron."""
    counts = {sample: [label, answer] + [0] * neurons
              for sample, label, answer in query(database, "SELECT id, label, class FROM sample")}
    for sample, neuron, count in query(database, "SELECT sample, neuron, count FROM output"):
        counts[sample][2 + neuron] = count
    return counts


def parse_counts(text):
    """The same from lines sample,label,class,count ... below a heading, as scripts/snn_reference.py prints them."""
    rows = [list(map(int, line.split(","))) for line in text.splitlines()[1:]]
    return {row[0]: row[1:] for row in rows}


def golden_counts():
    """The first 1,000 images of MNIST, from the reference in integers."""
    with gzip.open(ROOT / "test/golden/mnist-mlp-counts.csv.gz", "rt") as file:
        return parse_counts(file.read())


@built
class ChipTest(unittest.TestCase):
    """Runs of chips in a folder of its own; `database` holds what the last one left."""

    trace = MNIST

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.database = self.folder / "run.db"

    def call_chip(self, config, *options):
        """The finished process of a run of the trace on configs/CONFIG."""
        return call("--arch", ROOT / "configs" / config, "--trace", self.trace, "-o", self.database, "--force",
                    "--format", "json", *options)

    def run_chip(self, config, *options):
        """The summary of a run that must succeed."""
        done = self.call_chip(config, *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def refused(self, config, message, *options, code=2):
        """A run that must not begin, or not end."""
        done = self.call_chip(config, *options)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertIn(message, done.stderr)
        self.assertFalse(self.database.exists())

    def query(self, sql):
        return query(self.database, sql)

    def totals(self):
        """Counts by "type.event" of the run."""
        return dict(self.query("SELECT type || '.' || event, sum(count) FROM energy_by_kind GROUP BY 1"))
