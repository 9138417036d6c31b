# SPDX-License-Identifier: MIT
"""Convolutional, pooling and residual networks on the chip that runs them as spikes and as quantised activations.

Random small networks over seeds, on cores of random sizes: as SNN every output count equals the integer reference, as
QNN every level equals clip(floor(sum / threshold), 0, T) layer by layer, and sum and fire gives those levels, too. The
weights that are stored and read are those of the windows, edges and strides included; pooling and identity have none.
"""
import os
import sqlite3
import subprocess
import tempfile
import unittest
from pathlib import Path

import numpy as np

import test_layers
from test_layers import NOCSIM, ROOT, random_network, snn_reference, spk

ARCH = ROOT / "configs" / "snn-qnn.yaml"
TIMESTEPS, SAMPLES = 7, 2


def levels(layers, counts):
    """The quantised network from its definition: samples x neurons of every layer, from those of the inputs."""
    known = dict(counts)
    for number in range(len(layers)):
        if layers[number].kind == "input":
            continue
        weights = layers[number].weights
        weights = np.zeros((0, 0), np.float32) if weights is None else weights.astype(np.float32)
        totals = snn_reference.sums(layers, number, {k: v[:, None] for k, v in known.items()}, 0, weights, None, {})
        known[number] = np.clip(totals // layers[number].threshold, 0, TIMESTEPS)
    return known


def synapses(layers, number):
    """How many synapses each neuron of the operands of a layer has, by counting with weights of one."""
    counted = []
    for _, shape, kind, description in snn_reference.operands(layers, number):
        size = int(np.prod(shape))
        rows = snn_reference.weight_rows(kind, shape, description)
        ones = np.ones((rows, layers[number].neurons if kind == "dense" else description.get("channels", 0)))
        description = {**description, "scale": 1}
        unit = np.eye(size, dtype=np.float32)
        found = snn_reference.operand_sum(unit, shape, kind, description, ones, None)
        counted.append(found.reshape(size, -1).sum(1))
    return counted


def chip(seed):
    """Settings of a chip of random cores that any of the networks fits on."""
    random = np.random.RandomState(seed)
    pick = {"core.axons": random.randint(200, 2000), "core.neurons": random.randint(20, 100),
            "cores_per_tile": random.randint(1, 5), "movement": ["sparse", "dense", "auto"][random.randint(3)],
            "delivery": ["neuron", "core"][random.randint(2)],
            "core.event_reads": ["spike", "row", "window"][random.randint(3)],
            "core.frame_reads": ["step", "window"][random.randint(2)], "grow": "true"}
    return [f"chip.{key}={value}" for key, value in pick.items()]


@unittest.skipUnless("NOCSIM" in os.environ or NOCSIM.exists(), f"{NOCSIM} is not built")
class Networks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.trace = Path(folder.name) / "net.spk"
        self.database = Path(folder.name) / "run.db"

    def make(self, seed, kinds=6):
        layers = random_network(seed, kinds=kinds)
        trains = np.random.RandomState(seed).uniform(size=(SAMPLES, TIMESTEPS, layers[0].neurons)) < 0.3
        spk.write(self.trace, TIMESTEPS, layers, [(None, {0: train}) for train in trains])
        return layers, trains

    def check(self, expected, *settings, way="snn"):
        command = [NOCSIM, "--arch", ARCH, "--trace", self.trace, "--as", way, "-q", "-o", self.database, "--force"]
        for setting in settings:
            command += ["--set", setting]
        done = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, f"{settings} {done.stderr}")
        found = np.zeros_like(expected)
        with sqlite3.connect(self.database) as base:
            for sample, neuron, count in base.execute("SELECT sample, neuron, count FROM output"):
                found[sample, neuron] = count
            events = base.execute("SELECT type || '.' || event, sum(count) FROM energy_by_kind GROUP BY 1").fetchall()
        np.testing.assert_array_equal(found, expected, f"{way} {settings}")
        return dict(events)

    def test_random_networks_either_way(self):
        for seed in range(15):
            with self.subTest(seed=seed):
                layers, trains = self.make(seed)
                spikes = snn_reference.run(layers, {0: trains})[len(layers) - 1].sum(1)
                quantised = levels(layers, {0: trains.sum(1)})[len(layers) - 1]
                settings = chip(seed)
                self.check(spikes, *settings)
                self.check(quantised, *settings, way="qnn")
                self.check(quantised, *settings, "chip.core.neuron=ssf")

    def test_max_pooling_as_spikes(self):
        pools = 0
        for seed in (301, 304, 308, 309, 322, 324):
            with self.subTest(seed=seed):
                layers, trains = self.make(seed, kinds=7)
                spiking = snn_reference.run(layers, {0: trains})
                pools += sum(layer.kind == "maxpool" for layer in layers)
                events = self.check(spiking[len(layers) - 1].sum(1), *chip(seed))
                self.assertEqual(events["arch.dual_core.fire"], sum(int(spiking[n].sum()) for n in range(1, len(layers))))
        self.assertEqual(pools, 7)

    def test_every_weight_is_read_once_an_inference(self):
        for seed in range(6):
            with self.subTest(seed=seed):
                layers, trains = self.make(seed)
                events = self.check(levels(layers, {0: trains.sum(1)})[len(layers) - 1], "chip.grow=true", way="qnn")
                stored = sum(int(np.sum(of)) for number in range(1, len(layers)) for of, operand in
                             zip(synapses(layers, number), snn_reference.operands(layers, number))
                             if operand[2] in ("dense", "conv"))
                self.assertEqual(events["arch.dual_core.sram_bits"], SAMPLES * 8 * stored)

    def test_every_spike_adds_its_synapses(self):
        for seed in range(6):
            with self.subTest(seed=seed):
                layers, trains = self.make(seed)
                spiking = snn_reference.run(layers, {0: trains})
                events = self.check(spiking[len(layers) - 1].sum(1), "chip.grow=true")
                added = sum(int(spiking[source].sum((0, 1)) @ of) for number in range(1, len(layers))
                            for source, of in zip(layers[number].sources, synapses(layers, number)))
                self.assertEqual(events["arch.dual_core.accumulate"], added)

    def test_engines_and_orders_agree(self):
        layers, trains = self.make(4)
        spikes = snn_reference.run(layers, {0: trains})[len(layers) - 1].sum(1)
        hashes = set()
        for order in ["sparse", "dense", "shuffled"]:
            done = subprocess.run([NOCSIM, "--arch", ARCH, "--trace", self.trace, "--set", "chip.grow=true", "--order",
                                   order, "-o", self.database, "--force"], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            hashes.add(done.stdout.split("hash ")[1].split(")")[0])
        self.assertEqual(len(hashes), 1)
        self.assertGreater(spikes.sum(), 0)

    def refused(self, layers, *settings):
        trains = np.zeros((1, 2, layers[0].neurons), bool)
        spk.write(self.trace, 2, layers, [(None, {0: trains[0]})])
        command = [NOCSIM, "--arch", ARCH, "--trace", self.trace, "-o", "none"]
        for setting in settings:
            command += ["--set", setting]
        done = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        return done.stderr

    def test_what_is_not_mapped_says_why(self):
        layers = [spk.Layer("in", "input", 64, attributes={"shape": [1, 8, 8]})]
        spk.add_layer(layers, "max", "maxpool", 0, 1, kernel=2, reset="hard")
        self.assertIn("layer 1 'max': max pooling is the OR of spikes in a timestep, whose counts are no function of sums",
                      self.refused(layers, "chip.core.neuron=ssf"))
        layers = [spk.Layer("in", "input", 64, attributes={"shape": [1, 8, 8]})]
        spk.add_layer(layers, "sum", "identity", 0, 1, scale=10)
        self.assertIn("operand 0: a scale of 10 is no 4-bit weight", self.refused(layers, "chip.core.weight_bits=4"))

    def test_a_small_mesh_says_how_it_grows(self):
        layers, _ = self.make(0)
        small = ["chip.grow=false", "chip.rows=1", "chip.cols=1", "chip.core.neurons=20"]
        self.assertIn("chip.grow: true", self.refused(layers, *small))

    def test_the_map_tells_patches(self):
        self.make(0)
        cores = test_layers.tiles_of(ARCH, self.trace, "chip.grow=true")["cores"]
        layers = random_network(0, kinds=6)
        for number in range(1, len(layers)):
            self.assertEqual(sum(core["span"]["count"] for core in cores if core["layer"] == number and not
                                 core["partial"]), layers[number].neurons)


@unittest.skipUnless("NOCSIM" in os.environ or NOCSIM.exists(), f"{NOCSIM} is not built")
class Workload(unittest.TestCase):
    def test_trained_network(self):
        """Spikes of the shipped MNIST CNN, 5 images."""
        trace = ROOT / "workloads" / "mnist-cnn.spk"
        with spk.Trace(trace) as shipped:
            expected = snn_reference.outputs(shipped.layers, snn_reference.run(
                shipped.layers, snn_reference.inputs_of(shipped, range(5))))
        with tempfile.TemporaryDirectory() as folder:
            database = Path(folder) / "run.db"
            subprocess.run([NOCSIM, "--arch", ARCH, "--set", "chip.grow=true", "--trace", trace, "-n", "5", "-q", "-o",
                            database], check=True)
            found = np.zeros_like(expected)
            with sqlite3.connect(database) as base:
                for sample, neuron, count in base.execute("SELECT sample, neuron, count FROM output"):
                    found[sample, neuron] = count
        np.testing.assert_array_equal(found, expected)


if __name__ == "__main__":
    unittest.main()
