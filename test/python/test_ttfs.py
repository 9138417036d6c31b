# SPDX-License-Identifier: MIT
"""Time-to-first-spike cores against numpy: the levels of every neuron of the MNIST network for every code, and what
deviations of devices do to accuracy, with confidence intervals over seeds."""
import json
import math
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import snn_reference  # noqa: E402
import spk  # noqa: E402

PROBE = (Path(os.environ["NOCSIM"]).resolve().parent if "NOCSIM" in os.environ else ROOT / "build" / "release") \
    / "test" / "python" / "ttfs_probe"
TRACE = ROOT / "workloads" / "mnist-mlp.spk"
NEURONS = (784, 512, 10)

# Half the width of a 95 % interval for the mean of n values is T95[n] standard errors (Student).
T95 = {5: 2.776, 10: 2.262}


def probe(kind, description, levels=0, masked=False, dead_zone=0, samples=1000, seed=1, seeds=1, want_levels=False):
    """One result for each seed, and the levels of the last: samples x neurons, by layer."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "levels")
        run = subprocess.run([PROBE, TRACE, str(samples), kind, description, str(levels), str(int(masked)),
                              str(dead_zone), str(seed), str(seeds), *([out] if want_levels else [])],
                             capture_output=True, text=True, check=False, cwd=ROOT)
        if run.returncode:
            raise AssertionError(run.stderr)
        results = [json.loads(line) for line in run.stdout.splitlines()]
        if not want_levels:
            return results
        flat = np.fromfile(out, np.uint8).reshape(samples, sum(NEURONS))
        return results, np.split(flat, np.cumsum(NEURONS)[:-1], axis=1)


class Network(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with spk.Trace(TRACE) as trace:
            cls.layers, cls.labels, cls.timesteps = trace.layers, np.array(trace.labels), trace.timesteps
            cls.counts = snn_reference.inputs_of(trace, range(len(trace.labels)))[0].sum(1)

    def quantised(self, levels, let_through):
        """Levels of each layer; `let_through(layer, levels)` is what a layer's reader sees of them."""
        result = [np.floor(self.counts * levels / self.timesteps + 0.5)]
        for number, layer in enumerate(self.layers[1:]):
            seen = let_through(number, result[-1])
            result.append(np.clip((seen @ layer.weights.astype(float)) // layer.threshold, 0, levels))
        return result

    def check(self, kind, description, levels=20, masked=False, dead_zone=0):
        (result,), found = probe(kind, description, levels, masked, dead_zone, want_levels=True)
        silent = [layer["silent_level"] for layer in result["layers"]]

        def let_through(number, values):
            return np.where(abs(values - silent[number]) <= dead_zone, silent[number], values)

        expected = self.quantised(levels, let_through)
        for number in range(3):
            np.testing.assert_array_equal(found[number], expected[number])
            self.assertEqual(result["layers"][number]["spikes"],
                             (let_through(number, expected[number]) != silent[number]).sum())
        self.assertEqual(result["right"], (expected[2].argmax(1) == self.labels).sum())
        return result

    def test_every_core_computes_the_quantised_network(self):
        for kind, description in (("arch.ttfs_core", "{weight_bits: 5}"), ("arch.msu", "{weight_bits: 5}"),
                                  ("arch.opto_ttfs", "{weight_bits: 5}"),
                                  ("arch.opto_ttfs", "{weight_bits: 5, devices: core}")):
            with self.subTest(kind=kind):
                self.assertGreaterEqual(self.check(kind, description)["right"], 980)

    def test_levels_of_a_converter(self):
        for bits in (1, 2, 3, 4, 5):
            with self.subTest(bits=bits):
                self.check("arch.opto_ttfs", "{weight_bits: 5, adc: {bits: %d}}" % bits, (1 << bits) - 1)

    def test_dead_zones_trade_spikes_for_accuracy(self):
        right, spikes, silent = [], [], []
        for dead_zone in (0, 1, 3, 8):
            result = self.check("arch.msu", "{weight_bits: 5}", 20, True, dead_zone)
            right.append(result["right"])
            silent.append(result["silent"])
            spikes.append(sum(layer["spikes"] for layer in result["layers"]))
        self.assertEqual(spikes, sorted(spikes, reverse=True))
        self.assertEqual(silent, sorted(silent))
        self.assertLess(spikes[3], 0.8 * spikes[0])
        self.assertGreaterEqual(right[1], right[0] - 10)

    def accuracies(self, kind, description, levels, seeds, seed=1):
        accuracy = np.array([result["right"] / result["samples"]
                             for result in probe(kind, description, levels, seeds=seeds, seed=seed)])
        return accuracy.mean(), T95[seeds] * accuracy.std(ddof=1) / math.sqrt(seeds)

    def test_accuracy_under_variation(self):
        exact = self.check("arch.opto_ttfs", "{weight_bits: 5}")["right"] / 1000
        means = []
        for sigma, least in ((0.1, 0.98), (0.2, 0.97), (0.5, 0.9), (2, 0)):
            mean, half = self.accuracies("arch.opto_ttfs", "{axons: 784, neurons: 512, weight_bits: 5, seed: %s, "
                                         f"variation: {{amplitude: {sigma}}}}}", 20, 5)
            self.assertGreaterEqual(mean, least)
            self.assertLess(half, 0.05)
            means.append(mean)
        self.assertLess(means[3], exact - 0.02)
        self.assertGreater(means[0], means[3])

    def test_deviations_are_those_of_a_model_of_its_own(self):
        """The hidden layer with devices that deviate by 20 %: mean and spread of the output levels over seeds against
        numpy's own devices, in levels."""
        rng = np.random.default_rng(3)
        weights = [layer.weights.astype(float) for layer in self.layers[1:]]
        expected, found = [], []
        for seed in range(1, 6):
            seen = self.counts[:200].astype(float)
            for matrix, layer in zip(weights, self.layers[1:]):
                deviating = matrix * (1 + 0.2 * rng.standard_normal(matrix.shape))
                seen = np.clip((seen @ deviating + 0.5) // layer.threshold, 0, 20)
            expected.append(seen)
            _, levels = probe("arch.opto_ttfs", "{axons: 784, neurons: 512, weight_bits: 5, seed: %s, "
                              "variation: {amplitude: 0.2}}", samples=200, seed=seed, want_levels=True)
            found.append(levels[2].astype(float))
        expected, found = np.array(expected), np.array(found)
        self.assertAlmostEqual(expected.mean(), found.mean(), delta=0.05 * expected.mean())
        self.assertAlmostEqual(expected.std(0).mean(), found.std(0).mean(), delta=0.2 * expected.std(0).mean())

    def test_rate_coding_is_the_reference(self):
        _, found = probe("arch.crossbar", "{weights: {bits: 5}}", samples=100, want_levels=True)
        with spk.Trace(TRACE) as trace:
            trains = snn_reference.run(trace.layers, snn_reference.inputs_of(trace, range(100)))
        for number in range(3):
            np.testing.assert_array_equal(found[number], trains[number].sum(1))


class Digest(unittest.TestCase):
    """Sums of published tables, as a digest gives them: consistency with it, nothing else."""

    def test_energy_of_an_attention_block(self):
        rows = {"BERT": (50.35, 8.41, 167.92), "Sorbet": (3.39, 1.08, 12.34), "SpikingLM": (2.09, 0.46, 7.20),
                "Otters": (1.14, 0.33, 4.06)}
        for fc, qkv, total in rows.values():
            self.assertAlmostEqual(3 * fc + 2 * qkv, total, delta=0.005 * total)
        otters = rows["Otters"][2]
        for name, ratio in (("BERT", 41.36), ("Sorbet", 3.04), ("SpikingLM", 1.77)):
            self.assertAlmostEqual(rows[name][2] / otters, ratio, delta=0.01)


if __name__ == "__main__":
    unittest.main()
