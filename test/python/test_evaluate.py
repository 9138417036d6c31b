# SPDX-License-Identifier: MIT
"""nocsim evaluate: kinds of synapses side by side on the MNIST network, and wrong input."""
import glob
import json
import os
import subprocess
import tempfile
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
        self.assertGreater(ideal["energy_per_sample_j"], 0)

    def test_every_shipped_description(self):
        files = sorted(glob.glob(os.path.join(UNITS, "*.yaml")))
        results = evaluate("-n", "20", UNITS)
        self.assertEqual([result["arch"] for result in results], files)
        for result in results:
            with self.subTest(arch=result["arch"]):
                self.assertEqual(result["samples"], 20)
                self.assertGreater(result["latency_s"], 0)
                self.assertGreater(result["energy_per_sample_j"], 0)
                self.assertGreater(result["accuracy"], 0.9)

    def test_a_chip_is_run_in_the_same_command(self):
        chip, = evaluate("-n", "20", os.path.join(UNITS, "shenjing.yaml"))
        alone = json.loads(subprocess.run(
            [NOCSIM, "run", "--arch", os.path.join(ROOT, "configs/shenjing.yaml"), "--trace", TRACE, "-n", "20", "-o",
             "none", "--format", "json"], capture_output=True, text=True, check=True).stdout)
        self.assertEqual((chip["unit"], chip["units"]), ("arch.shenjing", alone["tiles_used"]))
        self.assertEqual(chip["accuracy"], alone["accuracy"])
        self.assertEqual(chip["energy_per_sample_j"], alone["energy_per_sample_j"])
        self.assertEqual(chip["latency_s"], alone["cycles"] / 20 / alone["clock_hz"])

    def test_results_do_not_depend_on_the_number_of_threads(self):
        names = ("crossbar-programming", "crossbar-telegraph", "digital-ttfs")
        files = [os.path.join(UNITS, name + ".yaml") for name in names]
        noisy = ["-n", "30", "-S", "3", *files]
        one, three = evaluate("-j", "1", *noisy), evaluate("-j", "3", *noisy)
        self.assertEqual(one, three)
        self.assertEqual([result["seeds"] for result in one], [3, 3, 1])
        self.assertIsNone(one[2]["accuracy_interval"])

    def test_threads_share_the_samples_of_one_description(self):
        for name in ("crossbar-telegraph", "opto-otters-20"):
            file = os.path.join(UNITS, name + ".yaml")
            self.assertEqual(evaluate("-j", "1", file), evaluate("-j", "3", file))

    def test_nothing_named_stands_for_the_units_folder(self):
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(os.path.join(folder, "configs"))
            os.symlink(UNITS, os.path.join(folder, "configs", "units"))
            done = subprocess.run([NOCSIM, "evaluate", "--trace", TRACE, "--set", "chip.nothing=1"], cwd=folder,
                                  capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn("nothing", done.stderr)
            done = subprocess.run([NOCSIM, "evaluate", "--trace", TRACE, "configs"], cwd=folder, capture_output=True,
                                  text=True, check=False)
            self.assertEqual(done.returncode, 4)
            self.assertIn("has no descriptions", done.stderr)

    def test_each_fault_alone_costs_nothing_or_accuracy(self):
        ideal, *faults = evaluate("-n", "50", *(os.path.join(UNITS, f"crossbar-{name}.yaml")
                                                 for name in ("ideal", "iv", "adc-bits", "ir-drop")))
        self.assertEqual(faults[0]["accuracy"], ideal["accuracy"])
        for fault in faults:
            self.assertLessEqual(fault["accuracy"], ideal["accuracy"] + 0.01)

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
            ([ideal], 1, "--trace is needed"),
            (["--trace", TRACE, "--jobs", "0", ideal], 1, "--jobs"),
            (["--trace", TRACE, "--seeds", "0", ideal], 1, "--seeds"),
            (["--trace", TRACE, os.path.join(ROOT, "configs/ring-16.yaml")], 2, "does not run traces"),
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
