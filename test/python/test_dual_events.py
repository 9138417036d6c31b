# SPDX-License-Identifier: MIT
"""Events of a small convolutional network on a dual chip, counted by hand, and operands that wait for each other.

The counts follow from the graph, the reference's spikes and the places of the cores alone.
"""
import json
import sqlite3
import subprocess
import tempfile
import unittest
from pathlib import Path

import numpy as np

from test_dual_layers import ARCH, NOCSIM, levels, snn_reference, spk
from test_layers import conv, kernel

SAMPLES, TIMESTEPS = 2, 7
CUTS = [(), ("chip.core.axons=64",), ("chip.core.neurons=24", "chip.cores_per_tile=3"),
        ("chip.core.axons=40", "chip.core.neurons=10", "chip.cores_per_tile=7", "chip.delivery=core"),
        ("chip.movement=dense", "chip.core.frame_reads=window"),
        ("chip.movement=sparse", "chip.core.event_reads=window", "chip.buffer_streams=1", "chip.core.axons=100")]


def draw(layers, samples, timesteps, seed, rate=0.3):
    random = np.random.RandomState(seed)
    return {number: random.uniform(size=(samples, timesteps, layer.neurons)) < rate
            for number, layer in enumerate(layers) if layer.kind == "input"}


@unittest.skipUnless(NOCSIM.exists(), f"{NOCSIM} is not built")
class Chip(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def call(self, layers, trains, *options, settings=(), command=(), code=0):
        """Runs a network; what was printed."""
        trace = self.folder / "network.spk"
        samples, timesteps, _ = next(iter(trains.values())).shape
        spk.write(trace, timesteps, layers,
                  [(None, {number: train[sample] for number, train in trains.items()}) for sample in range(samples)])
        sets = [word for setting in settings for word in ("--set", setting)]
        done = subprocess.run([NOCSIM, *command, "--arch", ARCH, "--trace", trace, *options, *sets], capture_output=True,
                              text=True)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout if code == 0 else done.stderr

    def outputs(self, layers, trains, *options, settings=()):
        database = self.folder / "run.db"
        self.call(layers, trains, "-o", database, "--force", *options, settings=settings)
        found = np.zeros((next(iter(trains.values())).shape[0], layers[-1].neurons), int)
        with sqlite3.connect(database) as base:
            for sample, neuron, count in base.execute("SELECT sample, neuron, count FROM output"):
                found[sample, neuron] = count
        return found

    def totals(self):
        with sqlite3.connect(self.folder / "run.db") as base:
            return dict(base.execute("SELECT type || '.' || event, sum(count) FROM energy_by_kind GROUP BY 1"))


class Waiting(Chip):
    def check(self, layers, trains, settings):
        spikes = snn_reference.run(layers, trains)[len(layers) - 1].sum(1)
        level = levels(layers, {number: train.sum(1) for number, train in trains.items()})[len(layers) - 1]
        np.testing.assert_array_equal(self.outputs(layers, trains, "--as", "snn", settings=settings), spikes)
        np.testing.assert_array_equal(self.outputs(layers, trains, "--as", "qnn", settings=settings), level)
        np.testing.assert_array_equal(
            self.outputs(layers, trains, settings=(*settings, "chip.core.neuron=ssf")), level)
        self.assertGreater(min(spikes.sum(), level.sum()), 0)

    def test_operands_that_wait(self):
        """A shortcut past several layers, from the input and between two inputs, and one layer read twice."""
        random = np.random.RandomState(7)
        layers = [spk.Layer("left", "input", 2 * 64, attributes={"shape": [2, 8, 8]}),
                  spk.Layer("right", "input", 2 * 64, attributes={"shape": [2, 8, 8]})]
        last = spk.add_layer(layers, "first", "identity", 0, 2, shortcuts=[(1, {"kind": "identity"}),
                                                                           (0, {"kind": "identity", "scale": -1})])
        for depth in range(5):
            last = conv(random, layers, last, 2, 3, padding=1)
        last = conv(random, layers, last, 2, 3, padding=1, shortcuts=[
            (0, {"kind": "identity", "scale": 9}), (3, {"kind": "identity", "scale": 3}),
            (1, {"kind": "conv", "channels": 2, "kernel": 1})])
        spk.add_layer(layers, "out", "dense", last, 20, weights=kernel(random, 128, 11))
        for settings in CUTS:
            with self.subTest(settings=settings):
                self.check(layers, draw(layers, SAMPLES, TIMESTEPS, 1), settings)

    def test_feature_maps_as_outputs(self):
        """Each layer in turn is the output."""
        random = np.random.RandomState(36)
        layers = [spk.Layer("in", "input", 2 * 63, attributes={"shape": [2, 9, 7]})]
        conv(random, layers, 0, 6, 3, padding=1, stride=2)
        conv(random, layers, 1, 8, [3, 1], padding=[1, 0], groups=2)
        spk.add_layer(layers, "mean", "avgpool", 2, 2, kernel=2)
        trains = draw(layers, SAMPLES, TIMESTEPS, 2)
        for last in (1, 2, 3):
            for settings in CUTS[:4]:
                with self.subTest(last=last, settings=settings):
                    self.check(layers[:last + 1], trains, settings)


class ByHand(Chip):
    """Counts of events from the graph, the reference's spikes and the places of the cores alone."""

    SETTINGS = "chip.core.neurons=16", "chip.core.weight_bits=6", "chip.event_bits=3"

    def setUp(self):
        super().setUp()
        random = np.random.RandomState(3)
        self.layers = [spk.Layer("in", "input", 2 * 36, attributes={"shape": [2, 6, 6]})]
        first = conv(random, self.layers, 0, 4, 3, padding=1)
        pool = spk.add_layer(self.layers, "pool", "avgpool", first, 4, kernel=2)
        last = conv(random, self.layers, pool, 4, 3, padding=1,
                    shortcuts=[(pool, {"kind": "identity", "scale": 4})])
        spk.add_layer(self.layers, "out", "dense", last, 10, weights=kernel(random, 36, 5))
        self.trains = draw(self.layers, SAMPLES, TIMESTEPS, 4)
        self.cores = json.loads(self.call(self.layers, self.trains, "--format", "json", settings=self.SETTINGS,
                                          command=["map"]))["cores"]

    def tiles(self, number):
        """Row and column of the tile of each neuron, neurons x 2; inputs come from the host at [0][0]."""
        grid = np.zeros((*spk.shape(self.layers, number), 2), int)
        for core in self.cores:
            if core["layer"] == number:
                (channel, row, col), (channels, rows, cols) = core["span"]["at"], core["span"]["size"]
                self.assertEqual(core["span"]["count"], channels * rows * cols)
                grid[channel:channel + channels, row:row + rows, col:col + cols] = core["row"], core["col"]
        return grid.reshape(-1, 2)

    def edges(self):
        """(source, synapses [axon][neuron], whether they have weights, hops [axon][neuron]) of all operands."""
        for number, layer in enumerate(self.layers):
            if layer.kind == "input":
                continue
            row = 0
            for source, shape, kind, description in snn_reference.operands(self.layers, number):
                rows = snn_reference.weight_rows(kind, shape, description)
                ones = np.ones((rows, layer.weights.shape[1]), np.float32) if rows else np.zeros((0, 0))
                row += rows
                axons = np.eye(self.layers[source].neurons, dtype=bool)
                reach = snn_reference.operand_sum(axons, shape, kind, {**description, "scale": 1}, ones, None)
                distance = np.abs(self.tiles(source)[:, None] - self.tiles(number)[None]).sum(2)
                yield source, reach.reshape(len(axons), -1).astype(int), rows > 0, distance

    def outward(self):
        """Hops from each output neuron to the host."""
        return self.tiles(len(self.layers) - 1).sum(1)

    def run_as(self, *options):
        self.outputs(self.layers, self.trains, *options, settings=self.SETTINGS)
        totals = self.totals()
        return lambda name: totals.get(name, 0)

    def test_spikes(self):
        spikes = {number: train.sum(1).sum(0) for number, train in
                  snn_reference.run(self.layers, self.trains).items()}
        added = read = hops = 0
        for source, reach, weighted, distance in self.edges():
            added += spikes[source] @ reach.sum(1)
            read += 6 * (spikes[source] @ reach.sum(1)) if weighted else 0
            hops += 3 * (spikes[source] @ (reach * distance).sum(1))
        hops += 3 * spikes[len(self.layers) - 1] @ self.outward()
        neurons = sum(layer.neurons for layer in self.layers[1:])
        self.SETTINGS += "chip.movement=sparse",
        count = self.run_as()
        self.assertEqual(count("arch.dual_core.accumulate"), added)
        self.assertEqual(count("arch.dual_core.sram_bits"), read)
        self.assertEqual(count("noc.event_router.hop_bits"), hops)
        self.assertEqual(count("arch.dual_core.potential_read"), SAMPLES * TIMESTEPS * neurons)
        self.assertEqual(count("arch.dual_core.fire"), sum(spikes[number].sum() for number in range(1, 5)))
        self.assertGreater(min(added, read, hops), 1000)

    def test_levels(self):
        level = levels(self.layers, {0: self.trains[0].sum(1)})
        products = additions = gated = read = hops = 0
        for source, reach, weighted, distance in self.edges():
            active = ((level[source] > 0) @ reach.sum(1)).sum()
            if weighted:
                products += active
                gated += 2 * reach.sum() - active
                read += 2 * 6 * reach.sum()
            else:
                additions += active
            hops += 2 * 3 * (reach * distance).sum()
        hops += 2 * 3 * self.outward().sum()
        count = self.run_as("--as", "qnn")
        self.assertEqual(count("arch.dual_core.mac_bits"), 3 * 6 * products)
        self.assertEqual(count("arch.dual_core.gated"), gated)
        self.assertEqual(count("arch.dual_core.accumulate"), additions)
        self.assertEqual(count("arch.dual_core.sram_bits"), read)
        self.assertEqual(count("noc.frame_router.hop_bits"), hops)
        self.assertEqual(count("arch.dual_core.compare"), 2 * 3 * sum(layer.neurons for layer in self.layers[1:]))
        self.assertGreater(min(products, gated), 100)
        self.assertGreater(additions, 0)


if __name__ == "__main__":
    unittest.main()
