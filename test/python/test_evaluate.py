# SPDX-License-Identifier: MIT
"""nocsim evaluate: kinds of synapses side by side on the MNIST network, and wrong input."""
import glob
import json
import os
import subprocess
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NOCSIM = os.environ.get("NOCSIM", os.path.join(ROOT, "build/release/nocsim"))
TRACE = os.path.join(ROOT, "workloads/mnist-mlp.spk")
UNITS = os.path.join(ROOT, "configs/units")


def run(*arguments):
    return subprocess.run([NOCSIM, "evaluate", *arguments], capture_output=True, text=True, check=False)


def evaluate(*arguments):
    done = run("--format", "json", "--trace", TRACE, *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class Evaluate(unittest.TestCase):
    def setUp(self):
        if not os.access(NOCSIM, os.X_OK) and "NOCSIM" not in os.environ:
            self.skipTest("nocsim is not built")

    def test_an_ideal_crossbar_equals_the_digital_core(self):
        ideal, = evaluate(os.path.join(UNITS, "crossbar-ideal.yaml"))
        self.assertEqual(ideal["accuracy"], 0.994)
        self.assertEqual(ideal["units"], 10)
        self.assertIsNone(ideal["energy_j"])

    def test_every_shipped_description(self):
        files = sorted(glob.glob(os.path.join(UNITS, "*.yaml")))
        results = evaluate("-n", "50", *files)
        self.assertEqual([result["arch"] for result in results], files)
        for result in results:
            with self.subTest(arch=result["arch"]):
                self.assertEqual(result["samples"], 50)
                self.assertGreater(result["latency_s"], 0)
                if "ideal" not in result["arch"]:
                    self.assertGreater(result["energy_j"], 0)

    def test_variation_is_drawn_from_the_seed(self):
        file = os.path.join(UNITS, "opto-otters.yaml")
        noisy = ["--set", "chip.unit.variation.amplitude=1.0"]
        first, = evaluate("-n", "200", "-S", "3", *noisy, file)
        again, = evaluate("-n", "200", "-S", "3", *noisy, file)
        exact, = evaluate("-n", "200", file)
        self.assertEqual(first, again)
        self.assertGreater(first["accuracy_interval"], 0)
        self.assertLess(first["accuracy"], exact["accuracy"])

    def test_wrong_input(self):
        ideal = os.path.join(UNITS, "crossbar-ideal.yaml")
        cases = [
            (["--trace", TRACE], 1, "at least one description"),
            (["--trace", TRACE, "--seeds", "0", ideal], 1, "--seeds"),
            (["--trace", TRACE, os.path.join(ROOT, "configs/shenjing.yaml")], 2, "arch.units"),
            (["--trace", TRACE, "--set", "chip.unit.adc.bitz=3", ideal], 2, "did you mean 'bits'"),
            (["--trace", TRACE, "missing.yaml"], 4, "missing.yaml"),
            (["--trace", "missing.spk", ideal], 4, "missing.spk"),
        ]
        for arguments, code, message in cases:
            with self.subTest(arguments=arguments):
                done = run(*arguments)
                self.assertEqual(done.returncode, code)
                self.assertIn(message, done.stderr)
                self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    unittest.main()
