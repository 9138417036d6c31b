# SPDX-License-Identifier: MIT
"""The MNIST network on the chip against an independent integer reference: every output count of every image."""
import gzip
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NOCSIM = os.environ.get("NOCSIM", os.path.join(ROOT, "build/release/nocsim"))


def run(trace, database, *options):
    command = [NOCSIM, "--arch", os.path.join(ROOT, "configs/shenjing.yaml"), "--trace", trace, "-o", database,
               "--format", "json", *options]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def chip_counts(database):
    counts = {}
    with sqlite3.connect(database) as db:
        for sample, label, answer in db.execute("SELECT id, label, class FROM sample"):
            counts[sample] = [label, answer] + [0] * 10
        for sample, neuron, count in db.execute("SELECT sample, neuron, count FROM output"):
            counts[sample][2 + neuron] = count
    return counts


def reference_counts(text):
    rows = [list(map(int, line.split(","))) for line in text.splitlines()[1:]]
    return {row[0]: row[1:] for row in rows}


class MnistOnTheChip(unittest.TestCase):
    def setUp(self):
        if not os.access(NOCSIM, os.X_OK) and "NOCSIM" not in os.environ:
            self.skipTest("nocsim is not built")
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.database = os.path.join(self.folder.name, "run.db")

    def test_first_thousand_images(self):
        summary = run(os.path.join(ROOT, "workloads/mnist-mlp.spk"), self.database)
        with gzip.open(os.path.join(ROOT, "test/golden/mnist-mlp-counts.csv.gz"), "rt") as file:
            expected = reference_counts(file.read())
        self.assertEqual(len(expected), 1000)
        self.assertEqual(chip_counts(self.database), expected)
        correct = sum(row[0] == row[1] for row in expected.values())
        self.assertEqual(summary["accuracy"], correct / 1000)
        self.assertEqual(summary["tiles_used"], 10)

    def test_all_images(self):
        """The whole test set, where the recipe has written it (scripts/make_mnist.py --all)."""
        trace = os.path.join(ROOT, "workloads/mnist-mlp-10k.spk")
        if not os.path.exists(trace):
            self.skipTest("workloads/mnist-mlp-10k.spk is not there")
        summary = run(trace, self.database)
        reference = subprocess.run([sys.executable, os.path.join(ROOT, "scripts/snn_reference.py"), trace], check=True,
                                   capture_output=True, text=True).stdout
        expected = reference_counts(reference)
        self.assertEqual(len(expected), 10000)
        self.assertEqual(chip_counts(self.database), expected)
        self.assertGreaterEqual(summary["accuracy"], 0.961)


if __name__ == "__main__":
    unittest.main()
