# SPDX-License-Identifier: MIT
"""The shipped MNIST workload: what its documentation claims, and the exactness on which reproducible training rests."""
import csv
import gzip
import sys
import unittest
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import make_mnist  # noqa: E402
import mnist_train  # noqa: E402
import snn_reference  # noqa: E402
import spk  # noqa: E402

TRACE = ROOT / "workloads" / "mnist-mlp.spk"


class Shipped(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with spk.Trace(TRACE) as trace:
            cls.layers, cls.labels, cls.timesteps = trace.layers, np.array(trace.labels), trace.timesteps
            cls.inputs = snn_reference.inputs_of(trace, range(len(trace.labels)))
        cls.extremes = snn_reference.Extremes()
        cls.trains = snn_reference.run(cls.layers, cls.inputs, cls.extremes)
        cls.counts = cls.trains[2].sum(1)

    def test_shape(self):
        self.assertEqual([layer.neurons for layer in self.layers], [784, 512, 10])
        self.assertEqual((self.timesteps, len(self.labels)), (20, 1000))
        self.assertLessEqual(TRACE.stat().st_size, 8 << 20)
        for layer in self.layers[1:]:
            self.assertEqual((layer.neuron, layer.reset, layer.weight_bits), ("if", "soft", 5))
            self.assertTrue(-16 <= layer.weights.min() and layer.weights.max() <= 15)
            self.assertTrue(0 < layer.threshold < 1 << 15)

    def test_counts_equal_the_golden_ones(self):
        with gzip.open(ROOT / "test" / "golden" / "mnist-mlp-counts.csv.gz", "rt") as golden:
            rows = list(csv.reader(golden))[1:]
        self.assertEqual([[int(cell) for cell in row] for row in rows],
                         [[sample, label, count.argmax(), *count]
                          for sample, (label, count) in enumerate(zip(self.labels, self.counts))])

    def test_accuracy(self):
        self.assertGreaterEqual((self.counts.argmax(1) == self.labels).mean(), 0.97)

    def test_nothing_wraps(self):
        self.extremes.check(sum_bits=13, potential_bits=16)

    def test_weights_are_the_trained_ones(self):
        with np.load(ROOT / "workloads" / "mnist-mlp.npz") as stored:
            np.testing.assert_array_equal(stored["hidden"], self.layers[1].weights)
            np.testing.assert_array_equal(stored["output"], self.layers[2].weights)
            self.assertEqual(stored["thresholds"].tolist(), [layer.threshold for layer in self.layers[1:]])

    def test_wrong_semantics_would_show(self):
        """The golden counts tell the reset apart: this comparison can fail."""
        layers = [spk.Layer(**{**vars(layer), "reset": layer.reset and "hard"}) for layer in self.layers]
        few = {0: self.inputs[0][:20]}
        self.assertTrue((snn_reference.run(layers, few)[2].sum(1) != self.counts[:20]).any())


class Encoding(unittest.TestCase):
    def test_rate_code(self):
        pixels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
        train = make_mnist.encode(pixels, 20)[0]
        self.assertEqual(train.sum(0).tolist(), [20 * p // 255 for p in range(256)])
        for p in (1, 100, 254, 255):
            accumulated = 0
            for timestep in range(20):
                accumulated += p
                self.assertEqual(train[timestep, p], accumulated >= 255)
                accumulated -= 255 * (accumulated >= 255)


class Training(unittest.TestCase):
    def test_matrix_products_are_exact(self):
        """The worst batch there is, in single and in double precision: reproducibility rests on their being equal."""
        self.assertLess(mnist_train.TIMESTEPS * mnist_train.ERROR_UNIT * mnist_train.BATCH, 1 << 24)
        random = np.random.RandomState(3)
        table = mnist_train.softmax_table()
        labels = random.randint(0, 10, mnist_train.BATCH)
        for x in (np.full((mnist_train.BATCH, 784), 20), random.randint(0, 21, (mnist_train.BATCH, 784))):
            weights = [random.randint(-16, 16, shape) for shape in ((784, mnist_train.HIDDEN), (mnist_train.HIDDEN, 10))]
            single, double = ([gradient.astype(np.float64) for gradient in mnist_train.gradients(
                x.astype(kind), labels, [matrix.astype(kind) for matrix in weights], table)]
                for kind in (np.float32, np.float64))
            for one, other in zip(single, double):
                self.assertTrue(one.any())
                np.testing.assert_array_equal(one, other)

    def test_learns(self):
        """Ten coarse prototypes with noise: the spiking network tells them apart after two passes over 2,560 images."""
        random = np.random.RandomState(4)
        prototypes = np.kron(random.uniform(size=(10, 7, 7)) < 0.3, np.ones((4, 4))) * 255
        labels = random.randint(0, 10, 2660)
        noisy = np.where(random.uniform(size=(2660, 28, 28)) < 0.1, 255 - prototypes[labels], prototypes[labels])
        images = noisy.astype(np.uint8)
        weights = mnist_train.train(images[:2560], labels[:2560], 2, progress=lambda text: None)
        layers = make_mnist.network(weights, mnist_train.THRESHOLDS)
        out = snn_reference.run(layers, {0: make_mnist.encode(images[2560:], 20)})[2]
        self.assertGreater((out.sum(1).argmax(1) == labels[2560:]).mean(), 0.9)


if __name__ == "__main__":
    unittest.main()
