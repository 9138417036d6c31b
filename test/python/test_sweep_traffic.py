# SPDX-License-Identifier: MIT
"""nocsim sweep over traffic: a row equals the measurement it stands for; recorded packets; axes of traffic and chip."""
import json
import os
import sqlite3
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOCSIM = Path(os.environ.get("NOCSIM", ROOT / "build" / "release" / "nocsim"))
MESH = ROOT / "configs" / "mesh-8x8.yaml"


def nocsim(*arguments, code=0):
    run = subprocess.run([NOCSIM, *map(str, arguments)], capture_output=True, text=True, check=False, cwd=ROOT)
    assert run.returncode == code, f"{arguments}: exit code {run.returncode}\n{run.stderr}"
    return run


@unittest.skipUnless("NOCSIM" in os.environ or NOCSIM.exists(), f"{NOCSIM} is not built")
class TrafficSweep(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.db = self.folder / "out.db"

    def sweep(self, text, *options):
        path = self.folder / "sweep.yaml"
        path.write_text(text)
        nocsim("sweep", path, "-o", self.db, "-q", *options)
        with sqlite3.connect(self.db) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute("SELECT * FROM result ORDER BY point")]

    def test_a_row_equals_the_measurement_it_stands_for(self):
        rows = self.sweep(
            f"arch: {MESH}\ntraffic: {{packet: 2, seed: 5}}\noptions: {{cycles: 600, warmup: 400}}\n"
            "axes:\n  - {key: traffic.pattern, values: [hotspot, tornado]}\n"
            "  - {key: traffic.rate, range: {from: 0.02, to: 0.12, step: 0.05}}\n"
            "  - {key: chip.network.router.vcs, values: [1, 3]}\n"
            "objectives: [{minimise: latency_mean}, {maximise: accepted}]\n")
        self.assertEqual(len(rows), 12)
        self.assertEqual(len({row["latency_mean"] for row in rows}), 12)
        for row in rows:
            alone = json.loads(nocsim(
                "--arch", MESH, "--traffic", f"{row['pattern']},rate={row['rate']},packet=2,seed=5", "--cycles", 600,
                "--warmup", 400, "--set", f"chip.network.router.vcs={row['vcs']:.0f}", "--format", "json").stdout)
            for key in ("latency_mean", "latency_p99", "accepted", "saturated", "hops_mean", "energy_j", "power_w",
                        "packets", "flit_hops"):
                self.assertEqual(row[key], alone[key], key)
            self.assertNotIn("links", row)

    def test_values_of_one_pattern_beside_others(self):
        """What only multicast looks at does not make the other points wrong."""
        rows = self.sweep(
            f"arch: {MESH}\ntraffic: {{rate: 0.02, fanout: 3, replication: tree}}\noptions: {{cycles: 600}}\n"
            "axes:\n  - {key: traffic.pattern, values: [uniform, multicast]}\n")
        self.assertEqual([row["pattern"] for row in rows], ["uniform", "multicast"])
        self.assertGreater(rows[1]["accepted"], 2 * rows[0]["accepted"])

    def test_whole_networks_as_an_axis(self):
        (self.folder / "x.yaml").write_text("chip: {type: noc.chip, network: {size: 4x4}}\n")
        rows = self.sweep(
            "arch: x.yaml\ntraffic: {rate: 0.05}\noptions: {cycles: 600}\naxes:\n"
            f"  - {{name: network, option: arch, values: [x.yaml, {ROOT}/configs/ring-16.yaml]}}\n")
        self.assertEqual([row["terminals"] for row in rows], [16, 16])
        self.assertNotEqual(rows[0]["hops_mean"], rows[1]["hops_mean"])

    def test_recorded_packets(self):
        trace = self.folder / "packets.csv"
        trace.write_text("cycle,src,dst,size\n0,0,63,4\n5,3,60,2\n9,7,8,1\n")
        rows = self.sweep(
            f"arch: {MESH}\ntraffic: {{trace: packets.csv}}\naxes:\n"
            "  - {key: chip.network.link_latency, values: [1, 2, 3]}\n")
        for row, latency in zip(rows, (1, 2, 3)):
            alone = json.loads(nocsim("--arch", MESH, "--traffic", f"trace={trace}", "--set",
                                      f"chip.network.link_latency={latency}", "--format", "json").stdout)
            self.assertEqual((row["latency_mean"], row["packets"]), (alone["latency_mean"], 3))

    def test_another_load_is_another_sweep(self):
        """The traffic is part of what a database stands for: it is not continued under another."""
        text = f"arch: {MESH}\ntraffic: {{rate: 0.1}}\noptions: {{cycles: 600}}\n" \
               "axes: [{key: traffic.packet, values: [1]}]\n"
        self.sweep(text)
        path = self.folder / "sweep.yaml"
        path.write_text(text.replace("0.1", "0.2"))
        self.assertIn("--force", nocsim("sweep", path, "-o", self.db, code=2).stderr)

    def test_dry_run(self):
        said = json.loads(nocsim("sweep", "configs/sweeps/mesh-traffic.yaml", "--dry-run", "--sample", 1, "--format",
                                 "json").stdout)
        self.assertEqual((said["points"], said["sampled"], said["failed"]), (36, 1, 0))


if __name__ == "__main__":
    unittest.main()
