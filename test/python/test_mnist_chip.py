# SPDX-License-Identifier: MIT
"""The MNIST network on the chip against an independent integer reference: every output count of every image."""
import subprocess
import sys
import unittest

from simulator import ROOT, ChipTest, golden_counts, output_counts, parse_counts


class MnistOnTheChip(ChipTest):
    def test_first_thousand_images(self):
        summary = self.run_chip("shenjing.yaml")
        expected = golden_counts()
        self.assertEqual(len(expected), 1000)
        self.assertEqual(output_counts(self.database), expected)
        correct = sum(row[0] == row[1] for row in expected.values())
        self.assertEqual(summary["accuracy"], correct / 1000)
        self.assertEqual(summary["tiles_used"], 10)

    def test_all_images(self):
        """The whole test set, where the recipe has written it (scripts/make_mnist.py --all)."""
        self.trace = ROOT / "workloads/mnist-mlp-10k.spk"
        if not self.trace.exists():
            self.skipTest(f"{self.trace} is not there")
        summary = self.run_chip("shenjing.yaml")
        reference = subprocess.run([sys.executable, ROOT / "scripts/snn_reference.py", self.trace], check=True,
                                   capture_output=True, text=True).stdout
        expected = parse_counts(reference)
        self.assertEqual(len(expected), 10000)
        self.assertEqual(output_counts(self.database), expected)
        self.assertGreaterEqual(summary["accuracy"], 0.961)


if __name__ == "__main__":
    unittest.main()
