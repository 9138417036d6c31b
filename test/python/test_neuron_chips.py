# SPDX-License-Identifier: MIT
"""Every neuron model of the trace format on packet chips, against the equations in numpy: random networks whose layers
mix the models, spread over cores or not; and what a graph must say about its neurons."""
import subprocess
import sys
import unittest

import numpy as np

from simulator import MNIST, ROOT, ChipTest, call
import snn_reference
import spk

SAMPLES = 3
WIDE = ["--set", "chip.core.potential_bits=31"]
SMALL = WIDE + ["--set", "chip.core.partial_sums=true", "--set", "chip.core.axons=32", "--set", "chip.core.neurons=32",
                "--set", "chip.rows=16", "--set", "chip.cols=16", "--set", "chip.networks[0].network.size=16x16"]


def parameters(model, random, grid, window):
    """Attributes of a layer of this model."""
    if model == "lif":
        return {"decay": int(random.integers(0, 2000)), "leak": int(random.integers(0, 5))}
    if model == "channel_if":
        count = grid[0] if random.random() < 0.5 else int(np.prod(grid))
        return {"thresholds": [int(t) for t in random.integers(5, 60, count)]}
    if model == "ssf":
        return {"window": window, "slack": int(random.integers(0, 2))}
    if model == "ttfs":
        return {"levels": window}
    if model == "masked_ttfs":
        return {"levels": window, "silent": int(random.integers(0, window + 1)), "dead_zone": int(random.integers(0, 2))}
    if model == "shift_lif":
        return {"shifts": int(random.integers(0, 5)), "decay": int(random.integers(0, 1000))}
    return {}


def network(models, random):
    """(layers, spikes of the input) of a network with these models, one a layer."""
    window, coded = int(random.integers(2, 7)), models[0] in ("ttfs", "masked_ttfs")
    grid = [int(side) for side in random.integers(1, 6, 3)]
    inputs = int(np.prod(grid))
    attributes = {"shape": grid, **({"levels": window} if coded else {})}
    if models[0] == "masked_ttfs":
        attributes["silent"] = int(random.integers(0, window + 1))
    layers = [spk.Layer("in", "input", inputs, attributes=attributes or None)]
    for number, model in enumerate(models):
        grid = [int(random.integers(1, 5)), int(random.integers(4, 15)), 1]
        neurons = int(np.prod(grid))
        before = layers[-1].neurons
        layers.append(spk.Layer(f"l{number}", "dense", neurons, [number], model, str(random.choice(["soft", "hard"])),
                                int(random.integers(5, 40)), 5, {"shape": grid, **parameters(model, random, grid, window)},
                                random.integers(-12, 16, (before, neurons)).astype(np.int8)))
    timesteps = window * (len(models) + 1)
    if coded:
        trains = np.zeros((SAMPLES, timesteps, inputs), bool)
        for sample, neuron in np.ndindex(SAMPLES, inputs):
            if random.random() < 0.7:
                trains[sample, random.integers(0, window), neuron] = True
    else:
        trains = random.random((SAMPLES, timesteps, inputs)) < 0.2
    return layers, trains


class NeuronChips(ChipTest):
    def setUp(self):
        super().setUp()
        self.trace = self.folder / "net.spk"

    def call_chip(self, config, *options):
        return super().call_chip(config, "--set", "chip.spikes_per_packet=1", *options)

    def compare(self, models, seed):
        """The chips' output counts, and that there were any spikes."""
        layers, trains = network(models, np.random.default_rng(seed))
        spk.write(self.trace, trains.shape[1], layers, [(None, {0: train}) for train in trains])
        expected = snn_reference.run(layers, {0: trains})
        counts = snn_reference.outputs(layers, expected)
        for config, options in (("digital-mesh.yaml", WIDE), ("digital-mesh.yaml", SMALL), ("loihi.yaml", WIDE)):
            self.run_chip(config, *options)
            got = np.zeros_like(counts)
            for sample, neuron, count in self.query("SELECT sample, neuron, count FROM output"):
                got[sample, neuron] = count
            np.testing.assert_array_equal(got, counts, f"{models} seed {seed} {config} {options}")
        return int(counts.sum())

    def test_every_model_alone(self):
        for model in ("lif", "channel_if", "ssf", "ttfs", "masked_ttfs", "shift_lif"):
            with self.subTest(model=model):
                self.assertGreater(sum(self.compare([model, model], seed) for seed in range(5)), 0)

    def test_models_mix(self):
        for seed, models in enumerate((["shift_lif", "if", "lif"], ["ssf", "channel_if"], ["ttfs", "masked_ttfs", "if"],
                                       ["lif", "shift_lif", "ssf"], ["if", "if", "shift_lif"])):
            with self.subTest(models=models):
                self.assertGreater(self.compare(models, 100 + seed), 0)

    def test_digital_neurons_give_the_levels_of_window_units(self):
        # The same network as spikes of neuron 'ttfs' on digital cores, and as windows of optoelectronic cores.
        subprocess.run([sys.executable, ROOT / "scripts/time_code.py", MNIST, self.trace, "--samples", "40"], check=True)
        outputs = []
        for config, trace in (("digital-mesh.yaml", self.trace), ("otters-mesh.yaml", MNIST)):
            self.trace = trace
            self.run_chip(config, "-n", "40")
            outputs.append(self.query("SELECT sample, neuron, count FROM output ORDER BY 1, 2"))
        self.assertEqual(outputs[0], outputs[1])
        self.assertGreater(max(count for _, _, count in outputs[0]), 10)

    def test_crossbars_take_all_but_heights(self):
        layers, trains = network(["lif", "channel_if"], np.random.default_rng(7))
        spk.write(self.trace, trains.shape[1], layers, [(None, {0: train}) for train in trains])
        counts = snn_reference.run(layers, {0: trains})[2].sum(1)
        self.run_chip("crossbar-mesh.yaml", "--set", "chip.periphery.potential_bits=31")
        self.assertEqual(self.query("SELECT total(count) FROM output"), [(counts.sum(),)])
        self.database.unlink()
        layers, trains = network(["shift_lif", "if"], np.random.default_rng(7))
        layers[1].attributes["shifts"] = 2
        spk.write(self.trace, trains.shape[1], layers, [(None, {0: train}) for train in trains])
        self.refused("crossbar-mesh.yaml", "cannot weigh the spikes of height 2^-k of layer 1")

    def test_wrong_parameters_are_located_errors(self):
        for neuron, attributes, message in (
                ("shift_lif", {}, "neuron 'shift_lif' needs attribute 'shifts'"),
                ("shift_lif", {"shifts": 31}, "has a wrong attribute 'shifts', an integer from 0 to 30"),
                ("lif", {"decay": 5000}, "attribute 'decay'"),
                ("ssf", {"window": 0}, "attribute 'window'"),
                ("ttfs", {}, "needs attribute 'levels'"),
                ("ttfs", {"levels": 256}, "attribute 'levels'"),
                ("ttfs", {"levels": 9}, "its spikes have 9 levels and those of operand 0 have 4"),
                ("masked_ttfs", {"levels": 4, "silent": 5}, "silent level 5"),
                ("channel_if", {"thresholds": [1, 2]}, "a list of integers from 1 on"),
                ("channel_if", {"thresholds": [1, 2, 0]}, "a list of integers from 1 on"),
                ("izhikevich", {}, "unknown neuron 'izhikevich'")):
            with self.subTest(neuron=neuron, attributes=attributes):
                layers = [spk.Layer("in", "input", 4, attributes={"levels": 4}),
                          spk.Layer("out", "dense", 3, [0], neuron, "soft", 3, 5, attributes or None,
                                    np.ones((4, 3), np.int8))]
                spk.write(self.trace, 4, layers, [(None, {})])
                done = call("trace", "check", self.trace)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(message, done.stderr)
                self.assertIn("layer(1", done.stderr)


if __name__ == "__main__":
    unittest.main()
