# SPDX-License-Identifier: MIT
"""The sentence encoder: tokens and vectors of the original model, its spiking form, and its trace.

The golden vectors come from the model's own JavaScript (TensorFlow.js). Where the model's files are not at hand (they
are where scripts/make_encoder.py has run), a small random encoder goes the same way.
"""
import json
import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace

import numpy as np

import simulator
from simulator import ROOT

import encoder_model
import snn_reference
import spk
from encoder_convert import convert
from encoder_spiking import counts, send
from make_encoder import sentences, write
from sentence_tokens import Tokenizer

WINDOW = 8


def small_encoder(seed):
    """An encoder of 16 and 32 values with random weights; a sentence is its list of tokens."""
    random = np.random.RandomState(seed)

    def matrix(rows, cols):
        return random.normal(0, rows**-0.5, (rows, cols)), random.normal(0, 0.2, cols)

    def norm(size):
        return random.uniform(0.5, 1.5, size), random.normal(0, 0.2, size)

    encoder = encoder_model.Encoder.__new__(encoder_model.Encoder)
    encoder.tokens, encoder.epsilon = list, 1e-6
    encoder.embeddings, encoder.timing = random.normal(0, 1, (20, 16)), np.logspace(0, -2, 8)[None]
    encoder.adjust, encoder.head = matrix(16, 32), matrix(32, 32)
    encoder.blocks = [encoder_model.Block(norm(size), matrix(size, 3 * size), matrix(size, 32), norm(32),
                                          matrix(32, 48), matrix(48, 32)) for size in (16, 32)]
    return encoder


def literal_dense(trace, layer, trains):
    """Spikes of a dense layer as the format defines them: integers, neuron by neuron, restarted with every window."""
    weights = layer.weights.astype(np.int64)
    drive = np.concatenate([trains[source] for source in layer.sources], axis=1).astype(np.int64) @ weights
    result, v = np.zeros((trace.timesteps, layer.neurons), bool), 0
    for timestep in range(trace.timesteps):
        v = drive[timestep] + (v if timestep % WINDOW else 0)
        result[timestep] = v >= layer.threshold
        v = v - layer.threshold * result[timestep]
    return result


class Conversion(unittest.TestCase):
    """With attention on the host."""
    attention, dense = "host", 10
    chips = {"shenjing": ("chip.tile.weight_bits=8",), "loihi": (), "digital-mesh": ()}
    begins = {  # of layers: windows, and how often all tokens must have come before
        "x": (0, 0), "norm0a": (1, 0), "adjust": (0, 0), "qkv0": (1, 0), "attention0": (1, 1), "out0": (1, 1),
        "norm0b": (2, 1), "norm1a": (3, 1), "attention1": (3, 2), "norm1b": (4, 2), "mean": (4, 3), "vector": (5, 3)}

    @classmethod
    def setUpClass(cls):
        random = np.random.RandomState(7)
        cls.encoder = small_encoder(5)
        cls.texts = [random.randint(0, 20, random.randint(3, 8)).tolist() for _ in range(30)]
        cls.network = convert(cls.encoder, cls.texts[:20], WINDOW, 8, cls.attention)
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.path = Path(folder.name) / "small.spk"
        write(cls.path, cls.encoder, cls.network, cls.texts[20:23], 8)

    def test_dense_layers_of_the_trace(self):
        """Recorded spikes of every dense layer are what its weights make of its sources' spikes."""
        with spk.Trace(self.path) as trace:
            dense = [(number, layer) for number, layer in enumerate(trace.layers) if layer.kind == "dense"]
            self.assertEqual(len(dense), self.dense)
            for sample in range(3):
                trains = [trace.spikes(sample, number) for number in range(len(trace.layers))]
                for number, layer in dense:
                    self.assertTrue(trains[number].any(), layer.name)
                    np.testing.assert_array_equal(trains[number], literal_dense(trace, layer, trains), layer.name)

    @simulator.built
    def test_on_chips(self):
        """The chip's counts are those of numpy: the recorded last layer."""
        with spk.Trace(self.path) as trace:
            expected = [trace.spikes(sample, len(trace.layers) - 1).sum(0).tolist() for sample in range(3)]
        self.assertGreater(sum(map(sum, expected)), 100)
        for chip, settings in self.chips.items():
            with self.subTest(chip):
                database = self.path.with_name(f"{chip}.db")
                simulator.nocsim("-q", "-a", ROOT / "configs" / f"{chip}.yaml", "-t", self.path, "-o", database,
                                 *(word for setting in settings for word in ("--set", setting)))
                found = simulator.output_counts(database, len(expected[0]))
                self.assertEqual([found[sample][2:] for sample in range(3)], expected)

    def test_by_the_reference(self):
        """The reference, which knows only the format, computes every recorded spike."""
        with spk.Trace(self.path) as trace:
            trains = snn_reference.run_trace(trace, range(3))
            for number, layer in enumerate(trace.layers):
                for sample in range(3):
                    np.testing.assert_array_equal(trains[number][sample], trace.spikes(sample, number), layer.name)

    def test_windows_of_the_trace(self):
        """Layers begin where their operands and the longest sentence let them; the shorter sentences end earlier."""
        with spk.Trace(self.path) as trace:
            tokens = int(trace.meta["tokens"])
            self.assertEqual(tokens, max(map(len, self.texts[20:23])))
            begins = {name: windows + rounds * tokens for name, (windows, rounds) in self.begins.items()}
            self.assertEqual(trace.timesteps, (begins["vector"] + 1) * WINDOW)
            for number, layer in enumerate(trace.layers):
                for sample, text in enumerate(self.texts[20:23]):
                    windows = np.flatnonzero(trace.spikes(sample, number).reshape(-1, WINDOW, layer.neurons).any((1, 2)))
                    if layer.name in begins:
                        length = 1 if layer.name in ("mean", "vector") else len(text)
                        first = begins[layer.name]
                        self.assertEqual(windows.tolist(), list(range(first, first + length)), layer.name)

    def test_vectors_come_close(self):
        """On sentences that it was not calibrated with; and a longer window comes closer."""
        def cosine(window, bits):
            network = convert(self.encoder, self.texts[:20], window, bits, self.attention)
            texts = self.texts[20:]
            seen = network.run([self.encoder.embed(text) for text in texts])
            found, original = counts(seen["vector"]), self.encoder.vectors(texts)
            return ((found * original).sum(1) / np.linalg.norm(found, axis=1)).mean()

        short, long = cosine(4, 8), cosine(64, 8)
        self.assertGreater(short, 0.6)
        self.assertGreater(long, 0.97)
        self.assertGreater(long, short)

    def test_even_code(self):
        spikes = send(np.array([[3.4, -2.5, 0.4, 99.0]]), 1.0, 8)
        np.testing.assert_array_equal(counts(spikes), [[3, -3, 0, 8]])
        self.assertEqual(np.flatnonzero(spikes[0, :, 0, 0]).tolist(), [1, 3, 6])  # 4 + 3 t reaches 8, 16, 24

    def test_tokens(self):
        """The most probable pieces; what no piece covers is one piece 0."""
        pieces = [["", 0]] * 6 + [["\u2581a", -2.0], ["\u2581", -3.0], ["a", -3.0], ["b", -3.0], ["ab", -3.5], ["ba", -2.0]]
        tokens = Tokenizer(pieces)
        self.assertEqual(tokens("ab a"), [6, 9, 6])
        self.assertEqual(tokens("aba"), [6, 11])
        self.assertEqual(tokens("a??b"), [6, 0, 9])
        self.assertEqual(tokens(""), [])


class OnCores(Conversion):
    """With its products on cores."""
    attention, dense = "cores", 14
    chips = {"loihi": (), "digital-mesh": ("chip.rows=8", "chip.cols=8", "chip.networks[0].network.size=8x8")}
    begins = {
        "x": (0, 0), "norm0a": (1, 0), "q0": (1, 0), "late0": (1, 1), "scores0": (1, 1), "shares0": (2, 1),
        "attention0": (2, 1), "out0": (2, 1), "norm0b": (3, 1), "norm1a": (4, 1), "k1": (4, 1), "late1": (4, 2),
        "attention1": (5, 2), "mean": (6, 3), "vector": (7, 3)}

    @simulator.built
    def test_refused_by_tiles_for_their_one_threshold(self):
        done = simulator.nocsim("-q", "-a", ROOT / "configs/shenjing.yaml", "-t", self.path, "-o", "none", "--set",
                                "chip.tile.weight_bits=8", code=2)
        self.assertIn("'scores0': this chip's neuron is integrate-and-fire with soft reset", done.stderr)


class OnTiles(OnCores):
    """And with neurons of one threshold, which Shenjing has."""
    attention = "tiles"
    chips = {"shenjing": ("chip.tile.weight_bits=8",)}
    test_refused_by_tiles_for_their_one_threshold = None


class Original(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not all((encoder_model.FOLDER / name).exists() for name in encoder_model.FILES):
            raise unittest.SkipTest(f"the model is not in {encoder_model.FOLDER.relative_to(ROOT)}")
        cls.encoder = encoder_model.Encoder()
        cls.golden = [SimpleNamespace(**line) for line in
                      json.loads((ROOT / "test/golden/encoder-vectors.json").read_text("utf-8"))]

    def test_against_its_javascript(self):
        texts = [line.sentence for line in self.golden]
        for vectors in (self.encoder.vectors(texts), self.encoder.original(texts)):
            for line, vector in zip(self.golden, vectors, strict=True):
                self.assertEqual(self.encoder.tokens(line.sentence), line.tokens)
                np.testing.assert_allclose(vector[:8], line.begins, atol=2e-6)
                self.assertAlmostEqual(vector.sum(), line.sum, places=4)

    def test_sentences(self):
        texts, calibration = sentences(ROOT / "workloads/sentences.tsv")
        self.assertGreaterEqual(len(texts), 200)
        self.assertFalse(set(texts) & set(calibration))
        vectors = self.encoder.vectors(texts)
        self.assertEqual((vectors[::2] @ vectors[1::2].T).argmax(1).tolist(), list(range(len(texts) // 2)))


if __name__ == "__main__":
    unittest.main()
