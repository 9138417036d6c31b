# SPDX-License-Identifier: MIT
"""The vectorised reference against plain Python loops over neurons, and its replay traces."""
import csv
import io
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

NOCSIM = Path(os.environ.get("NOCSIM", ROOT / "build" / "release" / "nocsim"))


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


def naive_sum(layers, number, trains, neuron):
    """What the operands of a layer add to one neuron in a timestep, place by place."""
    layer, total, first = layers[number], 0, 0
    attributes = layer.attributes or {}
    outs = spk.shape(layers, number)
    c, r, k = (int(i) for i in np.unravel_index(neuron, outs))
    for source, how in zip(layer.sources, [{**attributes, "kind": layer.kind}, *attributes.get("shortcuts", [])]):
        ins = spk.shape(layers, source)
        spikes = np.array(trains[source]).reshape(ins)
        if how["kind"] == "dense":
            total += sum(int(layer.weights[first + a, neuron]) for a in np.flatnonzero(spikes))
            first += spikes.size
            continue
        conv = how["kind"] == "conv"
        kernel, stride, padding = spk.window(how, how["kind"])
        inner = ins[0] // how.get("groups", 1) if conv else 1
        group = c // (how["channels"] // how.get("groups", 1)) if conv else c
        for i, y, x in np.ndindex(inner, *kernel):
            channel, row, col = group * inner + i, r * stride[0] + y - padding[0], k * stride[1] + x - padding[1]
            if channel < ins[0] and 0 <= row < ins[1] and 0 <= col < ins[2] and spikes[channel, row, col]:
                total += int(layer.weights[first + (i * kernel[0] + y) * kernel[1] + x, c]) if conv \
                    else how.get("scale", 1)
        first += inner * kernel[0] * kernel[1] if conv else 0
    return total


def random_windows(random):
    """A small residual network: convolutions with strides and groups, all kinds of pooling, and shortcuts."""
    def kernel(channels, inner, side):
        return random.randint(-8, 8, (channels, inner, side, side))
    layers = [spk.Layer("in", "input", 2 * 7 * 6, attributes={"shape": [2, 7, 6]})]
    first = spk.add_layer(layers, "conv", "conv", 0, 6, channels=4, kernel=3, padding=1, weights=kernel(4, 2, 3),
                          stride=int(random.randint(1, 3)))
    second = spk.add_layer(layers, "groups", "conv", first, 5, channels=6, kernel=[2, 1], groups=2,
                           weights=random.randint(-8, 8, (6, 2, 2, 1)), reset="hard")
    pool = spk.add_layer(layers, "max", "maxpool", second, 1, kernel=2, stride=1, reset="hard")
    block = spk.add_layer(layers, "block", "conv", pool, 7, channels=8, kernel=3, padding=1, weights=[
        kernel(8, 6, 3), kernel(8, 6, 1)], shortcuts=[
            (pool, {"kind": "identity", "channels": 8, "scale": int(random.randint(-3, 8))}),
            (pool, {"kind": "conv", "channels": 8, "kernel": 1})])
    mean = spk.add_layer(layers, "mean", "avgpool", block, 4, kernel=2, stride=1, padding=1, scale=2)
    spk.add_layer(layers, "sum", "identity", mean, 2, shortcuts=[(mean, {"kind": "identity", "scale": -1})])
    spk.add_layer(layers, "out", "dense", mean, 9, weights=random.randint(-8, 8, (layers[mean].neurons, 5)))
    return layers


class Reference(unittest.TestCase):
    def test_windows_equal_plain_loops(self):
        for seed in range(12):
            with self.subTest(seed=seed):
                random = np.random.RandomState(seed)
                layers, timesteps = random_windows(random), 4
                inputs = {0: random.uniform(size=(2, timesteps, layers[0].neurons)) < 0.4}
                trains = snn_reference.run(layers, inputs)
                potential = [np.zeros(layer.neurons, int) for layer in layers]
                for timestep in range(timesteps):
                    now = {0: inputs[0][1, timestep]}
                    for number, layer in enumerate(layers[1:], 1):
                        v = potential[number] + [naive_sum(layers, number, now, n) for n in range(layer.neurons)]
                        now[number] = v >= layer.threshold
                        reset = v - layer.threshold if layer.reset == "soft" else 0
                        potential[number] = np.where(now[number], reset, v)
                        np.testing.assert_array_equal(trains[number][1, timestep], now[number])

    def test_the_simulator_accepts_windows(self):
        layers = random_windows(np.random.RandomState(3))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "windows.spk"
            spk.write(path, 2, layers, [(1, {0: np.ones((2, layers[0].neurons), bool)})])
            run = subprocess.run([NOCSIM, "trace", "check", path], capture_output=True, text=True)
            self.assertEqual((run.returncode, run.stderr), (0, ""))
            with spk.Trace(path) as trace:
                for made, read in zip(layers, trace.layers):
                    self.assertEqual(made.attributes, read.attributes)
                    if made.weights is not None:
                        np.testing.assert_array_equal(made.weights, read.weights)

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
