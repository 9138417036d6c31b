# SPDX-License-Identifier: MIT
"""nocsim --engine systemc and --vcd from outside: run databases, waveforms, messages.

The waveforms are read by GTKWave's own converters (vcd2fst, fst2vcd), and by a reader that stands here.
"""
import concurrent.futures
import contextlib
import glob
import json
import os
import pathlib
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NOCSIM = os.environ.get("NOCSIM", os.path.join(ROOT, "build/release/nocsim"))
SHENJING = os.path.join(ROOT, "configs/shenjing.yaml")
MNIST = os.path.join(ROOT, "workloads/mnist-mlp.spk")
ENGINES = [("native", "sparse"), ("native", "dense"), ("native", "shuffled"),
           ("systemc", "sparse"), ("systemc", "dense")]
EVENTED = [("native", "sparse"), ("systemc", "sparse")]
# Sanitizers look for other faults than differences: one level of events passes through the same code.
SANITIZED = os.environ.get("VARIANT") in ("asan", "tsan")

sys.path.insert(0, os.path.join(ROOT, "scripts"))
import spk  # noqa: E402


def nocsim(*arguments):
    return subprocess.run([NOCSIM, *map(str, arguments)], capture_output=True, text=True, check=False)


class InFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def hash_of(self, arch, trace, engine, order, *options, database=None):
        database = database or self.path("run.db")
        run = nocsim("--arch", arch, "--trace", trace, "--engine", engine, "--order", order, "-o", database, "--force",
                     "-q", *options)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        return nocsim("hash", database).stdout.split()[0]

    def assert_engines_agree(self, arch, trace, *options, engines=tuple(ENGINES)):
        hashes = {self.hash_of(arch, trace, engine, order, *options) for engine, order in engines}
        self.assertEqual(len(hashes), 1, f"{arch} {trace} {options}")


class EngineFree(InFolder):
    """Law L6: the content of the run database does not depend on the engine."""

    def steps_of(self, arch, trace, database):
        """Steps a timestep of a dense run of one sample (of two: the first may be silent); None when this chip does not run
        this trace."""
        run = nocsim("--arch", arch, "--trace", trace, "-n", 1, "-T", 2, "-o", database, "--force", "--format", "json")
        if run.returncode != 0:
            self.assertEqual(run.returncode, 2, run.stderr)
            return None
        with contextlib.closing(sqlite3.connect(database)) as base:
            components, = base.execute("SELECT count(*) FROM component").fetchone()
        return json.loads(run.stdout)["cycles"] * components // 2

    def hashes_of_pair(self, arch, trace):
        """{level: content hashes of all engines}, {} when this chip does not run this trace. Where a dense run is long (a
        SystemC step takes about 100 ns), fewer engines and levels."""
        database = self.path(f"{pathlib.Path(arch).stem}-{pathlib.Path(trace).stem}.db")
        steps = self.steps_of(arch, trace, database)
        if steps is None:
            return {}
        with spk.Trace(trace) as opened:
            samples = min(3, len(opened.labels))
        hashes = {}
        for level, samples, timesteps in (("summary", samples, 20), ("steps", samples, 5), ("events", 1, 2)):
            if level != "events" and (SANITIZED or level == "summary" and steps > 1e7):
                continue
            if steps > 3e5:
                samples, timesteps = 1, 2
            engines = ENGINES if steps * samples * timesteps < (2e7 if level == "steps" else 5e6) else EVENTED
            hashes[level] = {self.hash_of(arch, trace, engine, order, "-n", samples, "-T", timesteps, "--log", level,
                                          database=database) for engine, order in engines}
        return hashes

    def test_every_description_and_workload(self):
        pairs = [(arch, trace) for arch in sorted(glob.glob(os.path.join(ROOT, "configs/*.yaml")))
                 for trace in sorted(glob.glob(os.path.join(ROOT, "workloads/*.spk")))]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            results = list(pool.map(lambda pair: self.hashes_of_pair(*pair), pairs))
        for (arch, trace), hashes in zip(pairs, results):
            for level, found in hashes.items():
                with self.subTest(arch=arch, trace=trace, level=level):
                    self.assertEqual(len(found), 1)
        self.assertGreater(sum(map(bool, results)), 10)

    def test_random_networks(self):
        only, many = os.environ.get("LAW_SEED"), int(os.environ.get("LAW_SEEDS", 12))
        for seed in [int(only)] if only else range(many):
            with self.subTest(seed=seed, repeat=f"LAW_SEED={seed}"):
                trace = self.path(f"{seed}.spk")
                options = random_network(trace, seed)
                level = ("summary", "steps", "events")[seed % 3]
                self.assert_engines_agree(SHENJING, trace, "--log", level, *options)


def random_network(path, seed):
    """Writes a random network of dense layers with a few random samples; returns settings of a chip for it."""
    draw = random.Random(seed)
    rng = np.random.default_rng(seed)
    sizes = [draw.randint(1, 600) for _ in range(draw.randint(2, 4))]
    layers = [spk.Layer("in", "input", sizes[0])]
    for number, (rows, cols) in enumerate(zip(sizes, sizes[1:]), 1):
        weights = rng.integers(-16, 16, (rows, cols), dtype=np.int8)
        layers.append(spk.Layer(f"dense{number}", "dense", cols, [number - 1], "if", "soft", draw.randint(1, 200), 5,
                                weights=weights))
    timesteps = draw.randint(1, 8)
    density = draw.choice((0.0, 0.01, 0.2, 0.8))
    samples = [(None, {0: rng.random((timesteps, sizes[0])) < density}) for _ in range(draw.randint(1, 3))]
    spk.write(path, timesteps, layers, samples)
    return ["-s", "chip.rows=6", "-s", "chip.cols=6", "-s", f"chip.tile.count_toggles={draw.choice(('true', 'false'))}"]


def read_vcd(text):
    """{full name: [(time, value), ...]} of the changes of each vector."""
    scopes, names, changes, time = [], {}, {}, 0
    words = iter(text.split())
    for word in words:
        if word in ("$date", "$version", "$comment", "$timescale"):
            while next(words) != "$end":
                pass
        elif word == "$scope":
            next(words)
            scopes.append(next(words))
        elif word == "$upscope":
            scopes.pop()
        elif word == "$var":
            _, _, code, name = (next(words) for _ in range(4))
            names[code] = ".".join([*scopes, name])
            changes[names[code]] = []
            while next(words) != "$end":
                pass
        elif re.fullmatch(r"#\d+", word):
            time = int(word[1:])
        elif re.fullmatch(r"b[01]+", word):
            history = changes[names[next(words)]]
            if not history or history[-1][1] != int(word[1:], 2):
                history.append((time, int(word[1:], 2)))
    return changes


class Waveforms(InFolder):
    def record(self, name, engine, order, *options):
        run = nocsim("--arch", SHENJING, "--trace", MNIST, "-n", 2, "-o", "none", "-q", "--engine", engine,
                     "--order", order, "--vcd", self.path(name), *options)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        with open(self.path(name), encoding="ascii") as file:
            return file.read()

    def test_all_engines_write_the_same_file(self):
        texts = [self.record(f"{engine}-{order}.vcd", engine, order) for engine, order in ENGINES]
        for text in texts[1:]:
            self.assertEqual(text, texts[0])
        changes = read_vcd(texts[0])
        self.assertEqual(len(changes), 10 * 10)
        self.assertGreater(sum(map(len, changes.values())), 700)

    def test_recording_changes_nothing(self):
        for engine, order in ENGINES:
            options = ["-n", 2, "--log", "steps"]
            plain = self.hash_of(SHENJING, MNIST, engine, order, *options)
            watched = self.hash_of(SHENJING, MNIST, engine, order, *options, "--vcd", self.path("w.vcd"))
            self.assertEqual(plain, watched)

    @unittest.skipUnless(shutil.which("vcd2fst") and shutil.which("fst2vcd"), "gtkwave is not installed")
    def test_gtkwave_reads_it(self):
        text = self.record("native.vcd", "native", "sparse")
        subprocess.run(["vcd2fst", self.path("native.vcd"), self.path("native.fst")], check=True, capture_output=True)
        back = subprocess.run(["fst2vcd", self.path("native.fst")], check=True, capture_output=True, text=True).stdout
        self.assertEqual(read_vcd(back), read_vcd(text))

    def test_scope(self):
        everything = read_vcd(self.record("all.vcd", "native", "sparse"))
        for engine, order in ENGINES:
            some = read_vcd(self.record("some.vcd", engine, order, "--force", "--vcd-scope", "chip.tile[0..1].spike.*"))
            self.assertEqual(some, {name: changes for name, changes in everything.items()
                                    if re.match(r"chip\.tile\[[01]\]\[\d+\]\.spike\.", name)})
            self.assertEqual(len(some), 6 * 4)

    def test_faults(self):
        def run(*options):
            result = nocsim("--arch", SHENJING, "--trace", MNIST, "-n", 1, "-o", "none", "-q", *options)
            self.assertEqual(result.stdout, "")
            return result.returncode, result.stderr

        self.record("there.vcd", "native", "sparse")
        for code, part, options in (
                (1, "--vcd-scope needs --vcd", ["--vcd-scope", "*"]),
                (1, "describes none of the", ["--vcd", self.path("x.vcd"), "--vcd-scope", "chip.tile[7..9].*"]),
                (1, "runs upward", ["--vcd", self.path("x.vcd"), "--vcd-scope", "chip.tile[3..1].*"]),
                (4, "--force replaces it", ["--vcd", self.path("there.vcd")]),
                (4, "No such file", ["--vcd", self.path("no/such/x.vcd")]),
                (4, "not a regular file", ["--vcd", "/dev/full", "--force"]),
                (1, "orders sparse (evented) and dense (clocked)", ["--engine", "systemc", "--order", "shuffled"]),
                (1, "--engine takes native or systemc", ["--engine", "fpga"])):
            with self.subTest(options=options):
                result = run(*options)
                self.assertEqual(result[0], code, result[1])
                self.assertIn(part, result[1])
        self.assertFalse(os.path.exists(self.path("x.vcd")))


class Watchdog(InFolder):
    def test_both_engines_stop_in_the_same_cycle(self):
        messages = set()
        for engine, order in ENGINES:
            run = nocsim("--arch", SHENJING, "--trace", MNIST, "-n", 1, "-o", "none", "-q", "-s", "run.watchdog=20",
                         "--engine", engine, "--order", order)
            self.assertEqual(run.returncode, 3)
            # The lines that follow show states, which the orders bring forward each in its own time.
            messages.add(run.stderr.splitlines()[0])
        self.assertEqual(len(messages), 1, messages)


if __name__ == "__main__":
    unittest.main()
