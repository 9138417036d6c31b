# SPDX-License-Identifier: MIT
"""Replay: the trace's spikes drive every layer of the chip, with weights or without."""
import json
import unittest

import numpy as np

from simulator import ChipTest
import snn_reference
import spk

SIZES = (300, 270, 20)
TIMESTEPS, SAMPLES = 6, 3


def network(weights):
    random = np.random.RandomState(4)
    layers = [spk.Layer("in", "input", SIZES[0])]
    for number, (rows, cols) in enumerate(zip(SIZES, SIZES[1:])):
        layers.append(spk.Layer(f"l{number}", "dense", cols, [number], "if", "soft", 40, 5))
        if weights:
            layers[-1].weights = random.randint(-12, 16, (rows, cols)).astype(np.int8)
    return layers


class Replay(ChipTest):
    def setUp(self):
        super().setUp()
        self.layers = network(True)
        inputs = np.random.RandomState(5).uniform(size=(SAMPLES, TIMESTEPS, SIZES[0])) < 0.2
        self.trains = snn_reference.run(self.layers, {0: inputs})
        self.assertGreater(self.trains[1].sum(), 50)
        self.assertGreater(self.trains[2].sum(), 20)

    def write(self, name, layers, recorded):
        spk.write(self.folder / name, TIMESTEPS, layers,
                  [(0, {layer: self.trains[layer][sample] for layer in recorded}) for sample in range(SAMPLES)])
        return self.folder / name

    def replay(self, trace, *options, arch="shenjing.yaml"):
        self.trace = trace
        return self.call_chip(arch, *options)

    def events(self):
        return dict(self.query("SELECT event, sum(count) FROM energy_by_kind GROUP BY event"))

    def outputs(self):
        counts = np.zeros((SAMPLES, SIZES[-1]), int)
        for sample, neuron, count in self.query("SELECT sample, neuron, count FROM output"):
            counts[sample, neuron] = count
        return counts

    def test_what_is_recorded_is_what_moves(self):
        """With and without weights the outputs are the recorded ones, and every spike is a recorded one."""
        for weights, options in ((True, ["--replay"]), (False, [])):
            trace = self.write("replay.spk", network(weights), (0, 1, 2))
            done = self.replay(trace, *options)
            self.assertEqual(done.returncode, 0, done.stderr)
            np.testing.assert_array_equal(self.outputs(), self.trains[2].sum(1))
            self.assertEqual(self.events()["fire"], self.trains[1].sum() + self.trains[2].sum())
            self.assertEqual(json.loads(done.stdout)["spikes"], sum(train.sum() for train in self.trains.values()))

    def test_replayed_spikes_need_not_be_computable(self):
        """Spikes that no weights give: every neuron of the hidden layer in timestep 1, the last output in each."""
        self.trains[1] = np.zeros_like(self.trains[1])
        self.trains[1][:, 1] = True
        self.trains[2] = np.zeros_like(self.trains[2])
        self.trains[2][:, :, -1] = True
        done = self.replay(self.write("odd.spk", self.layers, (0, 1, 2)), "--replay")
        self.assertEqual(done.returncode, 0, done.stderr)
        expected = np.zeros((SAMPLES, SIZES[-1]), int)
        expected[:, -1] = TIMESTEPS
        np.testing.assert_array_equal(self.outputs(), expected)

    def test_generated_spikes_drive_a_chip(self):
        layers = network(False)
        for number, layer in enumerate(layers):
            layer.generator = (number + 1, 130000)
        spk.write(self.folder / "synthetic.spk", TIMESTEPS, layers, [(None, {})] * SAMPLES)
        done = self.replay(self.folder / "synthetic.spk")
        self.assertEqual(done.returncode, 0, done.stderr)
        expected = [spk.generate((3, 130000), sample, TIMESTEPS, SIZES[-1]).sum(0) for sample in range(SAMPLES)]
        np.testing.assert_array_equal(self.outputs(), expected)

    def test_a_mesh_grows_where_it_may(self):
        layers = [spk.Layer("in", "input", 1024, generator=(1, 100000)),
                  spk.Layer("out", "dense", 1000, [0], generator=(2, 100000))]
        spk.write(self.folder / "wide.spk", TIMESTEPS, layers, [(None, {})])
        refused = self.replay(self.folder / "wide.spk", "--set", "chip.grow=false")
        self.assertEqual(refused.returncode, 2)
        self.assertIn("the network needs 16 tiles of 256 x 256 and the chip has 3 x 4 = 12: 4 too few (rows: 4 and cols: 4 "
                      "would do)", refused.stderr)
        grown = self.replay(self.folder / "wide.spk")
        self.assertEqual(grown.returncode, 0, grown.stderr)
        self.assertEqual((json.loads(grown.stdout)["tiles_used"], json.loads(grown.stdout)["tiles"]), (16, 16))

    def test_what_cannot_be_replayed_is_refused(self):
        cases = [
            (self.write("functional.spk", self.layers, (0,)), ["--replay"], "shenjing.yaml",
             "functional.spk: not every layer has recorded spikes: it cannot be replayed"),
            (self.write("nothing.spk", network(False), (0, 1)), [], "shenjing.yaml",
             "nothing.spk: neither weights nor spikes of every layer are there: it cannot be run"),
            (self.write("replay.spk", network(False), (0, 1, 2)), [], "loihi.yaml",
             "replay.spk: the trace has no weights, and arch.packet_chip computes its spikes itself"),
        ]
        for trace, options, arch, message in cases:
            done = self.replay(trace, *options, arch=arch)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(message, done.stderr)


if __name__ == "__main__":
    unittest.main()
