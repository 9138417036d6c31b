# SPDX-License-Identifier: MIT
"""nocsim --traffic from outside: measurements, load curves, recorded traces, databases, energy, a packet's life, and
wrong input (test/errors/traffic).

The simulator is $NOCSIM, by default build/release/nocsim.
"""
import csv
import gzip
import json
import os
import re
import shlex
import sqlite3
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOCSIM = Path(os.environ.get("NOCSIM", ROOT / "build" / "release" / "nocsim"))
MESH = "configs/mesh-8x8.yaml"
GOLDEN = ROOT / "test" / "golden" / "booksim"
KEYS = ("rate", "latency_mean", "network_latency_mean", "latency_p99", "hops_mean", "accepted", "saturated", "cycles",
        "packets")
# A packet's story and BookSim2's log of it.
SAME = (("src", "src"), ("dst", "dst"), ("size", "size"), ("created", "ctime"), ("injected", "itime_head"),
        ("head", "atime_head"), ("tail", "atime_tail"), ("latency", "plat"), ("hops", "hops"))


def call(*options):
    """(exit code, stdout, stderr)"""
    run = subprocess.run([NOCSIM, *map(str, options)], cwd=ROOT, capture_output=True, text=True, timeout=300,
                         check=False)
    return run.returncode, run.stdout, run.stderr


def traffic(traffic_, *options, arch=MESH):
    code, said, complaint = call("--arch", arch, "--traffic", traffic_, "--format", "json", *options)
    if code != 0:
        raise AssertionError(complaint)
    return json.loads(said)


def simulated(result):
    """Without what the measuring machine adds."""
    return {key: value for key, value in result.items() if key not in ("sim_seconds", "bytes_per_router", "database")}


@unittest.skipUnless("NOCSIM" in os.environ or NOCSIM.exists(), f"{NOCSIM} is not built")
class Traffic(unittest.TestCase):
    pass


class Measurement(Traffic):
    def test_keys(self):
        result = traffic("uniform,rate=0.1,packet=4", "--cycles", 2000)
        for key in KEYS:
            self.assertIn(key, result)
        self.assertEqual(result["window"], 2000)
        self.assertFalse(result["saturated"])
        self.assertLess(abs(result["accepted"] - 0.1), 0.01)
        self.assertEqual(sum(count for _, _, count in result["latency_histogram"]), result["packets"])
        self.assertEqual(len(result["links"]), 224)

    def test_every_key_in_every_run(self):
        """Patterns and traces, saturated or not, with prices or without: the same keys, and those of the page."""
        results = [traffic("uniform,rate=0.1,packet=4", "--cycles", 600),
                   traffic("transpose,rate=0.6", "--cycles", 600, "--max-cycles", 3000),
                   traffic(f"trace={GOLDEN / 'b2b_1flit.txt'}"),
                   traffic("uniform", "--cycles", 600, arch="configs/graph-8.yaml"),
                   traffic("multicast,rate=0.02", "--cycles", 600),
                   traffic("multicast,rate=0.02,replication=unicast", "--cycles", 600),
                   traffic("uniform", "--cycles", 600, "--set", "chip.network.router={flow_control: deflection, vcs: 1}")]
        keys = set(results[0])
        page = set(re.findall(r"`([a-z0-9_]+)`", "".join(
            line.split("|")[1] for line in (ROOT / "docs/traffic.md").read_text().splitlines()
            if line.startswith("| `"))))
        page |= {"latency" + name for name in page if name in ("_p95", "_p99", "_max")}
        page |= {"latency_last" + name for name in page if name in ("_p99", "_max")}
        for result in results:
            self.assertEqual(set(result), keys)
        self.assertEqual(set(results[4]["unicast"]), keys)
        self.assertEqual(keys - page, set())
        brief = traffic("uniform", "--cycles", 600, "--brief")
        self.assertEqual(keys - set(brief), {"links", "latency_histogram"})

    def test_nulls(self):
        """Without a technology nothing has a price or an area, and the rest is the same; no packet, no latency."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "bare.yaml"
            path.write_text("chip: {type: noc.chip}\n")
            free = traffic("uniform,rate=0.1", "--cycles", 600, arch=path)
            said = call("--arch", path, "--traffic", "uniform,rate=0.1", "--cycles", 600)[1]
        self.assertNotIn("Energy", said)
        priced = traffic("uniform,rate=0.1", "--cycles", 600)
        prices = {"energy_j", "energy_dynamic_j", "energy_static_j", "energy_per_flit_hop_j", "power_w", "edp_js",
                  "area_m2", "tech"}
        for key in priced:
            if key in prices:
                self.assertIsNotNone(priced[key], key)
                self.assertIsNone(free[key], key)
            elif key not in ("sim_seconds", "arch"):
                self.assertEqual(free[key], priced[key], key)
        silent = traffic("uniform,rate=0.00001", "--cycles", 32, "--warmup", 10)
        latencies = {key for key in silent if "latency" in key} - {"latency_histogram"} | {"hops_mean"}
        self.assertEqual((silent["packets"], {key for key in latencies if silent[key] is not None}), (0, set()))

    def test_the_life_of_a_deflected_packet(self):
        """Each cycle once, one router a step, each step to a neighbour; alone it goes straight; of a trace the same."""
        deflect = ("--set", "chip.network.router={flow_control: deflection, vcs: 1}")
        deflected = 0
        for number in range(2500, 2520):
            story = traffic("uniform,rate=0.45", "--watch", number, *deflect)
            lines = story["story"]
            self.assertEqual((lines[0]["first"], lines[-1]["last"]), (story["created"], story["tail"]))
            for before, after in zip(lines, lines[1:]):
                self.assertEqual(after["first"], before["last"] + 1)
            steps = [re.findall(r"router \d+ \((\d),(\d)\)", line["text"]) for line in lines
                     if re.match("goes|is deflected", line["text"])]
            for (x, y), (u, v) in steps:
                self.assertEqual(abs(int(x) - int(u)) + abs(int(y) - int(v)), 1)
            self.assertEqual(story["hops"], len(steps) + 1)
            row, col = divmod(story["dst"], 8)
            away = sum(abs(int(u) - col) + abs(int(v) - row) > abs(int(x) - col) + abs(int(y) - row)
                       for (x, y), (u, v) in steps)
            self.assertEqual(story["latency"], story["zero_load"] + 2 * away + sum(story["waited"].values()))
            wrong = sum(line["text"].startswith("is deflected") for line in lines)
            self.assertLessEqual(away, wrong)
            deflected += wrong
        self.assertGreater(deflected, 0)
        story = traffic("uniform,rate=0.0005", "--watch", 20, *deflect)
        self.assertEqual(story["latency"], story["zero_load"])
        story = traffic(f"trace={GOLDEN / 'b2b_1flit.txt'}", "--watch", 3, *deflect)
        self.assertEqual(story["story"][-1]["text"], f"the packet arrives at terminal {story['dst']}")

    def test_both_commands_do_the_same(self):
        options = ("--arch", MESH, "--traffic", "uniform", "--cycles", "600", "--format", "json")
        results = [simulated(json.loads(call(*command, *options)[1])) for command in ((), ("run",), ("traffic",))]
        self.assertEqual(results[0], results[1])
        self.assertEqual(results[0], results[2])

    def test_orders_and_repetition(self):
        results = [simulated(traffic("hotspot,rate=0.1,packet=2", "--cycles", 1000, "--order", order))
                   for order in ("sparse", "dense", "shuffled", "sparse")]
        for result in results[1:]:
            self.assertEqual(result, results[0])
        self.assertNotEqual(simulated(traffic("hotspot,rate=0.1,packet=2", "--cycles", 1000, "--seed", 2)), results[0])

    def test_threads_change_nothing(self):
        options = ("--set", "chip.network.size=20x20", "--cycles", 600)
        results = [simulated(traffic("uniform,rate=0.02", *options, "--jobs", jobs)) for jobs in (1, 2, 3, 7)]
        for result in results[1:]:
            self.assertEqual(result, results[0])

    def test_threads_where_there_is_one(self):
        for wrong in (("--traffic", "multicast"), ("--traffic", "uniform", "--watch", "3"),
                      ("--traffic", f"trace={GOLDEN / 'b2b_1flit.txt'}")):
            code, _, error = call("--arch", MESH, *wrong, "--jobs", "2")
            self.assertEqual(code, 1)
            self.assertIn("--jobs", error)

    def test_zero_load(self):
        """Neighbours on an 8x8 mesh: 7 of 8 steps in a dimension are 1 hop, one is 7 (a lone packet: 2 + 4 H)."""
        hops = 1 + 2 * (7 * 1 + 1 * 7) / 8
        result = traffic("neighbour,rate=0.0005", "--precision", 0.005)
        self.assertLess(abs(result["hops_mean"] - hops), 0.05)
        self.assertLess(abs(result["latency_mean"] - (2 + 4 * result["hops_mean"])), 0.02)

    def test_next_to_no_load(self):
        """Hardly a packet in the longest run: nothing to measure, but nothing is stuck."""
        result = traffic("uniform,rate=1e-9", "--max-cycles", 2000)
        self.assertEqual((result["packets"], result["latency_mean"]), (0, None))

    def test_every_pattern(self):
        means = {"uniform": 27.0, "transpose": 27.0, "bitcomp": 38.0, "bit_complement": 38.0, "neighbour": 20.0,
                 "neighbor": 20.0, "bitrev": None, "bit_reverse": None, "shuffle": None, "tornado": None,
                 "hotspot": None}
        for pattern, mean in means.items():
            with self.subTest(pattern):
                result = traffic(f"{pattern},rate=0.005")
                self.assertFalse(result["saturated"])
                self.assertTrue(result["converged"])
                if mean is not None:
                    self.assertLess(abs(result["latency_mean"] - mean) / mean, 0.02)

    def test_saturation(self):
        result = traffic("transpose,rate=0.4")
        self.assertTrue(result["saturated"])
        self.assertLess(result["accepted"], 0.3)

    def test_precision(self):
        wide = traffic("uniform,rate=0.3", "--precision", 0.05)
        narrow = traffic("uniform,rate=0.3", "--until", "converged", "--precision", 0.005)
        self.assertGreater(narrow["window"], wide["window"])
        self.assertLessEqual(narrow["latency_interval"], 0.005 * narrow["latency_mean"])
        self.assertLess(abs(narrow["latency_mean"] - wide["latency_mean"]),
                        narrow["latency_interval"] + wide["latency_interval"] + 0.05 * wide["latency_mean"])

    def test_every_description(self):
        described = [path for path in sorted((ROOT / "configs").glob("*.yaml")) if "type: noc.chip" in path.read_text()]
        self.assertGreaterEqual(len(described), 7)
        for path in described:
            with self.subTest(path.name):
                result = traffic("uniform,rate=0.02,packet=2", "--cycles", 1000, "--audit", 100, arch=path)
                self.assertGreater(result["packets"], 0)
                self.assertFalse(result["saturated"])

    def test_text_is_one_screen(self):
        code, said, _ = call("--arch", MESH, "--traffic", "uniform,rate=0.1,packet=4", "--cycles", "1000")
        self.assertEqual(code, 0)
        self.assertLessEqual(len(said.splitlines()), 24)
        self.assertLessEqual(max(map(len, said.splitlines())), 120)
        for word in ("Latency", "Hops", "Accepted", "Links", "Energy"):
            self.assertRegex(said, f"(?m)^{word}")


class Networks(Traffic):
    def test_none_one_and_several(self):
        """Networks of a chip know nothing of each other; a chip without any is still a description."""
        small, ring = ("--set", "chip.network.size=4x4"), "chip.networks=[{size: 4x4}, {topology: torus, size: 16}]"
        alone = [simulated(traffic("uniform", "--cycles", 600, *small)),
                 simulated(traffic("uniform", "--cycles", 600, "--set", "chip.network.topology=torus", "--set",
                                   "chip.network.size=16"))]
        for first in ("none", "{size: 8x8}"):
            for number, expected in enumerate(alone, 1):
                result = traffic("uniform", "--cycles", 600, "--set", f"chip.network={first}", "--set", ring, "--network",
                                 number)
                self.assertEqual(simulated(result), expected)
        code, said, complaint = call("config", "--arch", MESH, "--set", "chip.network=none")
        self.assertEqual(code, 0, complaint)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "none.yaml"
            path.write_text(said)
            code, again, complaint = call("config", "--arch", path)
            self.assertEqual(code, 0, complaint)
            self.assertRegex(again, r"(?m)^  network: none ")
            self.assertEqual(call("--arch", path, "--traffic", "uniform")[0], 2)


class LoadCurve(Traffic):
    def test_points_are_single_runs(self):
        curve = traffic("uniform,packet=2", "--load-curve", "0.1:0.3:0.1", "--cycles", 1000)
        self.assertEqual([point["rate"] for point in curve], [0.1, 0.2, 0.3])
        for point in curve:
            alone = simulated(traffic(f"uniform,packet=2,rate={point['rate']}", "--cycles", 1000))
            self.assertEqual(simulated(point), {key: alone[key] for key in simulated(point)})
        self.assertEqual([simulated(point) for point in curve], [simulated(point) for point in traffic(
            "uniform,rate=0.9,packet=2", "--load-curve", "0.1:0.3:0.1", "--cycles", 1000)])

    def test_jobs_change_nothing(self):
        curves = [traffic("tornado", "--load-curve", "0.02:0.1:0.02", "--cycles", 600, "--jobs", jobs)
                  for jobs in (1, 3)]
        self.assertEqual(*[[simulated(point) for point in curve] for curve in curves])

    def test_text(self):
        code, said, _ = call("--arch", MESH, "--traffic", "transpose", "--load-curve", "0.02:0.3:0.04")
        self.assertEqual(code, 0)
        self.assertEqual(len(said.split("\n\n")[0].splitlines()), 2 + 8)
        self.assertRegex(said, r"Saturates at an offered load of 0\.\d+ or below")
        self.assertIn("^", said)


class RecordedTrace(Traffic):
    def cases(self):
        for name in ("single_pairs", "b2b_4flit", "merge_xy", "uniform_r0.2_ps4"):
            for vcs, depth in ((1, 4), (4, 8)):
                with gzip.open(GOLDEN / f"{name}.vc{vcs}.buf{depth}.csv.gz", "rt") as file:
                    rows = [dict(zip(row, map(int, row.values()))) for row in csv.DictReader(file)]
                yield name, rows, ("--set", f"chip.network.router.vcs={vcs}", "--set",
                                   f"chip.network.router.buffer_flits={depth}")

    def test_against_booksim(self):
        for name, rows, settings in self.cases():
            with self.subTest(name, settings=settings):
                result = traffic(f"trace={GOLDEN / name}.txt", *settings)
                latencies = sorted(row["plat"] for row in rows)
                self.assertEqual(result["packets"], len(rows))
                self.assertAlmostEqual(result["latency_mean"], sum(latencies) / len(rows), 8)
                self.assertAlmostEqual(result["network_latency_mean"], sum(row["nlat"] for row in rows) / len(rows), 8)
                self.assertAlmostEqual(result["hops_mean"], sum(row["hops"] for row in rows) / len(rows), 8)
                self.assertEqual(result["latency_p50"], latencies[(len(rows) + 1) // 2 - 1])
                self.assertEqual(result["latency_max"], latencies[-1])
                self.assertEqual(result["cycles"] - 1, max(row["atime_tail"] for row in rows))

    def test_csv_with_heading_and_gap(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "two.csv"
            path.write_text("cycle,src,dst,size\n3,0,63,2\n5000000,63,0,1\n")
            result = traffic(f"trace={path}")
        self.assertEqual(result["packets"], 2)
        self.assertEqual(result["latency_max"], 2 + 4 * 15 + 1)
        self.assertEqual(result["cycles"], 5000000 + 2 + 4 * 15 + 1)

    def test_stories_agree_with_booksim(self):
        for name, rows, settings in self.cases():
            by_line = self.by_line(name, rows)
            for number in range(0, len(rows), max(1, len(rows) // 12)):
                with self.subTest(name, packet=number, settings=settings):
                    story = traffic(f"trace={GOLDEN / name}.txt", "--watch", number, *settings)
                    row = by_line[number]
                    for ours, theirs in SAME:
                        self.assertEqual(story[ours], row[theirs], ours)
                    self.judge_story(story)

    @staticmethod
    def by_line(name, rows):
        """BookSim2 numbers packets from 1, in the order in which they were created; those of the file by cycle."""
        lines = [tuple(map(int, line.split())) for line in (GOLDEN / f"{name}.txt").read_text().splitlines()
                 if line[:1].isdigit()]
        waiting = {}
        for row in sorted(rows, key=lambda row: row["ctime"] * 1000000 + row["id"]):
            waiting.setdefault((row["ctime"], row["src"], row["dst"], row["size"]), []).append(row)
        return [waiting[line].pop(0) for line in lines]

    def judge_story(self, story):
        """No cycle is left out, none is told twice, and the waits are those of the lines."""
        cycle, waited = story["created"], {"queue": 0, "VC": 0, "switch": 0, "credit": 0}
        for line in story["story"]:
            self.assertEqual(line["first"], cycle)
            cycle = line["last"] + 1
            if line["waits_for"]:
                waited[line["waits_for"]] += line["last"] + 1 - line["first"]
        self.assertEqual(cycle, story["tail"] + 1)
        self.assertEqual(waited, story["waited"])
        self.assertLessEqual(story["latency"] - story["zero_load"], sum(waited.values()) + 4 * story["size"])
        texts = [line["text"] for line in story["story"]]
        self.assertEqual(sum(bool(re.search(r"(head flit|packet) arrives at router", text)) for text in texts),
                         story["hops"])
        if story["latency"] == story["zero_load"] and story["size"] == 1:
            self.assertEqual(sum(waited.values()), 0)


class Watch(Traffic):
    def test_contended_packets_of_drawn_traffic(self):
        seen = dict.fromkeys(("queue", "VC", "switch", "credit"), 0)
        for number in range(2000, 2020):
            story = traffic("uniform,rate=0.38,packet=4", "--watch", number)
            RecordedTrace.judge_story(self, story)
            for wait, cycles in story["waited"].items():
                seen[wait] += cycles
        self.assertTrue(all(seen.values()), seen)

    def test_routing_stage_and_torus(self):
        for settings in (("--set", "chip.network.router.lookahead=false"),
                         ("--set", "chip.network.router.speculative=true"),
                         ("--set", "chip.network.topology=torus"),
                         ("--set", "chip.network.routing=adaptive")):
            with self.subTest(settings):
                for number in (0, 500, 1500):
                    RecordedTrace.judge_story(self, traffic("uniform,rate=0.2,packet=2", "--watch", number, *settings))

    def test_prose(self):
        code, said, _ = call("--arch", MESH, "--traffic", "uniform,rate=0.35,packet=4", "--watch", "5000")
        self.assertEqual(code, 0)
        self.assertRegex(said, r"\APacket 5000, 4 flits from terminal \d+ to terminal \d+, created in cycle \d+")
        self.assertRegex(said, r"(?m)^cycle \d+ +the head flit leaves terminal \d+ for router \d+ \(\d,\d\), VC \d$")
        self.assertRegex(said, r"(?m)^cycles? [\d-]+ +waits for the switch to VC \d of output [+-][xy]$")
        self.assertRegex(said, r"(?m)^Latency \d+ cycles = ")


class Database(Traffic):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "run.db"

    def query(self, sql):
        with sqlite3.connect(self.path) as db:
            return db.execute(sql).fetchall()

    def test_database_is_the_run(self):
        for what in ("uniform,rate=0.2,packet=4", f"trace={GOLDEN / 'uniform_r0.2_ps4.txt'}"):
            with self.subTest(what):
                cycles = ("--cycles", 1000) if what.startswith("uniform") else ()
                result = traffic(what, *cycles, "-o", self.path, "--force")
                counts = dict(self.query("SELECT k.type || '.' || k.event, sum(c.count) FROM count c JOIN kind k ON "
                                         "k.id = c.kind GROUP BY k.id"))
                self.assertEqual(counts["noc.router.crossbar"], result["flit_hops"])
                self.assertEqual(counts["noc.clock.router_cycle"], 64 * result["cycles"])
                self.assertEqual(self.query("SELECT sum(sends) FROM link WHERE name = 'link'")[0][0],
                                 counts["noc.router.link_flit"])
                self.assertEqual(self.query("SELECT sum(sends) FROM link WHERE name = 'inject'")[0][0],
                                 counts["noc.terminal.send_flit"])
                count, total = self.query("SELECT count, sum FROM histogram WHERE name = 'packet'")[0]
                self.assertEqual(count, result["packets"])
                self.assertAlmostEqual(total / count, result["latency_mean"], 8)
                energy = self.query("SELECT energy_j FROM energy_total")[0][0]
                self.assertAlmostEqual(energy / result["energy_j"], 1, 9)

    def test_events_add_up(self):
        traffic("uniform,rate=0.1", "--cycles", 512, "-o", self.path, "--log", "events")
        different = self.query("SELECT * FROM count c LEFT JOIN (SELECT component, kind, sum(count) n FROM event "
                               "GROUP BY component, kind) e USING (component, kind) WHERE c.count IS NOT e.n")
        self.assertEqual(different, [])

    def test_content_repeats(self):
        hashes = set()
        for order in ("sparse", "shuffled"):
            traffic("transpose,rate=0.1,packet=3", "--cycles", 600, "--order", order, "-o", self.path, "--force")
            hashes.add(call("hash", self.path)[1].split()[0])
        self.assertEqual(len(hashes), 1)

    def test_engines_agree(self):
        described = [path for path in sorted((ROOT / "configs").glob("*.yaml")) if "type: noc.chip" in path.read_text()]
        if "without SystemC" in call("traffic", "--engine", "systemc")[2]:
            self.skipTest("built without SystemC")
        for path in described:
            hashes = set()
            for engine, order in (("native", "sparse"), ("systemc", "sparse"), ("systemc", "dense")):
                traffic("uniform,rate=0.1,packet=2", "--cycles", 500, "--engine", engine, "--order", order, "-o", self.path,
                        "--force", arch=path)
                hashes.add(call("hash", self.path)[1].split()[0])
            with self.subTest(path.name):
                self.assertEqual(len(hashes), 1)
        code, _, complaint = call("--arch", MESH, "--traffic", "uniform", "--engine", "systemc")
        self.assertEqual(code, 1, complaint)

    def test_a_packet_is_watched_beside_the_database(self):
        alone = traffic("uniform,rate=0.3", "--watch", 40)
        self.assertEqual(traffic("uniform,rate=0.3", "--cycles", 600, "--watch", 40, "-o", self.path)["watch"], alone)
        with sqlite3.connect(self.path) as database:
            self.assertEqual(database.execute("SELECT value FROM run WHERE key = 'window'").fetchone()[0], 600)
        self.path.unlink()
        said = call("--arch", MESH, "--traffic", "uniform,rate=0.3", "--cycles", 600, "--watch", 40, "-o", self.path)[1]
        for words in ("Packet 40,", "Latency ", "Accepted", "Results"):
            self.assertIn(words, said)

    def test_existing_database_is_kept(self):
        self.path.write_text("mine")
        code, _, complaint = call("--arch", MESH, "--traffic", "uniform", "-o", self.path)
        self.assertEqual((code, self.path.read_text()), (4, "mine"), complaint)


class Energy(Traffic):
    """DSENT's tabulated routers: 5 x 5 ports, 1 VC of 4 flits, 1 GHz; pJ of write + read + crossbar + allocation of a
    flit in a router, clock pJ a cycle, leakage mW, for flits of 16, 32, 64, 128 bits."""
    TABLE = {45: ("1.0 V", [0.976, 1.753, 3.307, 6.414], [0.226, 0.310, 0.493, 0.878], [1.70, 3.04, 5.73, 11.12]),
             32: ("0.9 V", [0.538, 0.966, 1.823, 3.536], [0.127, 0.177, 0.284, 0.508], [1.44, 2.59, 4.88, 9.47]),
             22: ("0.8 V", [0.253, 0.455, 0.858, 1.665], [0.065, 0.095, 0.157, 0.288], [1.21, 2.20, 4.17, 8.10])}
    LINK = {45: 40.4, 32: 32.4, 22: 23.6}  # fJ/bit/mm

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "run.db"

    def prices(self, node, voltage, bits):
        # All routers of a torus have 5 ports; 2 VCs of 2 flits are 4 flits a port.
        traffic("uniform,rate=0.1", "--cycles", 600, "-o", self.path, "--force", "--set", "chip.network.size=4x4",
                "--set", "chip.network.topology=torus", "--set", "chip.network.router.vcs=2", "--set",
                "chip.network.router.buffer_flits=2", "--set", f"chip.network.router.flit_bits={bits}", "--set",
                f"chip.voltage={voltage}", "--set", f"tech=!include configs/tech/noc-{node}nm.yaml")
        with sqlite3.connect(self.path) as db:
            prices = dict(db.execute("SELECT type || '.' || event, unit_energy_j FROM kind"))
            counts = dict(db.execute("SELECT k.type || '.' || k.event, sum(c.count) FROM count c JOIN kind k ON k.id = "
                                     "c.kind GROUP BY k.id"))
        return prices, counts

    def test_tabulated_routers(self):
        for node, (voltage, hop, clock, leakage) in self.TABLE.items():
            for i, bits in enumerate((16, 32, 64, 128)):
                with self.subTest(node=node, bits=bits):
                    price, count = self.prices(node, voltage, bits)
                    energy = sum(price["noc.router." + event] for event in
                                 ("buffer_write", "buffer_read", "crossbar", "switch_alloc"))
                    self.assertLess(abs(energy * 1e12 / hop[i] - 1), 0.005)
                    cycles = count["noc.clock.router_cycle"]
                    tree = price["noc.clock.router_cycle"] + bits * price["noc.clock.bit_cycle"]
                    self.assertLess(abs(tree * 1e12 / clock[i] - 1), 0.02)
                    power = sum(price[name] * count[name] for name in count if name.endswith(".leakage")
                                and name != "noc.link.leakage") / cycles * 1e9
                    self.assertLess(abs(power * 1e3 / leakage[i] - 1), 0.01)
                    self.assertAlmostEqual(price["noc.router.link_bit_um"] * 1e18, self.LINK[node], 6)

    def test_wires_at_rest(self):
        """433, 341 and 241 nW a bit and mm, of the 64 links of 64 bits and 1 mm of a torus of 16."""
        for node, leakage in {45: 433e-9, 32: 341e-9, 22: 241e-9}.items():
            price, count = self.prices(node, {45: "1 V", 32: "0.9 V", 22: "0.8 V"}[node], 64)
            power = price["noc.link.leakage"] * 1e9
            self.assertAlmostEqual(power, 64 * 64 * leakage, 9)
            self.assertGreater(count["noc.link.leakage"], 0)

    def test_wires_that_change(self):
        """Random bits cost what is assumed without looking; addresses, which are shorter than flits, less."""
        energy = {}
        for payload in ("average", "random", "address"):
            result = traffic("uniform,rate=0.2,packet=4", "--cycles", 2000, "--set",
                             f"chip.network.link_payload={payload}", "-o", self.path, "--force")
            with sqlite3.connect(self.path) as database:
                kinds = dict(database.execute("SELECT event, sum(energy_j) FROM energy_by_kind WHERE event LIKE "
                                              "'link_%_um' GROUP BY 1"))
            self.assertEqual(kinds.get("link_toggle_um" if payload == "average" else "link_bit_um", 0), 0)
            energy[payload] = sum(kinds.values()), result["latency_mean"], result["energy_dynamic_j"]
        self.assertEqual(len({latency for _, latency, _ in energy.values()}), 1)
        self.assertLess(abs(energy["random"][0] / energy["average"][0] - 1), 0.01)
        self.assertLess(energy["address"][0], 0.5 * energy["average"][0])
        for wires, _, dynamic in energy.values():
            self.assertAlmostEqual(dynamic - wires, energy["average"][2] - energy["average"][0], 12)

    def test_measured_hop(self):
        """What a run pays for a flit in a router is the sum of its parts and its share of head and link."""
        result = traffic("uniform,rate=0.2,packet=8", "--cycles", 2000)
        price, _ = self.prices(32, "0.9 V", 64)
        links = result["hops_mean"] - 1
        expected = 1.823e-12 + (price["noc.router.vc_alloc"] + price["noc.router.route"]) / 8 + \
            64 * 1000 * price["noc.router.link_bit_um"] * links / result["hops_mean"]
        self.assertLess(abs(result["energy_per_flit_hop_j"] / expected - 1), 0.01)

    def test_area_grows_with_the_buffers(self):
        """DSENT's router of 5 ports, 4 VCs of 8 flits of 64 bits: 93,500 um2 at 45 nm, 53,670 at 32 nm, 22,490 at 22 nm."""
        for node, area in {45: 93500e-12, 32: 53670e-12, 22: 22490e-12}.items():
            result = traffic("uniform,rate=0.1", "--cycles", 600, "--set", "chip.network.topology=torus", "--set",
                             f"tech=!include configs/tech/noc-{node}nm.yaml")
            self.assertLess(abs(result["area_m2"] / 64 / area - 1), 0.01)

    def test_another_technology_afterwards(self):
        result = traffic("uniform,rate=0.1", "--cycles", 600, "-o", self.path)
        code, said, complaint = call("energy", self.path, "--tech", "configs/tech/noc-22nm.yaml", "--by", "total",
                                     "--format", "json")
        self.assertEqual(code, 0, complaint)
        direct = traffic("uniform,rate=0.1", "--cycles", 600, "--set", "tech=!include configs/tech/noc-22nm.yaml")
        self.assertAlmostEqual(json.loads(said)[0]["energy_j"] / direct["energy_j"], 1, 9)
        self.assertNotAlmostEqual(direct["energy_j"] / result["energy_j"], 1, 1)


class WrongInput(Traffic):
    def test_files(self):
        folder = ROOT / "test" / "errors" / "traffic"
        files = sorted(folder.iterdir())
        self.assertGreater(len(files), 10)
        for path in files:
            with self.subTest(path.name):
                name, facts = str(path.relative_to(ROOT)), dict(re.findall(r"(?m)^# (\w+): (.*)$", path.read_text()))
                options = ["--arch", name, *shlex.split(facts.get("options", ""))] if path.suffix == ".yaml" else \
                    ["--arch", MESH, "--traffic", f"trace={name}"]
                code, said, complaint = call(*options)
                self.assertEqual(code, int(facts["exit"]), complaint)
                self.assertIn(facts["error"].replace("@", name), complaint)
                self.assertEqual(said, "")

    def test_command_line(self):
        cases = {
            "--traffic unifrm": "did you mean 'uniform'?",
            "--traffic uniform,rte=0.1": "unknown key 'rte' (did you mean 'rate'?)",
            "--traffic uniform,rate=2": "noc.traffic.rate: '2' is out of range",
            "--traffic uniform,rate": "'rate' is not of the form key=value",
            "--traffic uniform,rate=0.1,rate=0.2": "'rate' is given twice",
            "--traffic uniform,packet=0": "noc.traffic.packet: '0' is out of range",
            "--traffic trace=": "trace= needs a file",
            "--traffic uniform --cycles -1": "--cycles takes a number from 32 to 1099243192320, not '-1'",
            "--traffic uniform --cycles 99 --until converged": "either --cycles or --until",
            "--traffic uniform --until bored": "--until takes converged, not 'bored'",
            "--traffic uniform --precision 0": "--precision takes a number above 0",
            "--traffic uniform --load-curve 0.5:0.1:0.1": "--load-curve takes first:last:step",
            "--traffic uniform --load-curve 0.1:0.2": "--load-curve takes first:last:step",
            "--traffic uniform --load-curve 0.1:0.2:0": "--load-curve takes first:last:step",
            "--traffic uniform --load-curve 0.1:0.2:0.1 -o x.db": "--load-curve is many runs",
            "--traffic uniform --watch x": "--watch takes a number, not 'x'",
            "--traffic uniform --watch 999999999999": "is not created before cycle",
            "--traffic uniform --format csv": "--format takes text or json, not 'csv'",
            "--traffic uniform --bogus": "unknown option '--bogus'",
            "--traffic uniform more": "'more' is no option",
        }
        for options, message in cases.items():
            with self.subTest(options):
                code, said, complaint = call("--arch", MESH, *options.split())
                self.assertEqual((code, said), (1, ""), complaint)
                self.assertIn(message, complaint)

    def test_files_that_are_not_there(self):
        for options in (["--arch", "none.yaml", "--traffic", "uniform"],
                        ["--arch", MESH, "--traffic", "trace=none.csv"],
                        ["--arch", MESH, "--traffic", "trace=configs"],
                        ["--arch", MESH, "--traffic", "uniform", "-o", "/nowhere/x.db"]):
            with self.subTest(options):
                self.assertEqual(call(*options)[0], 4)

    def test_files_without_end(self):
        code, _, complaint = call("--arch", MESH, "--traffic", "trace=/dev/zero")
        self.assertEqual((code, "this is not a text file" in complaint), (2, True), complaint)

    def test_curve_reports_the_rate(self):
        code, said, complaint = call("--arch", MESH, "--traffic", "uniform,packet=9", "--set",
                                     "chip.network.router.flow_control=cut_through", "--load-curve", "0.1:0.2:0.1")
        self.assertEqual((code, said), (2, ""))
        self.assertIn("at rate 0.1:", complaint)

    def test_full_disk(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            run = subprocess.run([NOCSIM, "--arch", MESH, "--traffic", "uniform", "--cycles", "512"], cwd=ROOT,
                                 stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(run.returncode, 4)
        self.assertIn("cannot write", run.stderr)


if __name__ == "__main__":
    unittest.main()
