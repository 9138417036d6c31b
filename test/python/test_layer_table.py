# SPDX-License-Identifier: MIT
"""Every cell of the table in docs/layers.md: a layer that is said to run on a chip runs there, and every output count
equals the integer reference; one that is not is refused, and the message says which layer or what hardware.
"""
import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import numpy as np

from simulator import NOCSIM, ROOT, built, call, query
import layer_samples
import snn_operations

PROBE = NOCSIM.parent / "test" / "python" / "operation_probe"
GROW = "chip.grow=true"
TTFS = f"chip.code.levels={layer_samples.TIMESTEPS}", "chip.core=!include configs/parts/ttfs-core.yaml"
CHIPS = {  # column: descriptions and settings, and whether the answer are levels
    "Shenjing": ([("shenjing", GROW), ("nova-on-shenjing", "chip.host.grow=true")], False),
    "Shenjing, 8 chips": ([("shenjing-8-chips", "chip.rows=12", "chip.cols=12", "chip.chip_rows=6", "chip.chip_cols=3")],
                          False),
    "Loihi": ([("loihi", "chip.core.partial_sums=true")], False),
    "TrueNorth": ([("truenorth", "chip.core.weight_bits=5")], False),
    "digital mesh": ([("digital-mesh", "chip.core.axons=1024")], False),
    "two networks": ([("two-networks",)], False),
    "crossbars": ([("crossbar-mesh",)], False),
    "in rounds": ([("multiplex-mesh",)], False),
    "dual, as SNN": ([("snn-qnn", GROW)], False),
    "dual, as QNN": ([("snn-qnn", GROW)], True),
    "window units": ([("otters-mesh", *TTFS), ("otters-mesh", *TTFS, "chip.code.masked=true"),
                      ("otters-mesh", *TTFS, "chip.core.axons=64", "chip.periphery.partial_sums=true", "chip.rows=12",
                       "chip.cols=12", "chip.networks[0].network.size=12x12")], True),
}
REASONS = ("layer ", "runs a sample in one piece")


def table():
    """{(layer, chip): whether it is said to run}."""
    lines = [line for line in (ROOT / "docs" / "layers.md").read_text().splitlines() if line.startswith("|")]
    heads, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return {(row[0].strip("`"), chip): cell for row in rows[1:] for chip, cell in zip(heads[1:], row[1:], strict=True)}


def fill_tables():
    """The slopes and biases of piecewise-linear operators, which test_operations.py judges."""
    for functions in snn_operations.FUNCTIONS_OF.values():
        for function in functions:
            run = subprocess.run([PROBE, "--table", function, "16", "minimax", "16"], capture_output=True, check=True)
            snn_operations.TABLES[function, 16, "minimax", 16] = json.loads(run.stdout)


@built
@unittest.skipUnless(os.access(PROBE, os.X_OK), f"{PROBE} is not built")
class LayerTable(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        fill_tables()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.trace, self.database = Path(folder.name) / "layer.spk", Path(folder.name) / "run.db"

    def run_on(self, chip, settings, way, *more):
        options = [word for setting in settings for word in ("--set", setting)]
        return call("--arch", ROOT / f"configs/{chip}.yaml", "--trace", self.trace, "-o", self.database, "--force", "-q",
                    "--as", way, *options, *more, cwd=ROOT)

    def test_the_table_has_every_layer_and_chip(self):
        cells = table()
        self.assertEqual({layer for layer, _ in cells}, set(layer_samples.SAMPLES_OF))
        self.assertEqual({chip for _, chip in cells}, set(CHIPS))
        self.assertEqual(set(cells.values()), {"yes", "-"})

    def test_every_cell(self):
        cells = table()
        for layer, make in layer_samples.SAMPLES_OF.items():
            sample = make(7)
            sample.write(self.trace)
            answers = {False: sample.answer(), True: None if sample.meta else sample.levels()}
            self.assertGreater(answers[False].sum(), 5, layer)
            for chip, (descriptions, levels) in CHIPS.items():
                for description, *settings in descriptions:
                    with self.subTest(layer=layer, chip=chip, description=description, settings=settings):
                        done = self.run_on(description, settings, "qnn" if chip.endswith("QNN") else "snn")
                        if cells[layer, chip] == "-":
                            self.assertEqual(done.returncode, 2, done.stderr)
                            self.assertTrue(any(reason in done.stderr for reason in REASONS), done.stderr)
                            continue
                        self.assertEqual(done.returncode, 0, done.stderr)
                        found = np.zeros_like(answers[levels])
                        for sample_, neuron, count in query(self.database, "SELECT sample, neuron, count FROM output"):
                            found[sample_, neuron] = count
                        np.testing.assert_array_equal(found, answers[levels])

    def test_engines_and_orders_agree(self):
        for layer in ("operation", "maxpool"):
            layer_samples.SAMPLES_OF[layer](8).write(self.trace)
            for chip, *settings in (("shenjing", GROW), ("loihi", "chip.core.partial_sums=true")):
                hashes = set()
                for more in ((), ("--order", "shuffled", "--seed", "3"), ("--engine", "systemc")):
                    done = self.run_on(chip, settings, "snn", *more)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    hashes.add(call("hash", self.database).stdout.split()[0])
                self.assertEqual(len(hashes), 1, (layer, chip))


if __name__ == "__main__":
    unittest.main()
