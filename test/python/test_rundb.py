# SPDX-License-Identifier: MIT
"""Run databases from outside: laws L6 to L8 on the shipped chip, the commands that read them, runs that are
killed or meet a full disk.

The simulator is $NOCSIM, by default build/release/nocsim.
"""
import csv
import io
import json
import resource
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import simulator
from simulator import MNIST as TRACE, NOCSIM, ROOT

ARCH, TECH = ROOT / "configs/shenjing.yaml", ROOT / "configs/tech/28nm.yaml"


def nocsim(*arguments, code=0, **options):
    """What the simulator says, which must end with this exit code; with its complaints where it is not 0."""
    done = simulator.nocsim(*arguments, code=code, **options)
    return done.stdout + done.stderr if code else done.stdout


def run_arguments(path, samples, *more):
    return ["--arch", ARCH, "--trace", TRACE, "-o", path, "--samples", str(samples), "--force", *more]


@simulator.built
class RunDatabase(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)
        self.path = self.folder / "run.db"

    def simulate(self, samples, *more, path=None):
        return json.loads(nocsim(*run_arguments(path or self.path, samples, "--format", "json", *more)))

    def query(self, sql):
        return json.loads(nocsim("query", self.path, sql, "--format", "json"))

    def test_orders_have_one_hash(self):
        for level in "summary", "steps", "events":
            with self.subTest(level=level):
                hashes = set()
                for order in ["sparse"], ["dense"], ["shuffled", "--seed", "1"], ["shuffled", "--seed", "2"]:
                    said = self.simulate(2, "--log", level, "--order", *order)["hash"]
                    self.assertEqual(nocsim("hash", self.path).strip(), said)
                    hashes.add(said)
                self.assertEqual(len(hashes), 1)

    def test_other_samples_have_another_hash(self):
        first = self.simulate("0:2")["hash"]
        self.assertNotEqual(self.simulate("1:3")["hash"], first)

    def test_energy_is_linear(self):
        said = self.simulate(3, "--log", "events")
        total = self.query("SELECT energy_j, power_w FROM energy_total")[0]
        self.assertAlmostEqual(total["energy_j"] / said["energy_j"], 1, places=12)
        again = self.query("SELECT sum(count * unit_energy_j) AS e FROM count JOIN kind ON kind.id = kind")[0]["e"]
        self.assertAlmostEqual(again / said["energy_j"], 1, places=12)
        events = self.query("SELECT sum(energy_j) AS e FROM event_energy")[0]["e"]
        self.assertAlmostEqual(events / said["energy_j"], 1, places=9)
        wrong = self.query("""SELECT count(*) AS n FROM count c WHERE count <> (SELECT total(count) FROM event e
                              WHERE e.component = c.component AND e.kind = c.kind)""")
        self.assertEqual(wrong, [{"n": 0}])

    def test_every_layer_has_its_spikes(self):
        for level in "summary", "steps":
            said = self.simulate(3, "--log", level)
            layers = {row["layer"]: row for row in self.query("SELECT * FROM spikes_by_layer")}
            self.assertEqual(set(layers), {0, 1, 2})
            self.assertEqual(sum(row["spikes"] for row in layers.values()), said["spikes"])
            (output, spikes), = ((row["n"], row["s"]) for row in self.query(
                "SELECT sum(count) AS n, (SELECT spikes FROM spikes_by_layer WHERE layer = 2) AS s FROM output"))
            self.assertEqual(output, spikes)
            self.assertAlmostEqual(layers[1]["spikes_per_neuron_step"], layers[1]["spikes"] / 512 / 20 / 3, 12)
            per_spike, = json.loads(nocsim("query", self.path, "energy_per_spike", "--format", "json"))
            self.assertEqual(per_spike["spikes"], said["spikes"])

    def test_levels_agree(self):
        energies = {self.simulate(2, "--log", level)["energy_j"] for level in ("summary", "steps", "events")}
        self.assertEqual(len(energies), 1)

    def test_prices_again(self):
        said = self.simulate(2)
        [total] = json.loads(nocsim("energy", self.path, "--tech", TECH, "--by", "total", "--format", "json"))
        self.assertEqual(total["energy_j"], said["energy_j"])
        [half] = json.loads(nocsim("energy", self.path, "--tech", TECH, "--by", "total", "--format", "json",
                                   "--voltage", "0.45 V", "--clock", "240 kHz"))
        self.assertAlmostEqual(half["dynamic_j"] / total["dynamic_j"], 1 / 4, places=9)
        self.assertAlmostEqual(half["leakage_j"] / total["leakage_j"], 1 / 2 / 2, places=9)
        self.assertAlmostEqual(half["time_s"] / total["time_s"], 1 / 2, places=9)
        self.assertEqual(nocsim("hash", self.path).strip(), said["hash"])

    def test_documented_queries(self):
        self.simulate(2, "--log", "events")
        names = [line.split()[0] for line in nocsim("query", self.path).splitlines()[2:]]
        self.assertGreaterEqual(len(names), 10)
        for name in names:
            with self.subTest(query=name):
                nocsim("query", self.path, name)
                rows = list(csv.DictReader(io.StringIO(nocsim("query", self.path, name, "--format", "csv"))))
                self.assertEqual(len(rows), len(json.loads(nocsim("query", self.path, name, "--format", "json"))))

    def test_documented_sql(self):
        self.simulate(8, "--log", "events")
        text = (ROOT / "docs/database.md").read_text()
        blocks = [part.split("```")[0] for part in text.split("```sql\n")[1:]]
        self.assertGreaterEqual(len(blocks), 3)
        for sql in blocks:
            with self.subTest(sql=sql):
                self.assertTrue(self.query(sql))

    def test_tables_are_documented(self):
        self.simulate(1)
        text = (ROOT / "docs/database.md").read_text()
        base = sqlite3.connect(self.path)
        for (name,) in base.execute("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')"):
            self.assertIn(f"`{name}`", text)
        base.close()

    def test_wrong_requests(self):
        self.simulate(1)
        for arguments, code, words in [
            (["hash"], 1, "which run database?"),
            (["hash", self.folder / "none.db"], 4, "No such file"),
            (["hash", TRACE], 2, "is not a run database but a spike trace"),
            (["hash", ARCH], 2, "not a database"),
            (["query", self.path, "latencie"], 1, "did you mean 'latency'?"),
            (["query", self.path, "SELECT 1 FROM nowhere"], 1, "no such table"),
            (["query", self.path, "DELETE FROM count"], 1, "can only be read"),
            (["query", self.path, "ATTACH 'x.db' AS x"], 1, "can only be read"),
            (["query", self.path, "SELECT 1; SELECT 2"], 1, "one statement at a time"),
            (["energy", self.path, "--voltage", "1 V"], 1, "need --tech"),
            (["energy", self.path, "--tech", TECH, "--voltage", "1"], 1, "has no unit"),
            (["energy", self.path, "--tech", TRACE], 2, ""),
            (["energy", self.path, "--tech", "none.yaml"], 4, "none.yaml"),
            (["energy", self.path, "--by", "day"], 1, "--by takes"),
        ]:
            with self.subTest(arguments=arguments):
                self.assertIn(words, nocsim(*arguments, code=code))

    def test_a_run_does_not_overwrite(self):
        self.simulate(1)
        before = self.path.read_bytes()
        said = nocsim("--arch", ARCH, "--trace", TRACE, "-o", self.path, "--samples", "1", code=4)
        self.assertIn("--force", said)
        self.assertEqual(self.path.read_bytes(), before)

    def test_killed_runs_leave_a_whole_database_or_none(self):
        whole = self.simulate(4, "--log", "events")["hash"]
        self.path.unlink()
        command = [NOCSIM, *run_arguments(self.path, 4, "--log", "events", "--quiet")]
        finished, span = 0, 0.1
        for life in range(40):
            with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
                time.sleep(span * (life % 10 + 1) / 10)
                run.send_signal(signal.SIGKILL)
            done = self.path.exists()
            span *= 0.8 if done else 1.2
            if done:
                finished += 1
                self.assertEqual(nocsim("hash", self.path).strip(), whole)
                self.path.unlink()
        self.assertGreater(finished, 0)
        self.assertLess(finished, 40)
        self.simulate(1)
        self.assertEqual([file.name for file in self.folder.iterdir()], ["run.db"])

    def test_a_full_disk_is_an_error(self):
        for size in 1, 4096, 200000, 1000000:
            with self.subTest(size=size):
                limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))  # noqa: E731
                said = nocsim(*run_arguments(self.path, 4, "--log", "events", "--quiet"), code=4, preexec_fn=limit)
                self.assertIn("run.db", said)
                self.assertEqual(list(self.folder.iterdir()), [])

    def test_output_to_a_full_device_is_an_error(self):
        self.simulate(1)
        with open("/dev/full", "w") as full:
            for command in ["hash"], ["query"], ["energy"]:
                run = subprocess.run([NOCSIM, *command, self.path], stdout=full, stderr=subprocess.PIPE, timeout=60)
                self.assertEqual(run.returncode, 4)


if __name__ == "__main__":
    unittest.main()
