# SPDX-License-Identifier: MIT
"""nocsim --traffic multicast: trees beside repeated unicast, links counted by numpy, conservation of copies.

The simulator is $NOCSIM, by default build/release/nocsim.
"""
import json
import math
import os
import sqlite3
import subprocess
import tempfile
import unittest
from pathlib import Path

import numpy

ROOT = Path(__file__).resolve().parents[2]
NOCSIM = Path(os.environ.get("NOCSIM", ROOT / "build" / "release" / "nocsim"))
MESH = "configs/mesh-8x8.yaml"


def call(*options):
    """(exit code, stdout, stderr)"""
    run = subprocess.run([NOCSIM, *map(str, options)], cwd=ROOT, capture_output=True, text=True, timeout=300,
                         check=False)
    return run.returncode, run.stdout, run.stderr


def measure(traffic, *options):
    code, said, complaint = call("--arch", MESH, "--traffic", traffic, "--format", "json", *options)
    if code != 0:
        raise AssertionError(complaint)
    return json.loads(said)


def simulated(result):
    """Without what the measuring machine adds."""
    return {key: value for key, value in result.items() if key not in ("sim_seconds", "database")}


@unittest.skipUnless("NOCSIM" in os.environ or NOCSIM.exists(), f"{NOCSIM} is not built")
class Multicast(unittest.TestCase):
    def test_both_ways_are_the_runs_alone(self):
        both = measure("multicast,rate=0.02,fanout=6,seed=4", "--cycles", 1500)
        tree, unicast = (measure(f"multicast,rate=0.02,fanout=6,seed=4,replication={way}", "--cycles", 1500)
                         for way in ("tree", "unicast"))
        self.assertEqual((tree["unicast"], unicast["unicast"]), (None, None))
        self.assertEqual(simulated(both["unicast"]), simulated(unicast))
        both["unicast"] = None
        self.assertEqual(simulated(both), simulated(tree))

    def test_the_same_copies_arrive(self):
        """Nothing is lost or doubled, each message is as many packets as it has destinations, and of the copies of a
        message the last one is the last."""
        for packet, how in ((1, "wormhole"), (4, "cut_through")):
            both = measure(f"multicast,rate=0.02,fanout=8,groups=5,packet={packet}", "--cycles", 4000, "--warmup", 1000,
                           "--audit", 97, "--set", f"chip.network.router.flow_control={how}")
            unicast = both["unicast"]
            self.assertEqual((both["packets"], both["messages"]), (unicast["packets"], unicast["messages"]))
            for result in (both, unicast):
                self.assertFalse(result["saturated"])
                self.assertEqual(result["packets"], 8 * result["messages"])
                self.assertEqual(result["hops_mean"], both["hops_mean"])
                self.assertGreater(result["latency_last_mean"], result["latency_mean"])
                self.assertLessEqual(result["latency_last_p99"], result["latency_last_max"])
            self.assertLess(both["flit_hops"], 0.7 * unicast["flit_hops"])
            self.assertLess(both["energy_dynamic_j"], unicast["energy_dynamic_j"])

    def test_links_of_trees(self):
        """A link is in the XY tree of a random set of f of n terminals unless all f are chosen among the terminals that
        are not behind it; flit-hops a copy are links / f and the way out of the network."""
        side, n = 8, 64
        x, y = numpy.arange(n) % side, numpy.arange(n) // side
        behind = []  # terminals behind each link, for every source
        for source in range(n):
            u, v = x[source], y[source]
            for column in range(side):
                if column != u:
                    behind.append(numpy.sum((x >= column) if column > u else (x <= column)))
                for row in range(side):
                    if row != v:
                        behind.append(numpy.sum((x == column) & ((y >= row) if row > v else (y <= row))))
        for fanout in (2, 8, 24):
            links = sum(1 - math.comb(n - int(b), fanout) / math.comb(n, fanout) for b in behind) / n
            distance = sum(map(int, behind)) / n / n
            result = measure(f"multicast,rate=0.005,fanout={fanout},groups=64,seed=3", "--cycles", 60000)
            self.assertLess(abs(result["flit_hops_per_flit"] / (links / fanout + 1) - 1), 0.01)
            self.assertLess(abs(result["unicast"]["flit_hops_per_flit"] / (distance + 1) - 1), 0.01)
            mean = result["link_load_mean"] * len(result["links"]) / (0.005 * n)
            self.assertLess(abs(mean / links - 1), 0.03)

    def test_broadcast(self):
        result = measure("multicast,rate=0.004,fanout=64", "--cycles", 20000)
        self.assertLess(abs(result["flit_hops_per_flit"] - (63 + 64) / 64), 0.005)
        self.assertLess(result["latency_last_mean"], result["unicast"]["latency_last_mean"])

    def test_database_curve_and_story(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "run.db"
            for way in ("tree", "unicast"):
                result = measure(f"multicast,rate=0.03,replication={way}", "--cycles", 1000, "-o", path, "--force",
                                 "--set", "chip.network.link_payload=address")
                with sqlite3.connect(path) as database:
                    count, total = database.execute("SELECT count, sum FROM histogram WHERE name = 'packet'").fetchone()
                    energy = database.execute("SELECT energy_j FROM energy_total").fetchone()[0]
                self.assertEqual(count, result["packets"])
                self.assertAlmostEqual(total / count, result["latency_mean"], 8)
                self.assertAlmostEqual(energy / result["energy_j"], 1, 9)
        curve = measure("multicast,fanout=4", "--load-curve", "0.02:0.04:0.02", "--cycles", 600)
        for point in curve:
            alone = measure(f"multicast,fanout=4,rate={point['rate']}", "--cycles", 600, "--brief")
            for one in (point, alone, point["unicast"], alone["unicast"]):
                del one["sim_seconds"]
            self.assertEqual(point, alone)
        story = measure("multicast,rate=0.02,replication=unicast", "--watch", 300)
        self.assertEqual((story["story"][0]["first"], story["story"][-1]["last"]), (story["created"], story["tail"]))
        for options in (("-o", "none.db"), ("--watch", 3)):
            code, _, complaint = call("--arch", MESH, "--traffic", "multicast", *options)
            self.assertEqual(code, 1)
            self.assertIn("replication=", complaint)

    def test_text(self):
        _, said, _ = call("--arch", MESH, "--traffic", "multicast,rate=0.02", "--cycles", "1000")
        self.assertLessEqual(len(said.splitlines()), 24 + 3)
        self.assertLessEqual(max(map(len, said.splitlines())), 120)
        self.assertRegex(said, r"(?m)^Tree +the last copy after [0-9.]+ cycles")
        self.assertRegex(said, r"(?m)^Unicast +the last copy after [0-9.]+ cycles")
        _, said, _ = call("--arch", MESH, "--traffic", "multicast", "--load-curve", "0.02:0.04:0.02")
        self.assertEqual(said.count("last copy"), 2)


if __name__ == "__main__":
    unittest.main()
