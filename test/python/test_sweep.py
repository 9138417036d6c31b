# SPDX-License-Identifier: MIT
"""nocsim sweep, merge and model from outside: results, failures, interruption, resumption, shards, faulty files."""
import json
import os
import random
import re
import resource
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from simulator import MNIST as TRACE, NOCSIM, ROOT, nocsim

ARCH = ROOT / "configs" / "shenjing.yaml"


def rows(path, sql):
    with sqlite3.connect(path) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(sql)]


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.db = self.folder / "out.db"

    def write(self, text, name="sweep.yaml"):
        path = self.folder / name
        path.write_text(text)
        return path

    def chip_sweep(self, axes, samples=2, more=""):
        return self.write(f"arch: {ARCH}\ntrace: {TRACE}\noptions: {{samples: {samples}}}\naxes:\n{axes}\n{more}\n")


class Runs(Case):
    def test_a_row_equals_the_run_it_stands_for(self):
        sweep = self.chip_sweep(
            "  - {key: chip.clock, values: [120 kHz, 1 MHz]}\n  - {option: timesteps, values: [5, 20]}",
            more="set: {chip.voltage: 0.8 V}\n"
            "objectives: [{minimise: energy_j}, {name: speed, maximise: samples / time_s}]",
        )
        summary = json.loads(nocsim("sweep", sweep, "-o", self.db, "--format", "json").stdout)
        self.assertEqual((summary["points"], summary["done"], summary["failed"]), (4, 4, 0))
        for row in rows(self.db, "SELECT result.*, summary FROM point JOIN result ON id = result.point"):
            run = json.loads(
                nocsim(
                    "run",
                    "-a",
                    ARCH,
                    "-t",
                    TRACE,
                    "-n",
                    2,
                    "-o",
                    "none",
                    "-f",
                    "json",
                    "-s",
                    "chip.voltage=0.8 V",
                    "-s",
                    f"chip.clock={row['clock']} Hz",
                    "-T",
                    row["timesteps"],
                ).stdout
            )
            stored = json.loads(row["summary"])
            for key in run:
                if key not in ("sim_seconds", "arch", "trace"):
                    self.assertEqual(run[key], stored[key], key)
            self.assertEqual(row["cycles"], run["cycles"])
        results = rows(self.db, "SELECT * FROM result ORDER BY point")
        self.assertEqual(
            [(r["clock"], r["timesteps"]) for r in results], [(120e3, 5), (120e3, 20), (1e6, 5), (1e6, 20)]
        )
        front = rows(self.db, "SELECT point, speed FROM pareto")
        self.assertTrue(front)
        for row in rows(
            self.db, "SELECT s.*, r.energy_j AS e, r.samples / r.time_s AS v FROM score s JOIN result r USING (point)"
        ):
            self.assertEqual((row["energy_j"], row["speed"]), (row["e"], row["v"]))
        self.assertEqual(
            {row["point"] for row in front},
            {row["point"] for row in rows(self.db, "SELECT point FROM score WHERE front")},
        )

    def test_units_by_themselves_are_evaluated(self):
        """A row is what `nocsim evaluate` prints for that value, accuracy and interval over the seeds included."""
        unit = ROOT / "configs/units/crossbar-thermal.yaml"
        sweep = self.write(
            f"arch: {unit}\ntrace: {TRACE}\noptions: {{samples: 40, seeds: 3}}\n"
            "axes:\n  - {name: thermal, key: chip.unit.read.thermal, values: [0 uS, 40 uS]}\n"
            "objectives: [{maximise: accuracy}]\n"
        )
        nocsim("sweep", sweep, "-o", self.db)
        found = rows(self.db, "SELECT accuracy, accuracy_interval FROM result ORDER BY point")
        self.assertGreater(found[0]["accuracy"], found[1]["accuracy"])
        self.assertEqual(found[0]["accuracy_interval"], 0)
        command = ["evaluate", "--trace", TRACE, "--samples", "40", "--seeds", "3", "--format", "json", "--quiet"]
        alone, = json.loads(nocsim(*command, "--set", "chip.unit.read.thermal=40 uS", unit).stdout)
        self.assertEqual((found[1]["accuracy"], found[1]["accuracy_interval"]),
                         (alone["accuracy"], alone["accuracy_interval"]))
        bad = self.write(
            f"arch: {unit}\ntrace: {TRACE}\noptions: {{timesteps: 3}}\naxes:\n  - {{key: chip.clock, values: [1]}}\n"
        )
        self.assertIn("timesteps", nocsim("sweep", bad, "-o", self.db, code=2).stderr)

    def test_failed_points_do_not_stop_the_others(self):
        sweep = self.chip_sweep(
            "  - {key: chip.rows, values: [1, 3, 4]}\n  - {key: chip.cols, values: [1, 4]}", more="set: {chip.grow: false}"
        )
        run = nocsim("sweep", sweep, "-o", self.db)
        self.assertIn("points failed", run.stderr)
        points = rows(self.db, "SELECT * FROM point ORDER BY id")
        self.assertEqual([p["status"] for p in points], ["failed", "failed", "failed", "done", "failed", "done"])
        for point in points:
            if point["status"] == "failed":
                self.assertEqual(point["exit_code"], 2)
                self.assertRegex(point["error"], "^nocsim: .*tile")
                self.assertIsNone(point["summary"])
        again = json.loads(nocsim("sweep", sweep, "-o", self.db, "--format", "json").stdout)
        self.assertEqual((again["tried"], again["failed"]), (0, 4))
        again = json.loads(nocsim("sweep", sweep, "-o", self.db, "--format", "json", "--retry").stdout)
        self.assertEqual((again["tried"], again["failed"]), (4, 4))

    def test_nothing_but_failures_is_a_failure(self):
        sweep = self.chip_sweep("  - {key: chip.rows, values: [1, 2]}", more="set: {chip.grow: false}")
        nocsim("sweep", sweep, "-o", self.db, code=3)

    def test_a_point_over_time_is_recorded(self):
        sweep = self.chip_sweep("  - {key: chip.rows, values: [3]}", samples=1000, more="timeout: 20 ms")
        nocsim("sweep", sweep, "-o", self.db, code=3)
        self.assertEqual(
            [(p["status"], p["exit_code"], p["error"]) for p in rows(self.db, "SELECT * FROM point")],
            [("failed", None, "no end within 0.02 s")],
        )

    def test_paths_are_relative_to_the_sweep(self):
        (self.folder / "sub").mkdir()
        (self.folder / "chip.yaml").symlink_to(ARCH)
        (self.folder / "sub" / "a.spk").symlink_to(TRACE)
        for name in ("parts", "tech"):
            (self.folder / name).symlink_to(ROOT / "configs" / name)
        sweep = self.write(
            "arch: ../chip.yaml\ntrace: a.spk\noptions: {samples: 1}\n"
            "axes: [{key: tech, values: [!include ../tech/28nm.yaml]}, {option: trace, values: [a.spk]}]",
            "sub/sweep.yaml",
        )
        nocsim("sweep", sweep, "-o", self.db, "-q", cwd="/")
        self.assertEqual(
            [row["trace"] for row in rows(self.db, "SELECT trace FROM point WHERE status = 'done'")], ["a.spk"]
        )

    def test_an_objective_that_does_not_exist_is_told_early(self):
        sweep = self.chip_sweep("  - {key: chip.rows, values: [3, 4]}", more="objectives: [{minimise: energi_j}]")
        run = nocsim("sweep", sweep, "-o", self.db, "-j", 1, code=2)
        self.assertRegex(
            run.stderr,
            r"sweep.yaml:6:25: objective 'energi_j': unknown name 'energi_j' \(did you mean 'energy_j'\?\)",
        )

    def test_dry_run_leaves_nothing(self):
        sweep = self.chip_sweep(
            "  - {key: chip.clock, range: {from: 100 kHz, to: 1 MHz, step: 1 kHz}}",
            more="constraints: [clock < 500e3]",
        )
        found = json.loads(
            nocsim("sweep", sweep, "-o", self.db, "--dry-run", "--format", "json", "--sample", 3).stdout
        )
        self.assertEqual((found["candidates"], found["points"], found["sampled"], found["failed"]), (901, 400, 3, 0))
        self.assertAlmostEqual(found["estimate_s"], found["point_s"] * 400 / found["jobs"])
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["sweep.yaml"])


class Interruption(Case):
    AXES = "  - {key: chip.clock, range: {from: 100 kHz, to: 129 kHz, step: 1 kHz}}"

    def start(self, sweep):
        process = subprocess.Popen(
            [NOCSIM, "sweep", str(sweep), "-o", str(self.db), "-j", "2"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.db.exists() and self.db.stat().st_size > 0:
                try:
                    if rows(self.db, "SELECT count(*) AS n FROM point")[0]["n"] >= 3:
                        return process
                except sqlite3.OperationalError:
                    pass
            time.sleep(0.02)
        process.kill()
        raise AssertionError("no points")

    def children(self, parent):
        return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]

    def resume(self, sweep, number):
        process = self.start(sweep)
        children = self.children(process.pid)
        process.send_signal(number)
        process.wait()
        if number != signal.SIGKILL:
            self.assertEqual(process.returncode, 128 + number)
        deadline = time.monotonic() + 10
        while any(self.alive(child) for child in children) and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assertFalse([child for child in children if self.alive(child)])
        before = rows(self.db, "SELECT id, wall_s, status FROM point")
        self.assertTrue(3 <= len(before) < 30)
        self.assertEqual({row["status"] for row in before}, {"done"})
        nocsim("sweep", sweep, "-o", self.db, "-q")
        after = {
            row["id"]: row["wall_s"] for row in rows(self.db, "SELECT id, wall_s FROM point WHERE status = 'done'")
        }
        self.assertEqual(sorted(after), list(range(30)))
        for row in before:
            self.assertEqual(after[row["id"]], row["wall_s"])  # not done again

    def alive(self, pid):
        try:
            return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
        except OSError:
            return False

    def test_killed(self):
        self.resume(self.chip_sweep(self.AXES, samples=60), signal.SIGKILL)

    def test_interrupted(self):
        self.resume(self.chip_sweep(self.AXES, samples=60), signal.SIGINT)

    def test_terminated(self):
        self.resume(self.chip_sweep(self.AXES, samples=60), signal.SIGTERM)

    def test_a_killed_point_fails_a_terminated_one_is_left(self):
        sweep = self.chip_sweep("  - {key: chip.rows, values: [3, 4]}", samples="1000, order: dense")  # takes a second
        process = subprocess.Popen(
            [NOCSIM, "sweep", str(sweep), "-o", str(self.db), "-j", "2", "-q"], stderr=subprocess.PIPE, text=True
        )
        deadline = time.monotonic() + 30
        while len(self.children(process.pid)) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        first, second = self.children(process.pid)
        time.sleep(0.2)
        os.kill(first, signal.SIGKILL)
        os.kill(second, signal.SIGTERM)
        said = process.communicate()[1]
        self.assertEqual(process.returncode, 3)
        self.assertIn("1 point was ended by a signal and left to do", said)
        self.assertEqual(
            [(p["status"], p["error"]) for p in rows(self.db, "SELECT * FROM point")],
            [("failed", "ended by signal 9 (Killed)")],
        )

    def test_one_sweep_at_a_time(self):
        sweep = self.chip_sweep(self.AXES, samples=60)
        process = self.start(sweep)
        run = nocsim("sweep", sweep, "-o", self.db, code=4)
        self.assertIn("is in use by another sweep", run.stderr)
        process.kill()
        process.wait()

    def test_a_changed_sweep_is_another(self):
        sweep = self.chip_sweep("  - {key: chip.rows, values: [3]}")
        nocsim("sweep", sweep, "-o", self.db, "-q")
        self.chip_sweep("  - {key: chip.rows, values: [3, 4]}")
        self.assertIn(
            "holds the points of another sweep (description changed)",
            nocsim("sweep", sweep, "-o", self.db, code=2).stderr,
        )
        nocsim("sweep", sweep, "-o", self.db, "-q", "--force")
        self.assertEqual(len(rows(self.db, "SELECT * FROM point")), 2)
        arch = self.write(
            ARCH.read_text().replace("!include ", f"!include {ARCH.parent}/").replace("0.9 V", "0.8 V"), "chip.yaml"
        )
        sweep.write_text(sweep.read_text().replace(str(ARCH), str(arch)))
        self.assertIn("another sweep (arch changed)", nocsim("sweep", sweep, "-o", self.db, code=2).stderr)
        trace = self.folder / "a.spk"
        trace.write_bytes(TRACE.read_bytes() + b"\0")
        sweep.write_text(sweep.read_text().replace(str(arch), str(ARCH)).replace(str(TRACE), str(trace)))
        self.assertIn("another sweep (trace changed)", nocsim("sweep", sweep, "-o", self.db, code=2).stderr)

    def test_other_files_are_not_touched(self):
        sweep = self.chip_sweep("  - {key: chip.rows, values: [3]}")
        for content in (b"precious", b"SQLite format 3\0" + b"x" * 2000):
            self.db.write_bytes(content)
            for more in ([], ["--force"]):
                nocsim("sweep", sweep, "-o", self.db, *more, code=2)
                self.assertEqual(self.db.read_bytes(), content)
        self.db.unlink()
        with sqlite3.connect(self.db) as database:
            database.execute("CREATE TABLE point(x)")
        content = self.db.read_bytes()
        nocsim("sweep", sweep, "-o", self.db, "--force", code=2)
        self.assertEqual(self.db.read_bytes(), content)
        nocsim("sweep", sweep, "-o", self.folder, code=4)
        nocsim("sweep", sweep, "-o", self.folder / "nowhere" / "x.db", code=4)
        nocsim("sweep", sweep, "-o", "/dev/full", code=4)
        self.db.unlink()
        run = subprocess.run([NOCSIM, "sweep", sweep, "-o", self.db, "-q"], capture_output=True, text=True, check=False,
                             preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192)))
        self.assertEqual(run.returncode, 4, run.stderr)  # a limit is a full disk, not the end by a signal
        self.assertIn(str(self.db), run.stderr)

    def test_damaged_databases_are_told(self):
        sweep = self.write(
            "model: snn-vs-qnn\nversion: v1\naxes: [{key: timesteps, range: {from: 1, to: 300, step: 1}}]"
        )
        nocsim("sweep", sweep, "-o", self.db, "-q")
        whole = self.db.read_bytes()
        source = random.Random(5)
        for _ in range(150):
            damaged = bytearray(whole)
            for _ in range(source.choice((1, 4, 200))):
                damaged[source.randrange(100 if source.random() < 0.3 else len(damaged))] = source.randrange(256)
            if source.random() < 0.2:
                del damaged[source.randrange(len(damaged)) :]
            self.db.write_bytes(damaged)
            for command in (
                ["sweep", sweep, "-o", self.db, "-q"],
                ["merge", "--force", "-q", self.folder / "m.db", self.db],
            ):
                run = subprocess.run(
                    [NOCSIM, *map(str, command)], capture_output=True, text=True, check=False, timeout=60
                )
                self.assertIn(run.returncode, (0, 2, 3, 4), run.stderr)
                self.assertTrue(run.returncode == 0 or run.stderr)


class Shards(Case):
    SWEEP = (
        "model: snn-vs-qnn\nversion: v4\n"
        "axes: [{key: timesteps, values: [1, 2, 5, 15, 16]}, {key: hops, range: {from: 0, to: 5, count: 21}}]\n"
        "constraints: [hops <> 1]\nobjectives: [{minimise: ratio}, {maximise: crossover}]"
    )
    POINTS = "SELECT id, status, error, summary, timesteps, hops FROM point ORDER BY id"

    def test_merged_shards_equal_the_whole(self):
        sweep = self.write(self.SWEEP)
        nocsim("sweep", sweep, "-o", self.db, "-q")
        parts = [self.folder / f"{i}.db" for i in range(1, 5)]
        for i, part in enumerate(parts):
            nocsim("sweep", sweep, "-o", part, "-q", "--shard", f"{i + 1}/4")
        counts = [len(rows(part, "SELECT 1 FROM point")) for part in parts]
        self.assertEqual((sum(counts), max(counts) - min(counts)), (100, 0))
        merged = self.folder / "merged.db"
        self.assertIn("100: 80 done, 20 failed, 0 left", nocsim("merge", merged, *reversed(parts)).stdout)
        self.assertEqual(rows(merged, self.POINTS), rows(self.db, self.POINTS))
        for view in ("result", "score", "pareto"):
            self.assertEqual(
                sorted(map(str, rows(merged, f"SELECT * FROM {view}"))),
                sorted(map(str, rows(self.db, f"SELECT * FROM {view}"))),
            )
        self.assertIn("exists already", nocsim("merge", merged, parts[0], code=4).stderr)

    def test_a_merge_of_some_can_be_continued(self):
        sweep = self.write(self.SWEEP)
        parts = [self.folder / f"{i}.db" for i in range(1, 4)]
        for i, part in enumerate(parts):
            nocsim("sweep", sweep, "-o", part, "-q", "--shard", f"{i + 1}/3")
        merged = self.folder / "merged.db"
        self.assertIn(" left", nocsim("merge", merged, parts[0], parts[2], parts[0]).stdout)
        again = json.loads(nocsim("sweep", sweep, "-o", merged, "--format", "json").stdout)
        self.assertEqual((again["tried"], again["done"], again["failed"]), (33, 80, 20))

    def test_done_beats_failed(self):
        sweep = self.write(self.SWEEP)
        other = self.folder / "other.db"
        nocsim("sweep", sweep, "-o", self.db, "-q")
        nocsim("sweep", sweep, "-o", other, "-q")
        with sqlite3.connect(other) as database:
            database.execute("UPDATE point SET status = 'failed', summary = NULL")
        for order in ((self.db, other), (other, self.db)):
            nocsim("merge", "--force", self.folder / "m.db", *order)
            self.assertEqual(rows(self.folder / "m.db", self.POINTS), rows(self.db, self.POINTS))

    def test_other_databases_do_not_mix(self):
        sweep = self.write(self.SWEEP)
        nocsim("sweep", sweep, "-o", self.db, "-q")
        sweep.write_text(self.SWEEP.replace("16", "14"))
        nocsim("sweep", sweep, "-o", self.folder / "b.db", "-q")
        merged = self.folder / "m.db"
        self.assertIn(
            "belongs to another sweep than", nocsim("merge", merged, self.db, self.folder / "b.db", code=2).stderr
        )
        self.assertIn("is not the database of a sweep", nocsim("merge", merged, sweep, code=2).stderr)
        nocsim("merge", merged, self.folder / "nowhere.db", code=4)
        nocsim("merge", merged, code=1)
        self.assertFalse(merged.exists())

    def test_hostile_expressions_of_a_database_are_not_run(self):
        sweep = self.write(self.SWEEP)
        nocsim("sweep", sweep, "-o", self.db, "-q")
        with sqlite3.connect(self.db) as database:
            database.execute("UPDATE objective SET expression = 'load_extension(''/tmp/x'')' WHERE id = 0")
        self.assertIn("not authorized", nocsim("merge", self.folder / "m.db", self.db, code=2).stderr)
        with sqlite3.connect(self.db) as database:
            database.execute("UPDATE axis SET name = 'a\"; DROP TABLE point; --' WHERE id = 0")
        self.assertIn("cannot be read", nocsim("merge", self.folder / "m.db", self.db, code=2).stderr)


class Models(Case):
    def test_a_grid_equals_single_points(self):
        sweep = self.write(Shards.SWEEP)
        nocsim("sweep", sweep, "-o", self.db, "-q")
        for row in rows(self.db, "SELECT * FROM result WHERE point % 17 = 0"):
            single = json.loads(
                nocsim(
                    "model",
                    "snn-vs-qnn",
                    "--version",
                    "v4",
                    "-s",
                    f"timesteps={row['timesteps']}",
                    "-s",
                    f"hops={row['hops']}",
                    "-f",
                    "json",
                ).stdout
            )["rows"][0]
            for key, value in single.items():
                self.assertEqual(row[key], value)

    def test_points_without_a_value_fail_alone(self):
        nocsim("sweep", self.write(Shards.SWEEP), "-o", self.db, "-q")
        errors = {
            row["error"]
            for row in rows(self.db, "SELECT error FROM point WHERE status = 'failed' AND timesteps = 16")
        }
        self.assertEqual(len(errors), 1)
        self.assertIn("no energy is known for a multiply-accumulate of 5-bit activations", errors.pop())

    def test_thousands_of_points_a_second(self):
        summary = json.loads(
            nocsim("sweep", ROOT / "configs/sweeps/snn-vs-qnn.yaml", "-o", self.db, "-f", "json").stdout
        )
        self.assertEqual(summary["done"], 6400)
        self.assertGreater(summary["points_per_s"], 1000)

    def test_curves_and_crossovers(self):
        out = nocsim(
            "model",
            "snn-vs-qnn",
            "--version",
            "v1",
            "--over",
            "timesteps=1,6,16",
            "--over",
            "hardware=classical,spatial",
            "-r",
            "crossover_sparsity",
            "--solve",
            "spike_rate=0..1",
            "-f",
            "csv",
        ).stdout.splitlines()
        self.assertEqual(out[0], "timesteps,hardware,crossover_sparsity,spike_rate_at_1")
        table = [line.split(",") for line in out[1:]]
        self.assertEqual(
            [row[:2] for row in table], [[t, h] for t in ("1", "6", "16") for h in ("classical", "spatial")]
        )
        published = [0.4391, 0.5463, 0.9242, 0.9251, 0.9734, 0.9724]
        for row, value in zip(table, published):
            self.assertAlmostEqual(float(row[2]), value, delta=5e-5)
            self.assertAlmostEqual(float(row[3]), 1 - float(row[2]), delta=1e-12)
        nocsim("model", "snn-vs-qnn", "--version", "v4")
        nocsim("model", "snn-vs-qnn", "--version", "v4", "--over", "sparse_move=0.25 pJ/bit..16 pJ/bit*7")
        self.assertIn("snn-vs-qnn --version v4", nocsim("model", "--help").stdout)
        page = nocsim("model", "snn-vs-qnn", "--version", "v4", "--help").stdout
        for word in ("sparse_move", "mac_table", "parity_hops", "default 3 pJ/bit"):
            self.assertIn(word, page)

    def test_wrong_command_lines(self):
        for code, *arguments in (
            (1,),
            (1, "snn-vs-qnn"),
            (2, "snn", "-v", "v1"),
            (2, "snn-vs-qnn", "-v", "v3"),
            (2, "snn-vs-qnn", "-v", "v4", "-s", "hop=1"),
            (1, "snn-vs-qnn", "-v", "v4", "-s", "hops"),
            (2, "snn-vs-qnn", "-v", "v4", "--over", "hops=a"),
            (1, "snn-vs-qnn", "-v", "v4", "--over", "hops"),
            (1, "snn-vs-qnn", "-v", "v4", "-r", "none"),
            (1, "power-law", "-v", "v1", "--solve", "static=1mW..2mW"),
            (1, "snn-vs-qnn", "-v", "v4", "--solve", "hops=2"),
            (1, "snn-vs-qnn", "-v", "v4", "--solve", "hops=0..9999"),
            (1, "snn-vs-qnn", "-v", "v4", "-f", "xml"),
        ):
            self.assertTrue(nocsim("model", *arguments, code=code).stderr)
        for arguments in (
            (),
            ("a", "b"),
            ("a", "--shard", "0/2"),
            ("a", "--shard", "3/2"),
            ("a", "--shard", "1"),
            ("a", "-j", "0"),
            ("a", "--bogus"),
            ("a", "--sample", "x"),
        ):
            self.assertTrue(nocsim("sweep", *arguments, code=1).stderr)


class Faulty(unittest.TestCase):
    """Each file of test/errors/sweep says in its head how it must be refused."""

    def test_each_is_refused_as_it_says(self):
        files = sorted((ROOT / "test" / "errors" / "sweep").glob("*.yaml"))
        self.assertGreater(len(files), 20)
        for path in files:
            name = str(path.relative_to(ROOT))
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                head = path.read_text()
                code = int(re.search(r"^# exit: (\d)$", head, re.M)[1])
                expected = [
                    f"nocsim: {line.replace('@', name, 1)}" for line in re.findall(r"^# error: (.*)$", head, re.M)
                ]
                run = nocsim("sweep", name, "-o", f"{folder}/x.db", code=code, cwd=ROOT)
                self.assertEqual(run.stderr.splitlines(), expected)
                self.assertFalse(os.listdir(folder))

    def test_shipped_sweeps_are_sound(self):
        for path in sorted((ROOT / "configs" / "sweeps").glob("*.yaml")):
            with self.subTest(path.name):
                found = json.loads(nocsim("sweep", path, "--dry-run", "--sample", 1, "--format", "json").stdout)
                self.assertEqual((found["sampled"], found["failed"]), (1, 0))


if __name__ == "__main__":
    unittest.main()
