# SPDX-License-Identifier: MIT
"""What hosts compute between token windows, done by lanes and a vector unit (arch.overlay): same counts, as many
evaluations as the operators ask for, and time that passes for them; in every order and engine."""
import tempfile
import unittest
from pathlib import Path

import numpy as np

import simulator
from simulator import ROOT

import encoders
import snn_hosts
import snn_reference
import spk

CHIPS = {"nova-on-shenjing": ("chip.host.rows=6", "chip.host.cols=6"), "nova-on-digital-mesh": ()}
ALONE = {"nova-on-shenjing": ("shenjing", ("chip.rows=6", "chip.cols=6")),
         "nova-on-digital-mesh": ("digital-mesh", ("chip.rows=8", "chip.cols=9", "chip.core.axons=2048",
                                                   "chip.networks[0].network.size=9x8"))}
SAMPLES = 3


def evaluations(layer, length):
    """Functions that lanes evaluate for all tokens of a host layer, in a sequence of `length`."""
    operator, function = layer.attributes["operator"], layer.attributes.get("function")
    heads = layer.attributes.get("heads", 1)
    values = (layer.neurons - layer.attributes.get("ones", 0)) // (2 if layer.attributes.get("pair") else 1)
    a_token = {"attention": heads * length + heads, "softmax": heads * length + heads, "normalise": 1, "mean": 0,
               "map": {"gelu": values, "gelu-tanh": values, "silu": values, "tanh": 2 * values}.get(function, 0)}
    return a_token[operator]


@simulator.built
class HostUnits(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.trace = self.folder / "encoder.spk"

    def encoder(self, seed, **options):
        """Writes a random encoder; what its hosts have evaluated, and the counts of the answer."""
        encoder = encoders.Encoder(seed, **options).build(1)
        plan = snn_hosts.Windows(encoder.layers, encoder.window, encoder.tokens)
        windows = max(begin + (1 if single else encoder.tokens) for begin, single in zip(plan.begin, plan.single))
        encoder.write(self.trace, SAMPLES, windows)
        with spk.Trace(self.trace) as trace:
            trains = snn_reference.run_trace(trace, range(SAMPLES))
            total = 0
            for sample in range(SAMPLES):
                length = plan.length([trains[number][sample] for number in (0, 1)])
                for number, layer in enumerate(trace.layers):
                    if layer.kind == "host":
                        gathered = min(length, 1) if plan.single[layer.sources[0]] else length
                        total += (min(length, 1) if plan.single[number] else length) * evaluations(layer, gathered)
            return total, snn_reference.outputs(trace.layers, trains)

    def run_chip(self, chip, settings, shape, *options):
        database = self.folder / "run.db"
        simulator.nocsim("-q", "-a", ROOT / "configs" / f"{chip}.yaml", "-t", self.trace, "-o", database, "--force",
                         *options, *(word for setting in settings for word in ("--set", setting)))
        found = simulator.output_counts(database, shape[1])
        events = {f"{kind}.{event}": count for kind, event, count in
                  simulator.query(database, "SELECT type, event, sum(count) FROM energy_by_kind GROUP BY 1, 2")}
        cycles, = simulator.query(database, "SELECT sum(last_cycle - first_cycle + 1) FROM sample")[0]
        return np.array([found[sample][2:] for sample in range(SAMPLES)]), events, cycles, database

    def test_counts_evaluations_and_time(self):
        elsewhere = 0
        for seed in range(40, 46):
            chip = ("nova-on-shenjing", "nova-on-digital-mesh")[seed % 2]
            cores = chip == "nova-on-digital-mesh" and seed % 4 == 1
            wanted, answer = self.encoder(seed, cores=cores)
            found, events, cycles, _ = self.run_chip(chip, CHIPS[chip], answer.shape)
            with self.subTest(seed=seed, chip=chip):
                np.testing.assert_array_equal(found, answer)
                self.assertEqual(events["arch.nova.results"], wanted)
                self.assertEqual(events["arch.host_unit.additions"], events["arch.sequence.multiply_add"])
                self.assertEqual(events["arch.host_unit.multiplications"],
                                 events["arch.sequence.multiply_add"] + events["arch.sequence.division"])
                alone, settings = ALONE[chip]
                _, _, before, _ = self.run_chip(alone, settings, answer.shape)
                self.assertGreater(cycles, before)
            elsewhere += wanted
        self.assertGreater(elsewhere, 300)

    def test_time_of_the_unit(self):
        """A slower unit takes what its rows say; whoever computes the functions, the counts stay."""
        _, answer = self.encoder(47)
        settings, cycles = CHIPS["nova-on-digital-mesh"], {}
        for multiplication in (1, 2, 3):
            found, events, cycles[multiplication], _ = self.run_chip(
                "nova-on-digital-mesh", (*settings, f"chip.unit.multiplications={multiplication}", "chip.unit.lanes=1"),
                answer.shape)
            np.testing.assert_array_equal(found, answer)
        self.assertEqual(cycles[2] - cycles[1], events["arch.host_unit.multiplications"])
        self.assertEqual(cycles[3] - cycles[2], events["arch.host_unit.multiplications"])

    def test_orders_and_engines(self):
        _, answer = self.encoder(48)
        for chip, settings in CHIPS.items():
            contents = set()
            for options in ((), ("--order", "dense"), ("--order", "shuffled"), ("--engine", "systemc")):
                found, _, _, database = self.run_chip(chip, settings, answer.shape, *options)
                np.testing.assert_array_equal(found, answer)
                contents.add(simulator.nocsim("hash", database).stdout)
            self.assertEqual(len(contents), 1)
            found, *_ = self.run_chip(chip, settings, answer.shape, "--log", "steps")
            np.testing.assert_array_equal(found, answer)

    def test_the_unit_is_a_vector_unit(self):
        self.encoder(49)
        done = simulator.nocsim("-q", "-a", ROOT / "configs/nova-on-digital-mesh.yaml", "-t", self.trace, "-o", "none",
                                "--set", "chip.unit=!include configs/parts/lane-table.yaml", code=2, cwd=ROOT)
        self.assertIn("'unit' does sums and products: arch.vector_unit can, and 'arch.lane_table' cannot", done.stderr)


if __name__ == "__main__":
    unittest.main()
