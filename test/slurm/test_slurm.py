# SPDX-License-Identifier: MIT
"""Sweeps on a real Slurm (one node on loopback): array job and merge, node failure and requeue, time limit."""
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import unittest

from cluster import Cluster, missing, wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]
NOCSIM = os.environ.get("NOCSIM", str(ROOT / "build" / "release" / "nocsim"))
SUBMIT = ROOT / "scripts" / "slurm" / "submit.sh"
ARCH = ROOT / "configs" / "shenjing.yaml"
TRACE = ROOT / "workloads" / "mnist-mlp.spk"
RESULT = "SELECT clock, status, json_extract(summary, '$.cycles', '$.energy_j') FROM point ORDER BY id"


def rows(path, sql):
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
            return database.execute(sql).fetchall()
    except sqlite3.OperationalError:
        return []


@unittest.skipIf(os.geteuid() != 0, "Slurm daemons must be root")
class Slurm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = cls.enterClassContext(tempfile.TemporaryDirectory())
        folder = pathlib.Path(cls.scratch) / "slurm"
        folder.mkdir()
        cls.cluster = cls.enterClassContext(Cluster(folder))

    def sweep(self, name, points, samples):
        path = pathlib.Path(self.scratch) / f"{name}.yaml"
        path.write_text(
            f"arch: {ARCH}\ntrace: {TRACE}\noptions: {{samples: {samples}}}\n"
            f"axes: [{{key: chip.clock, range: {{from: 100 kHz, to: 200 kHz, count: {points}}}}}]\n"
        )
        return path, pathlib.Path(self.scratch) / f"{name}.db"

    def submit(self, sweep, out, shards, *more, code=0):
        run = subprocess.run(
            [SUBMIT, "-n", str(shards), sweep, out, *more],
            env={**self.cluster.environment, "NOCSIM": NOCSIM},
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(run.returncode, code, run.stderr)
        return run.stdout.strip()

    def finish(self, merge, out):
        def ended():
            state = self.cluster.job(merge)[0]["JobState"]
            return state if state in ("COMPLETED", "FAILED", "CANCELLED", "NODE_FAIL", "TIMEOUT") else None

        state = wait_until("the merge", ended, 120)
        logs = "".join(f"--- {p}\n{p.read_text()}" for p in sorted(pathlib.Path(f"{out}.parts").glob("*.log")))
        self.assertEqual(state, "COMPLETED", logs)
        return logs

    def check(self, sweep, out):
        """The merged database equals that of a sweep without Slurm."""
        alone = f"{out}.alone"
        subprocess.run([NOCSIM, "sweep", sweep, "-o", alone, "-q"], check=True)
        self.assertEqual(rows(out, RESULT), rows(alone, RESULT))
        self.assertTrue(all(status == "done" for _, status, _ in rows(out, RESULT)))

    def interrupt(self, name, how, restarts):
        """A shard is interrupted by `how` after some points; it must go on where it was."""
        sweep, out = self.sweep(name, 16, 150)
        merge = self.submit(sweep, out, 1)
        part = f"{out}.parts/1.db"
        before = wait_until(
            "some points",
            lambda: len(rows(part, "SELECT 1 FROM point")) >= 3 and rows(part, "SELECT id, wall_s FROM point"),
        )
        shard = str(int(merge) - 1)
        how(shard)
        wait_until("the shard is in the queue again", lambda: self.cluster.job(shard)[0]["JobState"] == "PENDING")
        self.cluster.begin_now(shard)
        self.finish(merge, out)
        self.assertEqual([task["Restarts"] for task in self.cluster.job(shard)], [str(restarts)])
        self.assertLess(len(before), 16)
        self.assertEqual(rows(out, "SELECT id, wall_s FROM point")[: len(before)], before)  # not done again
        self.check(sweep, out)

    def test_array_and_merge(self):
        sweep, out = self.sweep("array", 12, 5)
        merge = self.submit(sweep, out, 3, "--cpus-per-task=1")
        self.assertIn("12: 12 done, 0 failed, 0 left", self.finish(merge, out))
        self.check(sweep, out)
        self.assertEqual([len(rows(f"{out}.parts/{i}.db", "SELECT 1 FROM point")) for i in (1, 2, 3)], [4, 4, 4])
        self.submit(sweep, out, 3, code=4)  # the output is there

    def test_a_faulty_sweep_is_not_queued(self):
        sweep, out = self.sweep("faulty", 12, 5)
        sweep.write_text(sweep.read_text().replace("chip.clock", "chip.clok"))
        self.submit(sweep, out, 3, code=2)
        self.assertFalse(pathlib.Path(f"{out}.parts").exists())

    def test_node_failure(self):
        def fail(_):
            self.cluster.lose_power()
            wait_until("the node is down", lambda: self.cluster.node_state().startswith("down"))
            self.cluster.start_slurmd()
            wait_until("the node is back", lambda: self.cluster.node_state() == "idle")

        self.interrupt("failure", fail, 1)

    def test_time_limit(self):
        def signal(shard):
            self.cluster.ask("scancel", "--batch", "--signal=USR1", shard)

        self.interrupt("limit", signal, 1)


if __name__ == "__main__":
    if missing():
        print(f"needs slurm-wlm and munge (missing: {', '.join(missing())})", file=sys.stderr)
        sys.exit(1)
    unittest.main()
