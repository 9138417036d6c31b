# SPDX-License-Identifier: MIT
"""What people read: one of a thing is singular, and a difference of nothing has no sign."""
import contextlib
import json
import os
import pty
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from simulator import MNIST, NOCSIM, ROOT, built, nocsim, query

THINGS = "sample|packet|flit|VC|router|terminal|cycle|core|tile|timestep|layer|head|point|candidate|row|spike|group"
MESH = ROOT / "configs" / "mesh-8x8.yaml"


@built
class Summaries(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def assert_singular(self, text, *expected):
        self.assertIsNone(re.search(rf"(?<![\d.])1 ({THINGS})s\b", text), text)
        for phrase in expected:
            self.assertRegex(text, rf"(?<![\d.]){phrase}\b(?!s)")

    def test_one_sample(self):
        database = self.folder / "run.db"
        said = nocsim("--arch", ROOT / "configs/shenjing.yaml", "--trace", MNIST, "-n", 1, "-o", database).stdout
        self.assert_singular(said, "1 sample")
        self.assert_singular(nocsim("hash", "--tables", database).stdout, "1 row")
        spikes, trace = self.folder / "spikes.csv", self.folder / "one.spk"
        spikes.write_text("sample,layer,timestep,neuron\n0,0,0,2\n")
        said = nocsim("trace", "import", "--layer", "in:3", "--samples", 1, "--timesteps", 1, spikes, "-o", trace).stdout
        self.assert_singular(said, "1 sample of 1 timestep")
        self.assert_singular(nocsim("trace", "info", trace).stdout, r"samples: 1 \(0 labelled\) of 1 timestep")
        self.assert_singular(nocsim("trace", "check", trace).stdout, "1 sample, 1 layer")

    def test_one_name_for_a_quantity(self):
        """What the summary and the database both know they call the same, and it is the same."""
        database = self.folder / "run.db"
        run = ("--arch", ROOT / "configs/loihi.yaml", "--trace", MNIST, "-n", 5, "-o", database, "--force")
        summary = json.loads(nocsim(*run, "--format", "json").stdout)
        for name in ("merit", "energy_per_spike"):
            row, = json.loads(nocsim("query", database, name, "--format", "json").stdout)
            shared = set(row) & set(summary) - {"area_unknown"}
            self.assertIn("energy_per_sample_j", shared)
            for key in shared - {"spikes"}:
                self.assertAlmostEqual(row[key] / summary[key], 1, 9, key)
        self.assertEqual({key for key in summary if "sample" in key},
                         {"samples", "energy_per_sample_j", "samples_per_s_mm2"})
        self.assertGreaterEqual(set(summary), {"latency_s", "latency_max_s", "latency_max_cycles"})
        longest, = query(database, "SELECT max(last_cycle - first_cycle + 1) FROM sample")[0]
        self.assertEqual(summary["latency_max_cycles"], longest)
        self.assertAlmostEqual(summary["latency_s"], summary["time_s"] / 5)
        self.assertLess(summary["latency_s"], summary["latency_max_s"])
        self.assertRegex(nocsim(*run).stdout, rf"Latency +\d+ cycles = \S+ us a sample, the longest {longest} = ")

    def test_one_packet(self):
        trace = self.folder / "one.csv"
        one = ("--set", "chip.network.router={vcs: 1, buffer_flits: 1}", "--set", "chip.network.size=2")
        trace.write_text("0,0,1,1\n")
        said = nocsim("--arch", MESH, "--traffic", f"trace={trace}", *one).stdout
        self.assert_singular(said, "1 packet", "1 VC x 1 flit of 64 bits")
        self.assert_singular(nocsim("--arch", MESH, "--traffic", "multicast,fanout=1,rate=0.1", "--cycles", 600).stdout,
                             "to 1 terminal each", "packets of 1 flit")

    def on_terminal(self, *arguments):
        """What a terminal gets on standard error, and what comes on standard output."""
        leader, follower = pty.openpty()
        with subprocess.Popen([NOCSIM, *map(str, arguments)], stdout=subprocess.PIPE, stderr=follower, text=True) as run:
            os.close(follower)
            said = run.stdout.read()
        shown = b""
        with contextlib.suppress(OSError):
            while piece := os.read(leader, 4096):
                shown += piece
        os.close(leader)
        return shown.decode(), said

    def test_progress_of_long_measurements(self):
        """The part of the run on a terminal, with an estimate, nothing with --quiet; the result is the same."""
        run = ("--arch", MESH, "--traffic", "uniform,rate=0.02", "--cycles", 2000, "--set", "chip.network.size=64x64")
        shown, said = self.on_terminal(*run)
        self.assertRegex(shown, r"\r(warm-up|window): cycles \d+/\d+ \(\d+ %\), [\d.]+ /s, .* left")
        plain = nocsim(*run)
        self.assertEqual(plain.stderr, "")
        self.assertEqual(*(re.sub("Simulated .*", "", text) for text in (said, plain.stdout)))
        self.assertEqual(self.on_terminal(*run[:4], "--cycles", 600, "--quiet"), ("", ""))

    def test_a_difference_of_nothing(self):
        said = nocsim("compare", "--arch", ROOT / "configs/snn-qnn.yaml", "--layer", "timesteps=5,weight_bits=4").stdout
        self.assertRegex(said, r"deviation 0\.00 %")
        self.assertNotIn("-0.00", said)


if __name__ == "__main__":
    unittest.main()
