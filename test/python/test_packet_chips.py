# SPDX-License-Identifier: MIT
"""The MNIST network on the packet chips: every output count of every image as on Shenjing, and what it costs."""
import sqlite3
import unittest

from simulator import ChipTest, golden_counts, output_counts


class PacketChips(ChipTest):
    def events(self):
        totals = self.totals()
        self.assertGreater(totals["arch.digital_core.synaptic_event"], 0)
        return totals

    def check_all_images(self, config, *options):
        summary = self.run_chip(config, *options)
        expected = golden_counts()
        self.assertEqual(len(expected), 1000)
        self.assertEqual(output_counts(self.database), expected)
        return summary

    def test_loihi(self):
        summary = self.check_all_images("loihi.yaml")
        self.assertEqual(summary["tiles_used"], 2)
        self.assertGreaterEqual(summary["power_w"], 0.104)

    def test_loihi_with_multicast(self):
        self.check_all_images("loihi.yaml", "--set", "chip.networks[0].multicast=tree")

    def test_loihi_with_packed_spikes(self):
        self.check_all_images("loihi.yaml", "--set", "chip.spikes_per_packet=16")

    def test_truenorth(self):
        summary = self.check_all_images("truenorth.yaml")
        self.assertEqual(summary["cycles_per_timestep"], 1000000)
        static_w = 64.4e-3 * summary["cycles"] / 1e9 / summary["time_s"]
        self.assertGreater(summary["power_w"], static_w)
        self.assertLess(summary["power_w"], 1.01 * static_w)

    def test_virtual_channels(self):
        self.check_all_images("digital-mesh.yaml")

    def test_two_networks_carry_what_they_are_assigned(self):
        self.check_all_images("two-networks.yaml")
        totals = self.events()
        sums = totals["arch.digital_core.sum_in"]
        self.assertGreater(sums, 0)
        self.assertEqual(totals["noc.aer_router.deliver"], sums)
        self.run_chip("two-networks.yaml", "-n", "5", "--force", "--set",
                      "chip.assign=[{layer: image, network: sums}]")
        totals = self.events()
        self.assertGreater(totals["noc.terminal.receive_packet"], totals["arch.digital_core.sum_in"])

    def test_links_carry_what_the_events_say(self):
        self.run_chip("two-networks.yaml", "-n", "2")
        totals = self.events()
        with sqlite3.connect(self.database) as db:
            sends = dict(db.execute("SELECT name, sum(sends) FROM link GROUP BY name"))
            wrong, = db.execute("SELECT count(*) FROM link WHERE bits <> sends * width").fetchone()
            loaded, = db.execute("SELECT count(*) FROM link_load WHERE load > 0 AND load <= 1").fetchone()
        self.assertEqual(wrong, 0)
        self.assertGreater(loaded, 0)
        self.assertEqual(sends["link"], totals["noc.router.link_flit"])
        self.assertEqual(sends["eject"], totals["noc.terminal.receive_flit"])
        self.assertEqual(sends["core"], totals["noc.terminal.receive_packet"])
        self.assertEqual(sends["deliver"], totals["noc.aer_router.deliver"])

    def test_multicast_saves_hops_and_delivers_the_same(self):
        totals = {}
        for multicast in ("unicast", "tree"):
            self.run_chip("loihi.yaml", "-n", "20", "--set", "chip.networks[0].multicast=" + multicast)
            totals[multicast] = self.events()
        delivered, hops = "noc.aer_router.deliver", ("noc.aer_router.link_east", "noc.aer_router.link_west")
        self.assertEqual(totals["tree"][delivered], totals["unicast"][delivered])
        self.assertLessEqual(sum(totals["tree"][h] for h in hops), sum(totals["unicast"][h] for h in hops))
        self.assertEqual(totals["unicast"].get("noc.aer_router.copy", 0), 0)
        self.assertGreater(totals["tree"]["noc.aer_router.copy"], 0)

    def test_multicast_among_virtual_channels(self):
        totals, smaller = {}, ("--set", "chip.core.neurons=64", "--set", "chip.networks[0].network.router.flow_control"
                               "=cut_through")
        for multicast in ("unicast", "tree"):
            self.check_all_images("digital-mesh.yaml", *smaller, "--set", "chip.networks[0].multicast=" + multicast)
            totals[multicast] = self.events()
        self.assertEqual(totals["tree"]["noc.router.eject_flit"], totals["unicast"]["noc.router.eject_flit"])
        self.assertLess(totals["tree"]["noc.router.link_flit"], totals["unicast"]["noc.router.link_flit"])

    def latencies(self):
        with sqlite3.connect(self.database) as db:
            return db.execute("SELECT count, sum, min, max FROM histogram WHERE name = 'packet'").fetchone()

    def test_latencies_of_packets_are_the_differences_of_their_events(self):
        for multicast in ("unicast", "tree"):
            summary = self.run_chip("loihi.yaml", "-n", "1", "-T", "3", "--log", "events", "--set",
                                    "chip.networks[0].multicast=" + multicast)
            with sqlite3.connect(self.database) as db:
                at = "SELECT count(*), sum(cycle) FROM event JOIN kind k ON k.id = kind WHERE k.event IN ('{}', '{}')"
                arrivals, last = db.execute(at.format("packet_in", "spike_out")).fetchone()
                sent, first = db.execute(at.format("packet_out", "spike_in")).fetchone()
            count, total, least, _ = self.latencies()
            self.assertEqual((count, summary["packets"]), (arrivals, arrivals))
            self.assertGreater(least, 0)
            if multicast == "unicast":  # a packet is sent in the cycle in which it is ready: nothing is in its way
                self.assertEqual((sent, total), (arrivals, last - first))
            else:
                self.assertLess(sent, arrivals)
            self.assertEqual(summary["packet_latency_mean"], total / count)
            self.assertEqual(sum(n for _, _, n in summary["packet_latency_histogram"]), count)

    def test_routers_that_deflect(self):
        """Another way of the packets, later arrivals, the same spikes; each deflection is on record."""
        deflect = ("--set", "chip.networks[0].network.router={flow_control: deflection, vcs: 1, buffer_flits: 4, "
                   "flit_bits: 32}", "--set", "chip.packet_bits=32")
        self.check_all_images("digital-mesh.yaml", "--set", "chip.core.neurons=64", *deflect)
        totals = self.events()
        self.assertGreater(totals["noc.router.deflect"], 0)
        self.assertEqual(self.latencies()[0], totals["noc.router.eject_flit"])

    def test_engines_orders_and_levels_agree(self):
        hashes, totals = set(), []
        for options in (("--order", "sparse"), ("--order", "dense"), ("--order", "shuffled", "--seed", "5")):
            hashes.add(self.run_chip("digital-mesh.yaml", "-n", "2", *options)["hash"])
            totals.append(self.events())
        self.assertEqual(len(hashes), 1)
        summary = self.run_chip("digital-mesh.yaml", "-n", "2", "--log", "steps")
        self.assertEqual(self.events(), totals[0])
        with sqlite3.connect(self.database) as db:
            # Clocks go on between the last timestep and the end of a sample.
            timesteps, = db.execute("SELECT count(DISTINCT sample || '.' || timestep) FROM step JOIN kind k "
                                    "ON k.id = step.kind WHERE k.type <> 'noc.clock'").fetchone()
        self.assertEqual(timesteps, 2 * 22)
        self.assertGreater(summary["cycles_per_timestep"], 0)

    def test_a_run_that_is_too_long_is_stopped(self):
        options = ("--set", "chip.timestep_cycles=4000000000", "--set", "run.watchdog=0")
        self.run_chip("digital-mesh.yaml", "-n", "3", *options)
        self.database.unlink()
        for level in ("summary", "steps"):
            self.refused("digital-mesh.yaml", "as far as this chip's packets can tell the time", "-n", "60", "--log", level,
                         *options, code=3)

    def test_what_does_not_fit_is_refused(self):
        self.refused("truenorth.yaml", "has 784 inputs and a core has 256 axons",
                     "--set", "chip.core.partial_sums=false")
        self.refused("truenorth.yaml", "9 too few (rows: 4 and cols: 3 would do)", "--set", "chip.rows=1", "--set",
                     "chip.cols=1")
        self.refused("loihi.yaml", "do not fit into a core's memory", "--set", "chip.core.synapse_memory='1 KiB'")
        self.refused("loihi.yaml", "layer 0 'image' sends packets to 4 destinations", "--set", "chip.networks=[]")
        self.refused("two-networks.yaml", "no network is called 'sum' (did you mean 'sums'?)",
                     "--set", "chip.assign[0].network=sum")
        self.refused("two-networks.yaml", "the network has no layer 'fc9'", "--set", "chip.assign[0].layer=fc9")
        self.refused("two-networks.yaml", "networks[1] has the name of another: 'spikes'",
                     "--set", "chip.networks[1].name=spikes")
        self.refused("digital-mesh.yaml", "terminals", "--set", "chip.networks[0].network.size=1x1")
        self.refused("digital-mesh.yaml", "networks[0]: multicast tree can deadlock with packets of 2 flits",
                     "--set", "chip.networks[0].multicast=tree")
        self.refused("loihi.yaml", "weights", "--set", "chip.core.weight_bits=4")


if __name__ == "__main__":
    unittest.main()
