# SPDX-License-Identifier: MIT
"""Convolutional, pooling and residual networks on the chips: every output count equals the integer reference.

Random small networks over seeds on the Shenjing chip, on one chip and on several with links between them, and a
network of the shape of the published MNIST CNN.
"""
import json
import resource
import subprocess
import tempfile
import unittest
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from simulator import NOCSIM, ROOT, built, nocsim, query
import snn_reference
import spk

SHENJING = ROOT / "configs" / "shenjing.yaml"
SVG = "{http://www.w3.org/2000/svg}"


def kernel(random, *shape):
    return np.clip(np.rint(random.normal(0.5, 4, shape)), -16, 15).astype(int)


def conv(random, layers, source, channels, side, **more):
    inner = spk.shape(layers, source)[0] // more.get("groups", 1)
    weights = kernel(random, channels, inner, *spk.pair(side))
    for shortcut, how in more.get("shortcuts", []):
        if how["kind"] == "conv":
            weights = [weights] if not isinstance(weights, list) else weights
            weights.append(kernel(random, channels, spk.shape(layers, shortcut)[0], *spk.pair(how["kernel"])))
    return spk.add_layer(layers, f"conv{len(layers)}", "conv", source, int(random.randint(10, 40)), weights=weights,
                         channels=channels, kernel=side, **more)


def random_network(seed, step=4, kinds=7):
    """Two to four blocks of random kinds, then a dense layer; the first has `step` to 4 `step` channels. Kind 6, max
    pooling, has no quantised form."""
    random = np.random.RandomState(seed)
    shape = (int(random.randint(1, 4)), int(random.randint(9, 21)), int(random.randint(9, 21)))
    layers = [spk.Layer("in", "input", int(np.prod(shape)), attributes={"shape": list(shape)})]
    last = conv(random, layers, 0, step * int(random.randint(1, 5)), 3, padding=int(random.randint(2)),
                stride=int(random.randint(1, 3)))
    for _ in range(random.randint(1, 4)):
        channels, rows, cols = spk.shape(layers, last)
        block = random.randint(kinds)
        if block == 0 and min(rows, cols) > 3:
            last = spk.add_layer(layers, f"mean{len(layers)}", "avgpool", last, 4, kernel=2)
        elif block == 1:
            last = conv(random, layers, last, channels, [3, 1], padding=[1, 0], groups=2)
        elif block == 2:
            inner = conv(random, layers, last, channels, 3, padding=1)
            last = conv(random, layers, inner, channels, 3, padding=1,
                        shortcuts=[(last, {"kind": "identity", "scale": int(random.randint(5, 16))})])
        elif block == 3:
            inner = conv(random, layers, last, 2 * channels, 3, padding=1, stride=2)
            last = conv(random, layers, inner, 2 * channels, 3, padding=1, shortcuts=[
                (last, {"kind": "conv", "channels": 2 * channels, "kernel": 1, "stride": 2})])
        elif block == 4:
            inner = conv(random, layers, last, channels + 4, 3, padding=1, stride=2)
            last = spk.add_layer(layers, f"sum{len(layers)}", "identity", inner, 2, shortcuts=[
                (last, {"kind": "identity", "stride": 2, "channels": channels + 4})])
        elif block == 6 and min(rows, cols) > 3:
            last = spk.add_layer(layers, f"max{len(layers)}", "maxpool", last, 1, kernel=2, reset="hard")
        else:
            last = conv(random, layers, last, channels, 1)
    inputs = layers[last].neurons
    last = spk.add_layer(layers, "hidden", "dense", last, 25, weights=kernel(random, inputs, 40))
    spk.add_layer(layers, "out", "dense", last, 15, weights=kernel(random, 40, 10))
    return layers


def mnist_cnn(seed):
    """28 x 28 - 16 channels 3 x 3 - pool - 32 channels 3 x 3 - pool - 128 - 10: what fits the 705 cores of the
    published placement."""
    random = np.random.RandomState(seed)
    layers = [spk.Layer("in", "input", 784, attributes={"shape": [28, 28]})]
    last = conv(random, layers, 0, 16, 3, padding=1)
    last = spk.add_layer(layers, "pool1", "avgpool", last, 4, kernel=2)
    last = conv(random, layers, last, 32, 3, padding=1)
    last = spk.add_layer(layers, "pool2", "avgpool", last, 4, kernel=2)
    last = spk.add_layer(layers, "hidden", "dense", last, 40, weights=kernel(random, 1568, 128))
    spk.add_layer(layers, "out", "dense", last, 25, weights=kernel(random, 128, 10))
    return layers


def write(path, layers, samples, timesteps, seed, rate=0.3):
    random = np.random.RandomState(seed)
    trains = random.uniform(size=(samples, timesteps, layers[0].neurons)) < rate
    spk.write(path, timesteps, layers, [(None, {0: train}) for train in trains])
    return snn_reference.run(layers, {0: trains})[len(layers) - 1].sum(1)


def as_options(settings):
    return [word for setting in settings for word in ("--set", setting)]


def run(arch, trace, *settings):
    """Samples, output counts by (sample, neuron), and the summary."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "run.db"
        summary = json.loads(nocsim("--arch", arch, "--trace", trace, "-o", database, "--format", "json",
                                    *as_options(settings)).stdout)
        (samples,), = query(database, "SELECT count(*) FROM sample")
        rows = query(database, "SELECT sample, neuron, count FROM output")
    return samples, {(sample, neuron): count for sample, neuron, count in rows}, summary


def tiles_of(arch, trace, *settings):
    return json.loads(nocsim("map", "--arch", arch, "--trace", trace, "--format", "json", *as_options(settings)).stdout)


def limit_files():
    """In a child: files end after 2,000 bytes, as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))


@built
class Layers(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.trace = Path(folder.name) / "network.spk"

    def compare(self, expected, arch, *settings):
        samples, counts, summary = run(arch, self.trace, *settings)
        self.assertEqual(samples, len(expected))
        found = np.zeros_like(expected)
        for (sample, neuron), count in counts.items():
            found[sample, neuron] = count
        np.testing.assert_array_equal(found, expected)
        return summary

    def test_random_networks_on_one_chip(self):
        spikes = 0
        for seed in range(16):
            with self.subTest(seed=seed):
                split = ("fewest", "channel")[seed % 2]
                expected = write(self.trace, random_network(seed, 4 - seed % 2 * 2), 2, 6, seed)
                spikes += expected.sum()
                self.compare(expected, SHENJING, "chip.rows=36", "chip.cols=40", f"chip.split={split}",
                             "chip.tile.imem_words=256")
        self.assertGreater(spikes, 100)

    def test_random_networks_on_several_chips(self):
        for seed in range(8):
            with self.subTest(seed=seed):
                expected = write(self.trace, random_network(100 + seed), 3, 6, seed)
                summary = self.compare(
                    expected, SHENJING, "chip.rows=20", "chip.cols=24", "chip.chip_rows=5", "chip.chip_cols=4",
                    f"chip.boundary_cycles={seed}", f"chip.boundary_width={(0, 64, 256, 1024)[seed % 4]}",
                    "chip.tile.imem_words=256")
                self.assertGreater(summary["energy_j"], 0)

    def test_the_published_network(self):
        expected = write(self.trace, mnist_cnn(1), 1, 8, 1)
        self.assertGreater(expected.sum(), 0)
        size = "chip.rows=28", "chip.cols=28"
        plan = tiles_of(SHENJING, self.trace, *size, "chip.split=channel")
        self.assertEqual((plan["tiles_used"], plan["strip_rows"]), (705, 16))
        self.assertLess(plan["spike_hops"], plan["spike_hops_along_rows"])
        for split in ("channel", "fewest"):
            self.compare(expected, SHENJING, *size, f"chip.split={split}")

    def picture(self, arch, *settings):
        """The classes of what a floor plan draws, counted; and the tooltips."""
        path = self.trace.with_suffix(".svg")
        command = [NOCSIM, "map", "--arch", arch, "--trace", self.trace, "--svg", path]
        for setting in settings:
            command += ["--set", setting]
        subprocess.run(command, check=True, capture_output=True)
        drawing = ElementTree.parse(path).getroot()
        tiles = [group.find(f"{SVG}rect") for group in drawing.iter(f"{SVG}g")]
        counts = Counter(tile.get("class") for tile in tiles)
        for kind in ("chip", "route", "chain"):
            counts[kind] = len(drawing.findall(f"{SVG}*[@class='{kind}']"))
        return counts

    def test_pictures(self):
        layers = mnist_cnn(2)
        layers[1].name = "<a & \"b\">"
        write(self.trace, layers, 1, 2, 2)
        size = "chip.rows=28", "chip.cols=28", "chip.split=channel"
        counts = self.picture(SHENJING, *size, "chip.chip_rows=14")
        self.assertEqual([counts[f"l{layer}"] for layer in range(1, 7)], [64, 64, 512, 32, 32, 1])
        self.assertEqual((counts["chip"], counts["chain"]), (2, 16 + 32 + 1 + 1))  # and one in the legend
        self.assertGreater(counts["route"], 1000)
        cores = tiles_of(ROOT / "configs/loihi.yaml", self.trace, "chip.core.partial_sums=true")["cores"]
        counts = self.picture(ROOT / "configs/loihi.yaml", "chip.core.partial_sums=true")
        for layer in range(1, 7):
            self.assertEqual(counts[f"l{layer}"], sum(core["layer"] == layer for core in cores))
        command = [NOCSIM, "map", "--arch", SHENJING, "--trace", ROOT / "workloads/mnist-mlp.spk", "--svg"]
        run = subprocess.run([*command, "/nowhere/plan.svg"], capture_output=True, text=True)
        self.assertEqual((run.returncode, run.stdout), (4, ""))
        self.assertIn("/nowhere/plan.svg", run.stderr)
        with tempfile.TemporaryDirectory() as folder:  # a disk that is full after a while leaves nothing, or what there was
            plan = Path(folder) / "plan.svg"
            plan.write_text("old")
            run = subprocess.run([*command, plan], capture_output=True, text=True, preexec_fn=limit_files)
            self.assertEqual((run.returncode, run.stdout), (4, ""))
            self.assertIn(f"{plan}: cannot write: File too large", run.stderr)
            self.assertEqual([path.name for path in Path(folder).iterdir()], ["plan.svg"])
            self.assertEqual(plan.read_text(), "old")

    def test_packet_chips(self):
        """Every format of the synapse memory, packets of one and of many spikes, unicast and multicast, and layers
        spread over cores with partial sums."""
        core = "chip.core.partial_sums=true"
        chips = [("loihi.yaml", core, "chip.rows=20", "chip.cols=20", "chip.core.synapse_memory=2 MB"),
                 ("loihi.yaml", core, "chip.rows=20", "chip.cols=20", "chip.core.synapses=sparse"),
                 ("loihi.yaml", core, "chip.rows=20", "chip.cols=20", "chip.core.synapses=convolutional",
                  "chip.spikes_per_packet=16"),
                 ("truenorth.yaml", "chip.core.weight_bits=5"),
                 ("truenorth.yaml", "chip.core.synapses=convolutional", "chip.core.weight_bits=5")]
        spikes = 0
        for seed in range(15):
            with self.subTest(seed=seed):
                arch, *settings = chips[seed % len(chips)]
                expected = write(self.trace, random_network(200 + seed, 2), 2, 6, seed)
                spikes += expected.sum()
                self.compare(expected, ROOT / "configs" / arch, *settings)
        self.assertGreater(spikes, 100)


if __name__ == "__main__":
    unittest.main()
