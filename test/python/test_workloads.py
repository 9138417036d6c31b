# SPDX-License-Identifier: MIT
"""The shipped workloads are what workloads/README.md says."""
import sys
import unittest
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

import cnn_networks  # noqa: E402
import make_bert  # noqa: E402
import snn_reference  # noqa: E402
import spk  # noqa: E402


class Bert(unittest.TestCase):
    def setUp(self):
        self.trace = spk.Trace(ROOT / "workloads/bert.spk")
        self.addCleanup(self.trace.close)

    def test_shape(self):
        """The linear layers of BERT-base: 905,969,664 multiplications a block at 128 tokens, 1,296 cores of 256 x 256."""
        layers = self.trace.layers
        sizes = [(layers[layer.sources[0]].neurons, layer.neurons) for layer in layers if layer.kind == "dense"]
        self.assertEqual(128 * sum(rows * cols for rows, cols in sizes), 12 * 905_969_664)
        self.assertEqual(sum(-(-rows // 256) * -(-cols // 256) for rows, cols in sizes), 1296)
        self.assertEqual(self.trace.timesteps, 128 * 16)

    def test_spikes_are_synthetic_at_the_published_mean(self):
        self.assertIn("SYNTHETIC", self.trace.meta["description"])
        neurons = np.array([layer.neurons for layer in self.trace.layers])
        rates = np.array([layer.generator[1] for layer in self.trace.layers]) / 1e6
        self.assertAlmostEqual((rates * neurons).sum() / neurons.sum(), 0.13, places=5)
        self.assertGreater(rates.std() / rates.mean(), 0.15)
        train = self.trace.spikes(0, 7)
        self.assertAlmostEqual(train.mean(), rates[7], delta=5 * np.sqrt(rates[7] / train.size))

    def test_spread_and_seed_are_parameters(self):
        layers = make_bert.network(blocks=2)
        self.assertEqual(len(set(make_bert.rates(layers, 0.2, 0, 1))), 1)
        self.assertFalse(np.array_equal(make_bert.rates(layers, 0.13, 0.25, 1), make_bert.rates(layers, 0.13, 0.25, 2)))


class Convolutional(unittest.TestCase):
    def check(self, name, images, right):
        """The shipped trace holds the committed weights; the integer reference classifies its first images."""
        with spk.Trace(ROOT / f"workloads/{name}.spk") as trace, np.load(ROOT / f"workloads/{name}.npz") as stored:
            weighted = [layer for layer in trace.layers if layer.weights is not None]
            self.assertEqual(len(weighted) + 1, len(stored.files))
            for number, layer in enumerate(weighted):
                matrix = stored[f"weights{number:02}"]
                expected = matrix.T if matrix.ndim == 2 else matrix.reshape(len(matrix), -1).T
                np.testing.assert_array_equal(layer.weights, expected)
            self.assertEqual([layer.threshold for layer in trace.layers[1:]], stored["thresholds"].tolist())
            for layer, shape in zip(trace.layers, cnn_networks.shapes(cnn_networks.NETWORKS[name]), strict=True):
                self.assertEqual(layer.neurons, np.prod(shape))
            extremes = snn_reference.Extremes()
            trains = snn_reference.run(trace.layers, snn_reference.inputs_of(trace, range(images)), extremes)
            extremes.check()
            found = trains[len(trace.layers) - 1].sum(1).argmax(1)
            self.assertGreaterEqual((found == trace.labels[:images]).sum(), right)

    def test_mnist_cnn(self):
        self.check("mnist-cnn", 30, 30)

    def test_cifar10_cnn(self):
        self.check("cifar10-cnn", 2, 2)

    def test_cifar10_resnet(self):
        self.check("cifar10-resnet", 1, 1)


if __name__ == "__main__":
    unittest.main()
