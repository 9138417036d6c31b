# SPDX-License-Identifier: MIT
"""Where cores are placed: in the run database, the summary and the map; what it costs; and that it changes no spike."""
import json
import unittest

from simulator import ROOT, ChipTest, nocsim, output_counts, query

TRAFFIC = ("--trace", ROOT / "workloads/mnist-cnn.spk", "-n", 1)
ANNEAL = ("--set", "chip.placement.strategy=anneal", "--set", "chip.placement.seed=5", "--set", "chip.placement.moves=50")


class Placement(ChipTest):
    def place(self, config, *options):
        """The summary of a run, the facts in its database, and the outputs."""
        output = nocsim("--arch", ROOT / "configs" / config, *TRAFFIC, "-o", self.database, "--force", "--format", "json",
                        *options)
        facts = dict(query(self.database, "SELECT key, value FROM run"))
        return json.loads(output.stdout), facts, output_counts(self.database)

    def check(self, config, *options):
        outputs = []
        for extra in ((), ANNEAL):
            summary, facts, counts = self.place(config, *options, *extra)
            placement = summary["placement"]
            outputs.append(counts)
            self.assertEqual(facts["placement"], "anneal" if extra else "order")
            self.assertEqual(placement["strategy"], facts["placement"])
            self.assertEqual((facts["traffic_before"], facts["traffic_after"], facts["traffic_unit"]),
                             tuple(placement["cost"][key] for key in ("before", "after", "unit")))
            self.assertEqual("placement_seed" in facts, bool(extra))
            row = json.loads(nocsim("query", self.database, "placement", "--format", "json").stdout)
            row = row[0] if isinstance(row, list) else row["rows"][0]
            self.assertIn(facts["traffic_after"], row.values() if isinstance(row, dict) else row)
            if not extra:
                self.assertEqual(facts["traffic_before"], facts["traffic_after"])
                order = facts["traffic_before"]
        self.assertEqual((facts["placement_seed"], facts["placement_moves_per_core"], facts["placement_time_s"],
                          facts["placement_out_of_time"]), (5, 50, 300, 0))
        self.assertGreater(facts["placement_moves"], 0)
        self.assertAlmostEqual(facts["traffic_before"], order)
        self.assertLess(facts["traffic_after"], order)
        self.assertEqual(outputs[0], outputs[1])
        return summary

    def test_shenjing(self):
        self.check("shenjing-chip.yaml")

    def test_packet_chip(self):
        self.check("loihi.yaml")

    def test_dual_chip(self):
        self.check("snn-qnn.yaml")

    def test_dual_chip_runs_the_quantised_network_wherever_its_cores_are(self):
        self.check("snn-qnn.yaml", "--as", "qnn")

    def test_energy_follows_the_hops_where_hops_have_a_price(self):
        """TrueNorth's power law holds them inside the price of a synaptic event; with hops on their own less traffic is
        less energy, and the networks that were measured cost the same."""
        hops = ("--set", f"tech=!include {ROOT / 'configs/tech/truenorth-hops.yaml'}")
        cost = {}
        for name, tech in (("law", ()), ("hops", hops)):
            for strategy in ("order", "greedy"):
                summary, _, _ = self.place("truenorth.yaml", "--set", f"chip.placement.strategy={strategy}", *tech)
                cost[name, strategy] = summary["energy_by_kind"]
        self.assertEqual(cost["law", "order"], cost["law", "greedy"])
        link = "noc.aer_router.link_"
        ordered, greedy = (sum(value for key, value in cost["hops", strategy].items() if key.startswith(link))
                           for strategy in ("order", "greedy"))
        self.assertGreater(greedy, 0)
        self.assertLess(greedy, 0.8 * ordered)
        prices = dict(query(self.database, "SELECT type || '.' || event, unit_energy_j FROM kind"))
        measured = prices["arch.digital_core.synaptic_event"] + 2 * 21.66 / 128 * prices[link + "east"]
        self.assertAlmostEqual(measured / 2.30e-12, 1, delta=0.005)


if __name__ == "__main__":
    unittest.main()
