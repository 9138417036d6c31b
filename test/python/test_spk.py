# SPDX-License-Identifier: MIT
"""The trace module against the specification, and the specification's twenty-line script against both."""
import ast
import os
import re
import sqlite3
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

MINIMAL = ROOT / "scripts" / "spk_minimal.py"


def normal(sql):
    return " ".join(re.sub(r"([(),;])", r" \1 ", sql).split())


def schema_of(path):
    base = sqlite3.connect(path)
    text = ";".join(sql for sql, in base.execute("SELECT sql FROM sqlite_schema WHERE sql NOT NULL ORDER BY rowid"))
    base.close()
    return normal(text + ";")


class Scratch(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)


class Coding(unittest.TestCase):
    def test_examples_of_the_specification(self):
        spikes = np.zeros(20, bool)
        spikes[[1, 8, 19]] = True
        self.assertEqual(spk.encode(spikes), (spk.BITMAP, bytes([0x02, 0x01, 0x08])))
        spikes[[8, 19]] = False
        self.assertEqual(spk.encode(spikes), (spk.SPARSE, bytes([1, 0])))

    def test_round_trip_and_smaller_coding(self):
        random = np.random.RandomState(1)
        for neurons in (1, 7, 8, 9, 16, 784, 65536, 65537, 70001):
            for rate in (0, 0.001, 0.06, 0.07, 0.5, 1):
                with self.subTest(neurons=neurons, rate=rate):
                    spikes = random.uniform(size=neurons) < rate
                    coding, data = spk.encode(spikes)
                    sizes = -(-neurons // 8), int(spikes.sum()) * (2 if neurons <= 65536 else 4)
                    self.assertEqual(len(data), min(sizes))
                    self.assertEqual(coding, spk.SPARSE if sizes[1] < sizes[0] else spk.BITMAP)
                    np.testing.assert_array_equal(spk.decode(coding, data, neurons), spikes)


class File(Scratch):
    def setUp(self):
        super().setUp()
        random = np.random.RandomState(2)
        self.layers = [spk.Layer("left", "input", 9, attributes={"shape": [3, 3]}), spk.Layer("right", "input", 3),
                       spk.Layer("out", "dense", 4, [0], "if", "hard", 7, 5, weights=random.randint(-16, 16, (9, 4)))]
        self.samples = [(label, {layer: random.uniform(size=(5, self.layers[layer].neurons)) < 0.4 for layer in (0, 1)})
                        for label in (3, None, 0)]

    def write(self, name, samples=None):
        spk.write(self.folder / name, 5, self.layers, self.samples if samples is None else samples, {"name": "test"})
        return self.folder / name

    def test_what_is_written_is_read(self):
        with spk.Trace(self.write("a.spk")) as trace:
            self.assertEqual((trace.timesteps, trace.meta), (5, {"name": "test", "timesteps": "5"}))
            self.assertEqual(trace.labels, [3, None, 0])
            for layer, expected in zip(trace.layers, self.layers, strict=True):
                np.testing.assert_array_equal(layer.weights, expected.weights)
                layer.weights = expected.weights = None
                self.assertEqual(layer, expected)
            for sample, (_, trains) in enumerate(self.samples):
                for layer, train in trains.items():
                    np.testing.assert_array_equal(trace.spikes(sample, layer), train)
                self.assertFalse(trace.spikes(sample, 2).any())

    def test_generated_spikes_are_those_of_the_simulator(self):
        self.layers[1].generator = (-77, 400000)
        path = self.write("g.spk", [(label, {0: trains[0]}) for label, trains in self.samples])
        nocsim = os.environ.get("NOCSIM", str(ROOT / "build/release/nocsim"))
        dumped = subprocess.run([nocsim, "trace", "dump", "--format", "csv", "--layer", "1", path], check=True,
                                capture_output=True, text=True).stdout.split()[1:]
        with spk.Trace(path) as trace:
            self.assertEqual(trace.layers[1].generator, (-77, 400000))
            expected = [f"{sample},1,{timestep},{neuron}" for sample in range(3)
                        for timestep, neuron in np.argwhere(trace.spikes(sample, 1))]
        self.assertEqual(dumped, expected)
        self.assertGreater(len(expected), 5)

    def test_same_content_is_the_same_file(self):
        self.assertEqual(self.write("a.spk").read_bytes(), self.write("b.spk").read_bytes())
        self.assertNotEqual(self.write("a.spk").read_bytes(), self.write("c.spk", self.samples[:2]).read_bytes())

    def test_silent_timesteps_have_no_row(self):
        path = self.write("a.spk", [(None, {0: np.eye(5, 9, dtype=bool) & (np.arange(5) == 2)[:, None]})])
        base = sqlite3.connect(path)
        self.assertEqual(base.execute("SELECT layer, timestep, coding, data FROM spike").fetchall(), [(0, 2, 0, b"\x04\0")])
        base.close()

    def test_a_failed_write_leaves_nothing(self):
        with self.assertRaises(ValueError):
            self.write("a.spk", [(0, {0: np.zeros((4, 9), bool)})])
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_a_foreign_database_is_refused(self):
        sqlite3.connect(self.folder / "foreign.spk").executescript("CREATE TABLE meta(key, value)").close()
        with self.assertRaises(ValueError):
            spk.Trace(self.folder / "foreign.spk")


class Specification(Scratch):
    def test_every_schema_is_the_same(self):
        readme = (ROOT / "workloads" / "README.md").read_text()
        self.assertEqual(normal(re.search(r"```sql\n(.*?)```", readme, re.S)[1]), normal(spk.SCHEMA))
        spk.write(self.folder / "a.spk", 1, [], [])
        self.assertEqual(schema_of(self.folder / "a.spk"), normal(spk.SCHEMA))
        subprocess.run([sys.executable, MINIMAL, self.folder / "b.spk"], check=True)
        self.assertEqual(schema_of(self.folder / "b.spk"), normal(spk.SCHEMA))

    def test_minimal_script_is_twenty_lines_of_the_standard_library(self):
        lines = [line for line in MINIMAL.read_text().splitlines() if line.strip() and not line.startswith("#")]
        self.assertLessEqual(len(lines), 20)
        imported = {name.name for node in ast.walk(ast.parse(MINIMAL.read_text()))
                    if isinstance(node, ast.Import) for name in node.names}
        self.assertLessEqual(imported, set(sys.stdlib_module_names))

    def test_minimal_script_writes_a_valid_trace(self):
        path = self.folder / "sides.spk"
        subprocess.run([sys.executable, "-I", "-S", MINIMAL, path], check=True)
        with spk.Trace(path) as trace:
            self.assertEqual((trace.timesteps, trace.labels), (3, [0, 1]))
            np.testing.assert_array_equal(trace.spikes(0, 0), [[1, 1, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0]])
            out = snn_reference.run(trace.layers, snn_reference.inputs_of(trace, range(2)))[1]
        np.testing.assert_array_equal(out.argmax(2).max(1), [0, 1])
        # By hand: 6 -> spike, 1; 1 + 3 = 4; 4 + 3 = 7 -> spike.   6 -> spike, 1; 1; 1 + 3 = 4.
        np.testing.assert_array_equal(out[0, :, 0], [1, 0, 1])
        np.testing.assert_array_equal(out[1, :, 1], [1, 0, 0])


if __name__ == "__main__":
    unittest.main()
