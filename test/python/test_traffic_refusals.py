# SPDX-License-Identifier: MIT
"""nocsim --traffic: what is wrong in the traffic is told of --traffic, with the part of it, not of the description."""
import unittest

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


if __name__ == "__main__":
    unittest.main()
