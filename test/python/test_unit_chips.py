# SPDX-License-Identifier: MIT
"""Chips of crossbars, optoelectronic and memristive cores: MNIST as on digital cores or as without a chip, the same
under every order and engine, noise as without a chip, energies under the units' own paths."""
import json
import statistics
import unittest

from simulator import MNIST, ROOT, ChipTest, golden_counts, nocsim, output_counts

MESHES = {"crossbar-mesh.yaml": "arch.crossbar", "otters-mesh.yaml": "arch.opto_ttfs", "msu-mesh.yaml": "arch.msu"}


def evaluate(unit, *arguments):
    return json.loads(nocsim("evaluate", "--format", "json", "--trace", MNIST, *arguments,
                             ROOT / "configs/units" / unit).stdout)[0]


class UnitChips(ChipTest):
    def test_crossbars_give_every_count_of_digital_cores(self):
        self.run_chip("crossbar-mesh.yaml", "-n", "30")
        golden = golden_counts()
        self.assertEqual(output_counts(self.database), {sample: golden[sample] for sample in range(30)})

    def test_time_codes_are_as_right_as_without_a_chip(self):
        # The converters of the MSU round the sum of a core; how a layer is cut into cores differs, so none here.
        for mesh, unit, setting in (("otters-mesh.yaml", "opto-otters.yaml", "seed=1"),
                                    ("msu-mesh.yaml", "msu.yaml", "adc.bits=0")):
            with self.subTest(mesh=mesh):
                chip = self.run_chip(mesh, "--set", "chip.core." + setting)["accuracy"]
                self.assertEqual(chip, evaluate(unit, "--set", "chip.unit." + setting)["accuracy"])

    def test_noise_is_as_bad_as_without_a_chip(self):
        amplitude = "variation.amplitude=0.6"
        chip = [self.run_chip("otters-mesh.yaml", "-n", "200", "--set", "chip.core." + amplitude,
                              "--set", "chip.core.seed=%d" % seed)["accuracy"] for seed in range(1, 9)]
        alone = evaluate("opto-otters.yaml", "-n", "200", "-S", "8", "--set", "chip.unit." + amplitude)
        self.assertGreater(statistics.stdev(chip), 0)
        self.assertLess(alone["accuracy"], 0.99)
        error = statistics.stdev(chip) / len(chip) ** 0.5 + alone["accuracy_interval"] / 2
        self.assertLess(abs(statistics.mean(chip) - alone["accuracy"]), 3 * error)

    def test_orders_and_engines_agree(self):
        short = ["--set", "chip.core.decay.unit=10 ms"]
        for mesh in MESHES:
            hashes = set()
            for options in (("--order", "dense"), ("--order", "shuffled", "--seed", "5"), ("--engine", "systemc"), ()):
                done = self.call_chip(mesh, "-n", "1", *(short if mesh.startswith("otters") else []), *options)
                if "systemc" in options and done.returncode == 1:
                    continue  # built without
                self.assertEqual(done.returncode, 0, done.stderr)
                hashes.add(json.loads(done.stdout)["hash"])
            self.assertEqual(len(hashes), 1, mesh)

    def test_events_stand_under_the_unit(self):
        for mesh, unit in MESHES.items():
            with self.subTest(mesh=mesh):
                self.run_chip(mesh, "-n", "2", "--log", "events")
                rows = self.query("SELECT path, type, energy_j FROM energy_by_component WHERE path LIKE '%.unit'")
                self.assertEqual({kind for _, kind, _ in rows}, {unit})
                self.assertTrue(all(path.startswith("chip.tile[") and energy > 0 for path, _, energy in rows))
                slowest, = self.query("SELECT max(latency) FROM event JOIN component c ON c.id = component "
                                      "WHERE c.type = '%s' AND latency < 1000000" % unit)[0]
                self.assertGreater(slowest, 1)
                self.assertEqual(self.query("SELECT sum(count) FROM event"),
                                 self.query("SELECT sum(count) FROM count"))

    def test_area_is_that_of_the_parts_and_says_what_it_leaves_out(self):
        summary = self.run_chip("crossbar-mesh.yaml", "-n", "2")
        alone = evaluate("crossbar-isaac.yaml", "-n", "2")
        areas = dict(self.query("SELECT type, area_m2 FROM area_by_type"))
        (cores,), = self.query("SELECT count(*) FROM component WHERE type = 'arch.crossbar'")
        self.assertAlmostEqual(areas["arch.crossbar"] / cores, alone["area_m2"] / alone["units"], 15)
        self.assertAlmostEqual(alone["samples_per_s_mm2"] * alone["latency_s"] * alone["area_m2"] * 1e6, 1, 12)
        self.assertAlmostEqual(areas["noc.router"], 16 * 8226e-12 * 32 / 64, 15)
        self.assertAlmostEqual(areas["noc.buffer"], (48 + 48) * 2 * 4 * 282.6e-12 * 32 / 64, 15)
        self.assertEqual(areas, {**dict.fromkeys(summary["area_unknown"]), **summary["area_by_type"]})
        self.assertIn("arch.unit_core", summary["area_unknown"])
        self.assertAlmostEqual(summary["area_m2"], sum(summary["area_by_type"].values()), 15)
        (edp, area, per_mm2), = self.query("SELECT edp_js, area_m2, samples_per_s_mm2 FROM merit")
        self.assertAlmostEqual(edp / summary["edp_js"], 1, 12)
        self.assertAlmostEqual(area / summary["area_m2"], 1, 12)
        self.assertAlmostEqual(per_mm2 / summary["samples_per_s_mm2"], 1, 12)
        self.assertAlmostEqual(summary["edp_js"], summary["energy_j"] / 2 * summary["time_s"] / 2, 15)
        (leakage, energy), = self.query("SELECT leakage_j, energy_j FROM energy_total")
        self.assertAlmostEqual(summary["leakage_share"], leakage / energy, 12)

    def test_what_cannot_be_is_refused(self):
        for message, config, setting in (
                ("is no core", "crossbar-mesh.yaml", "chip.core={type: noc.aer_mesh}"),
                ("needs input.kind spikes", "crossbar-mesh.yaml", "chip.core.input.kind=serial"),
                ("spikes_per_packet must be 1", "otters-mesh.yaml", "chip.spikes_per_packet=4"),
                ("a dead zone at most all of them", "otters-mesh.yaml", "chip.code.dead_zone=16"),
                ("5-bit weights", "crossbar-mesh.yaml", "chip.core.weights.bits=3"),
                ("784 inputs", "msu-mesh.yaml", "chip.periphery={partial_sums: false}")):
            with self.subTest(message=message):
                self.refused(config, message, "--set", setting)


if __name__ == "__main__":
    unittest.main()
