# SPDX-License-Identifier: MIT
"""nocsim --traffic: what is wrong in the traffic is told of --traffic, with the part of it, not of the description."""
import json
import tempfile
import unittest
from pathlib import Path

from simulator import ROOT, built, call

MESH = ROOT / "configs" / "mesh-8x8.yaml"
PARTS = {
    "hotspot,hotspot=27": "noc.traffic.hotspot: '27' is not of the form terminal:weight",
    "hotspot,hotspot=27:4,x:1": "noc.traffic.hotspot: 'x:1' is not of the form terminal:weight",
    "hotspot,hotspot=27:4,28:-1": "noc.traffic.hotspot: '28:-1' is not of the form",
    "hotspot,hotspot=27:4,64:1": "noc.traffic.hotspot: '64:1' is no terminal of the network, which has 0 to 63",
    "hotspot,hotspot=*:1,*:2": "noc.traffic.hotspot: '*:2' is a second weight of all others",
    "hotspot,hotspot=3:1,3:2": "noc.traffic.hotspot: terminal 3 is named twice",
    "hotspot,hotspot=3:0": "noc.traffic.hotspot: all weights are 0",
    "uniform,rate=0": "noc.traffic.rate: at a rate of 0 there is nothing to measure",
    "multicast,fanout=65": "noc.traffic: fanout 65 is more than the 64 terminals",
}


USAGE = {
    "uniform,fanout=3": "--traffic: 'fanout' is for multicast, not for uniform",
    "tornado,self=false": "--traffic: 'self' is for uniform and multicast, not for tornado",
    "uniform,hotspot=3:1": "--traffic: 'hotspot' is for hotspot, not for uniform",
    "trace=none.csv,rate=0.1": "--traffic: a trace takes no further values, such as 'rate=0.1'",
}


@built
class Refusals(unittest.TestCase):
    def refused(self, message, *options, code=2):
        done = call("--arch", MESH, *options)
        self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
        self.assertIn(message, done.stderr)

    def test_parts_of_the_option(self):
        for traffic, message in PARTS.items():
            with self.subTest(traffic):
                self.refused("nocsim: --traffic: " + message, "--traffic", traffic)

    def test_values_of_other_patterns(self):
        for traffic, message in USAGE.items():
            with self.subTest(traffic):
                self.refused(message, "--traffic", traffic, code=1)

    def test_windows_are_as_long_as_asked_for(self):
        self.refused("--cycles takes a number from 32", "--traffic", "uniform", "--cycles", 31, code=1)
        done = call("--arch", MESH, "--traffic", "uniform", "--cycles", 32)
        self.assertIn(", window 32;", done.stdout)

    def test_a_seed_is_given_once(self):
        self.refused("the seed is given twice", "--traffic", "uniform,seed=3", "--seed", 5, code=1)

    def test_a_network_runs_no_traces(self):
        """Before anything is said of the trace: -t alone is --trace."""
        self.refused(f"{MESH}:6:3: a chip of type 'noc.chip' does not run traces (noc.chip: --traffic", "-t", "uniform")

    def test_multicast_by_both_ways(self):
        self.refused("multicast makes two, by trees and by repeated unicast: it needs replication=tree or "
                     "replication=unicast", "--traffic", "multicast", "-o", "/tmp/never.db", code=1)
        for traffic in ("multicast", "multicast,replication=tree"):
            self.refused("--watch follows one packet to one terminal, and trees make copies", "--traffic", traffic,
                         "--watch", 3, code=1)

    def test_a_mean_of_other_packets_is_none(self):
        """What packets queued that have not arrived is no part of the latency of those that have."""
        run = ("--arch", MESH, "--traffic", "tornado,rate=0.4", "--cycles", 500, "--set", "chip.network.topology=torus")
        done = call(*run, "--format", "json", "--brief")
        result = json.loads(done.stdout)
        self.assertTrue(result["saturated"])
        self.assertIsNone(result["network_latency_mean"])
        self.assertNotIn("in the network", call(*run).stdout)
        calm = json.loads(call(*run[:2], "--traffic", "tornado,rate=0.01", *run[4:], "--format", "json", "--brief").stdout)
        self.assertTrue(0 < calm["network_latency_mean"] <= calm["latency_mean"])

    def test_networks(self):
        self.refused("--network 1: the chip has 1 network, numbered from 0", "--traffic", "uniform", "--network", 1)
        self.refused("routing xy needs a mesh or a torus (up_down goes everywhere)", "--traffic", "uniform", "--set",
                     "chip.network.topology=fat_tree")
        self.refused("a graph needs its edges", "--traffic", "uniform", "--set", "chip.network.topology=graph")

    def test_traces(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "x.csv")
            path.write_bytes(b"\xef\xbb\xbfcycle,src,dst,size\r\n0,1,2,1\r\n3,2,1,1")
            done = call("--arch", MESH, "--traffic", f"trace={path}")
            self.assertIn(", 2 packets", done.stdout, done.stderr)
            self.assertRegex(done.stdout, r"(?m)^ +10 100\.0 %")
            self.assertNotIn("0.000 from", done.stdout)
            path.write_text("cycle,src,dst,size\n# far\n0,1,64,1\n\n3,70,1,1\n")
            self.refused(f"{path}:3: packet 0 goes from 1 to 64, but the network has 64 terminals", "--traffic",
                         f"trace={path}")
            self.refused(f"{path}:5: packet 1 goes from 70 to 1", "--traffic", f"trace={path}")
            path.write_text("0,1,2,1\n")
            self.refused("there is no packet 1: the trace has 1 packet, numbered from 0", "--traffic", f"trace={path}",
                         "--watch", 1, code=1)


if __name__ == "__main__":
    unittest.main()
