# SPDX-License-Identifier: MIT
"""Max pooling on every kind of chip that computes it, against the integer reference in numpy; what it costs a Shenjing
chip, in the map and in events; replay; engines; and what is refused.

A pooling neuron spikes in a timestep when any of its window does.  A tile cannot clear a potential, so its neurons go
on firing from a sum of 0 until they are empty: each spike of a window is one set spike register.
"""
import json
import subprocess
import sys
import unittest

import numpy as np

from simulator import ROOT, ChipTest, nocsim
import snn_reference
import spk
from test_layers import conv, kernel

SAMPLES, TIMESTEPS = 2, 6
TILES = ["--set", "chip.rows=24", "--set", "chip.cols=24"]


def pool(layers, source, **window):
    return spk.add_layer(layers, f"max{len(layers)}", "maxpool", source, 1, reset="hard", **window)


def one_pool(shape, **window):
    layers = [spk.Layer("in", "input", int(np.prod(shape)), attributes={"shape": list(shape)})]
    pool(layers, 0, **window)
    return layers


def network(seed):
    """Convolution, pooling whose windows overlap and hang over the edge, convolution, pooling, dense."""
    random = np.random.RandomState(seed)
    layers = [spk.Layer("in", "input", 2 * 17 * 15, attributes={"shape": [2, 17, 15]})]
    last = conv(random, layers, 0, 6, 3, padding=1)
    last = pool(layers, last, kernel=3, stride=2, padding=1)
    last = conv(random, layers, last, 8, 3, groups=2)
    last = pool(layers, last, kernel=[2, 3])
    spk.add_layer(layers, "out", "dense", last, 12, weights=kernel(random, layers[last].neurons, 10))
    return layers


class MaxPooling(ChipTest):
    def write(self, layers, seed=0, rate=0.2, recorded=(), quiet_end=False):
        """Writes the trace; the spikes of every layer by the reference."""
        random = np.random.RandomState(seed)
        inputs = random.uniform(size=(SAMPLES, TIMESTEPS, layers[0].neurons)) < rate
        inputs[:, -1] &= not quiet_end
        trains = snn_reference.run(layers, {0: inputs})
        self.trace = self.folder / "network.spk"
        spk.write(self.trace, TIMESTEPS, layers,
                  [(None, {number: trains[number][sample] for number in (0, *recorded)}) for sample in range(SAMPLES)])
        return trains

    def assert_counts(self, train):
        found = np.zeros((len(train), train.shape[2]), int)
        for sample, neuron, count in self.query("SELECT sample, neuron, count FROM output"):
            found[sample, neuron] = count
        np.testing.assert_array_equal(found, train.sum(1))

    def test_every_chip_counts_as_the_reference(self):
        partial = ["--set", "chip.core.partial_sums=true"]
        chips = [("shenjing.yaml", TILES), ("shenjing-chip.yaml", ["--set", "chip.split=channel"]),
                 ("shenjing-8-chips.yaml", []),
                 ("shenjing-8-chips.yaml", ["--set", "chip.chip_rows=2", "--set", "chip.chip_cols=3"]),
                 ("loihi.yaml", partial), ("loihi.yaml", ["--set", "chip.core.synapses=convolutional"]),
                 ("truenorth.yaml", ["--set", "chip.core.weight_bits=5"]), ("digital-mesh.yaml", []),
                 ("multiplex-mesh.yaml", []), ("snn-qnn.yaml", ["--set", "chip.grow=true"]),
                 ("crossbar-mesh.yaml", ["--set", "chip.rows=8", "--set", "chip.cols=8"])]
        for seed, (chip, options) in enumerate(chips):
            with self.subTest(chip=chip, options=options):
                layers = network(seed)
                train = self.write(layers, seed)[len(layers) - 1]
                self.assertGreater(train.sum(), 20)
                self.run_chip(chip, *options)
                self.assert_counts(train)

    def test_each_spike_of_a_window_is_fired_once(self):
        """On one core, and on a chain of cores; the spike registers that are set, and the neurons evaluated for
        the whole drain."""
        for shape, window in (((2, 9, 10), {"kernel": 3, "stride": 2, "padding": 1}), ((1, 20, 20), {"kernel": 20})):
            with self.subTest(shape=shape):
                layers = one_pool(shape, **window)
                trains = self.write(layers, 3, 0.3, quiet_end=True)  # a sample ends with its last output
                self.run_chip("shenjing.yaml")
                self.assert_counts(trains[1])
                events = self.totals()
                spikes = trains[0].reshape(-1, *shape)
                inputs = snn_reference.pool(spikes, {**window, "kind": "avgpool"}, "avgpool")
                self.assertEqual(events["arch.shenjing_tile.fire"], inputs.sum())
                self.assertGreater(inputs.sum(), trains[1].sum())
                period = self.map()["cycles_per_timestep"]
                planes, = {tile["spike_planes"] for tile in self.map()["tiles"] if tile["fires"]}
                drain = window["kernel"] ** 2 - 1
                least = SAMPLES * TIMESTEPS * (1 + drain) * planes
                self.assertGreaterEqual(events["arch.shenjing_tile.spike_eval_planes"], least - drain * planes * SAMPLES)
                self.assertLess(events["arch.shenjing_tile.spike_eval_planes"], least * 1.6)
                self.assertGreaterEqual(period, drain + 3)

    def map(self, *options):
        return json.loads(nocsim("map", "--arch", ROOT / "configs/shenjing.yaml", "--trace", self.trace, "--format",
                                 "json", *options).stdout)

    def test_the_map_shows_the_drain(self):
        self.write(network(1))
        plan = self.map(*TILES)
        self.assertEqual({(group["layer"], group["drain"]) for group in plan["groups"]},
                         {(1, 0), (2, 8), (3, 0), (4, 5), (5, 0)})
        programs = {}
        for tile in plan["tiles"]:
            if tile.get("fires") and tile["layer"] in (2, 4):
                programs.setdefault(tile["layer"], []).append([word for word in tile["program"] if "fire" in word["text"]])
        for layer, drain in ((2, 8), (4, 5)):
            for fires in programs[layer]:
                self.assertEqual(len(fires), 2)
                self.assertIn("fire sum", fires[1]["text"] if fires[1]["offset"] > fires[0]["offset"] else fires[0]["text"])
        text = nocsim("map", "--arch", ROOT / "configs/shenjing.yaml", "--trace", self.trace, *TILES).stdout
        self.assertIn("drain", text)

    def test_engines_and_orders_agree(self):
        self.write(network(2), 2)
        hashes = set()
        for options in ((), ("--order", "shuffled", "--seed", "3"), ("--engine", "systemc")):
            hashes.add(self.run_chip("shenjing.yaml", *TILES, *options)["hash"])
        self.assertEqual(len(hashes), 1)

    def test_replay_fires_what_is_recorded_and_drains_the_rest(self):
        """With weights and without: the outputs are the recorded ones, and pools fire each spike of their windows."""
        for weights in (True, False):
            with self.subTest(weights=weights):
                layers = network(5)
                everything = range(1, len(layers))
                trains = self.write(layers, 5, recorded=everything)
                if not weights:
                    for layer in layers:
                        layer.weights = None
                        if layer.kind == "maxpool":
                            layer.neuron = layer.reset = layer.threshold = layer.weight_bits = None
                    spk.write(self.trace, TIMESTEPS, layers,
                              [(None, {number: trains[number][sample] for number in range(len(layers))})
                               for sample in range(SAMPLES)])
                self.run_chip("shenjing.yaml", *TILES, *(["--replay"] if weights else []))
                self.assert_counts(trains[len(layers) - 1])
                fires = 0
                for number, layer in enumerate(layers[1:], 1):
                    if layer.kind == "maxpool":
                        spikes = trains[number - 1].reshape(-1, *spk.shape(layers, number - 1))
                        fires += snn_reference.pool(spikes, layer.attributes, "maxpool").sum()
                    else:
                        fires += trains[number].sum()
                self.assertEqual(self.totals()["arch.shenjing_tile.fire"], fires)

    def test_a_real_network_with_its_pooling_replaced(self):
        self.trace = self.folder / "max.spk"
        subprocess.run([sys.executable, ROOT / "scripts/max_pooling.py", ROOT / "workloads/mnist-cnn.spk", self.trace],
                       check=True)
        with spk.Trace(self.trace) as trace:
            layers, labels = trace.layers, trace.labels[:4]
            train = snn_reference.run_trace(trace, range(4))[len(layers) - 1]
        self.assertEqual([layer.kind for layer in layers].count("maxpool"), 2)
        self.assertEqual(list(train.sum(1).argmax(1)), labels)
        for chip in ("shenjing-chip.yaml", "loihi.yaml"):
            self.run_chip(chip, "-n", "4", *(["--set", "chip.core.partial_sums=true"] if chip == "loihi.yaml" else []))
            self.assert_counts(train)

    def test_what_is_refused_says_where_and_why(self):
        self.write(one_pool((1, 70, 70), kernel=64))
        self.refused("shenjing.yaml", "layer 1 'max1': after each timestep a neuron that pools 4096 inputs fires 4095",
                     *TILES)
        self.write(one_pool((1, 16, 16), kernel=16))
        self.refused("shenjing.yaml", "no conflict-free schedule of 200 cycles a timestep (at least 258",
                     "--set", "chip.period=200")
        self.refused("snn-qnn.yaml", "layer 1 'max1': max pooling is the OR of spikes in a timestep, whose counts are no "
                     "function of levels (as qnn)", "--as", "qnn")
        layers = one_pool((1, 4, 4), kernel=2)
        layers[1].attributes["scale"] = 2
        self.write(layers)
        self.refused("shenjing.yaml", "layer(1 'max1'): kind 'maxpool' has no attribute 'scale'")


if __name__ == "__main__":
    unittest.main()
