# SPDX-License-Identifier: MIT
"""The vectorised reference against plain Python loops over neurons, and its replay traces."""
import csv
import io
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


def naive(layers, inputs, timesteps):
    """One sample: spikes of every layer by the letter of the specification; also the smallest and largest potential."""
    potential = [[0] * layer.neurons for layer in layers]
    trains = [[[False] * layer.neurons for _ in range(timesteps)] for layer in layers]
    low = high = 0
    for timestep in range(timesteps):
        for number, layer in enumerate(layers):
            if layer.kind == "input":
                trains[number][timestep] = [bool(spike) for spike in inputs[number][timestep]]
                continue
            axons = trains[layer.sources[0]][timestep]
            for neuron in range(layer.neurons):
                v = potential[number][neuron] + sum(int(layer.weights[axon, neuron])
                                                    for axon, spike in enumerate(axons) if spike)
                low, high = min(low, v), max(high, v)
                if v >= layer.threshold:
                    trains[number][timestep][neuron] = True
                    v = v - layer.threshold if layer.reset == "soft" else 0
                potential[number][neuron] = v
    return trains, low, high


def random_network(random):
    """Two inputs and three dense layers, one of them fed by another's source."""
    sizes = random.randint(1, 30, 5)
    layers = [spk.Layer(f"in{number}", "input", int(sizes[number])) for number in range(2)]
    for number, source in ((2, 0), (3, random.randint(0, 3)), (4, 3)):
        layers.append(spk.Layer(f"d{number}", "dense", int(sizes[number]), [int(source)], "if",
                                ("soft", "hard")[random.randint(2)], int(random.randint(1, 60)), 5,
                                weights=random.randint(-16, 16, (sizes[source], sizes[number]))))
    return layers


class Reference(unittest.TestCase):
    def test_equals_plain_loops(self):
        for seed in range(40):
            with self.subTest(seed=seed):
                random = np.random.RandomState(seed)
                layers, samples, timesteps = random_network(random), 3, 6
                inputs = {number: random.uniform(size=(samples, timesteps, layers[number].neurons)) < 0.5
                          for number in range(2)}
                extremes = snn_reference.Extremes(slice=7)
                trains = snn_reference.run(layers, inputs, extremes)
                low = high = 0
                for sample in range(samples):
                    expected, *bounds = naive(layers, {number: inputs[number][sample] for number in inputs}, timesteps)
                    low, high = min(low, bounds[0]), max(high, bounds[1])
                    for number in range(len(layers)):
                        np.testing.assert_array_equal(trains[number][sample], expected[number])
                self.assertEqual(extremes.seen["potential"], (low, high))

    def test_refuses_what_it_cannot_compute_exactly(self):
        layers = [spk.Layer("in", "input", 200000),
                  spk.Layer("out", "dense", 1, [0], "if", "soft", 1, 8, weights=np.full((200000, 1), -128))]
        with self.assertRaisesRegex(ValueError, "24 bits"):
            snn_reference.run(layers, {0: np.zeros((1, 1, 200000), bool)})

    def test_widths(self):
        for weight, axons, message in ((-16, 256, None), (-16, 257, "slice sum"), (-16, 2048, "slice sum")):
            layers = [spk.Layer("in", "input", axons),
                      spk.Layer("out", "dense", 1, [0], "if", "soft", 1, 5, weights=np.full((axons, 1), weight))]
            for timesteps, late in ((1, message), (7, message), (8, message or "threshold")):
                with self.subTest(axons=axons, timesteps=timesteps):
                    extremes = snn_reference.Extremes(slice=axons)
                    snn_reference.run(layers, {0: np.ones((1, timesteps, axons), bool)}, extremes)
                    if late:
                        with self.assertRaisesRegex(ValueError, late):
                            extremes.check()
                    else:
                        extremes.check()

    def test_command_and_replay_trace(self):
        random = np.random.RandomState(7)
        layers = random_network(random)
        inputs = {number: random.uniform(size=(4, 5, layers[number].neurons)) < 0.5 for number in range(2)}
        trains = snn_reference.run(layers, inputs)
        with tempfile.TemporaryDirectory() as folder:
            functional, replay = Path(folder) / "functional.spk", Path(folder) / "replay.spk"
            spk.write(functional, 5, layers, [(None if sample == 2 else 0, {number: train[sample]
                                                                            for number, train in inputs.items()})
                                              for sample in range(4)])
            command = [sys.executable, ROOT / "scripts" / "snn_reference.py", functional, "--replay", replay]
            printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            rows = list(csv.DictReader(io.StringIO(printed)))
            self.assertEqual([row["label"] for row in rows], ["0", "0", "", "0"])
            for sample, row in enumerate(rows):
                counts = trains[4][sample].sum(0)
                self.assertEqual([int(row[f"count{neuron}"]) for neuron in range(layers[4].neurons)], counts.tolist())
                self.assertEqual(int(row["class"]), counts.argmax())
            with spk.Trace(replay) as trace:
                for sample in range(4):
                    for number, train in trains.items():
                        np.testing.assert_array_equal(trace.spikes(sample, number), train[sample])


if __name__ == "__main__":
    unittest.main()
