# SPDX-License-Identifier: MIT
"""nocsim approximate: energies recomputed from counts and the technology file, what segments and links decide, sensitivity,
errors, operators, wrong input; the lanes' events in the database of a run."""
import json
import os
import tempfile
import unittest

from simulator import MNIST, ROOT, built, call, nocsim, query

TPU, SHENJING = ROOT / "configs/nova-on-tpu.yaml", ROOT / "configs/nova-on-shenjing.yaml"


def approximate(*arguments):
    return json.loads(nocsim("approximate", "--format", "json", *arguments).stdout)


def kinds(*arguments):
    return {a["approximator"]: a for a in approximate("--arch", TPU, "--waves", 50, *arguments)["approximators"]}


@built
class Approximate(unittest.TestCase):
    def test_energy_is_counts_times_prices(self):
        pj = {("arch.nova", "comparisons"): 19.3e-3, ("arch.nova", "macs"): 348e-3, ("arch.nova", "latch_bits"): 5.10e-3,
              ("noc.line", "link_bit_um"): 23.6e-6, ("arch.lane_table", "table_bits"): 13.4e-3,
              ("arch.vector_unit", "functions"): 2.78}
        seen = set()
        for kind in kinds().values():
            total = kind["leakage_w"] * 50 * 4 * 128 / kind["elements_per_s"]
            for event in kind["events"]:
                total += event["energy_j"]
                key = event["type"], event["event"]
                if key in pj:
                    seen.add(key)
                    self.assertAlmostEqual(event["energy_j"] / event["count"] / (pj[key] * 1e-12), 1, places=6)
            self.assertAlmostEqual(total / (kind["energy_per_element_j"] * 50 * 4 * 128), 1, places=6)
        self.assertEqual(seen, set(pj))

    def test_all_kinds_of_tables_give_the_same_results(self):
        errors = {name: kind["error"] for name, kind in kinds().items()}
        self.assertEqual(errors["arch.nova"], errors["arch.lane_table"])
        self.assertEqual(errors["arch.nova"], errors["arch.core_table"])
        self.assertLess(errors["arch.vector_unit"], errors["arch.nova"] / 5)

    def test_a_look_up_takes_a_cycle_while_the_flits_fit(self):
        # More than two flits need a tag of two bits or more, which leaves room for 7 pairs: 32 segments are 5 flits.
        for segments, latency in ((8, 2), (16, 2), (17, 3), (21, 3), (28, 3), (29, 4), (32, 4), (64, 6)):
            with self.subTest(segments=segments):
                self.assertEqual(kinds("--set", f"chip.segments={segments}")["arch.nova"]["latency_cycles"], latency)

    def test_values_vary_together(self):
        keys = ",".join(f"tech.energy.arch.{kind}.comparisons.energy" for kind in ("nova", "lane_table"))
        rows = approximate("--arch", TPU, "--waves", 20, "--vary", keys + "=1 fJ,19.3 fJ")
        self.assertEqual([row["value"] for row in rows], ["1 fJ", "19.3 fJ"])
        low, high = ({a["approximator"]: a["energy_per_element_j"] for a in row["approximators"]} for row in rows)
        for kind in ("arch.nova", "arch.lane_table"):  # 15 comparisons an element
            self.assertAlmostEqual((high[kind] - low[kind]) / (15 * 18.3e-15), 1, places=6)
        self.assertEqual(low["arch.core_table"], high["arch.core_table"])

    def test_sensitivity_is_what_a_setting_gives(self):
        rows = {row["number"]: row for row in approximate("--arch", TPU, "--waves", 20, "--sensitivity")}
        effects = [row["effect"] for row in rows.values()]
        self.assertEqual(effects, sorted(effects, reverse=True))
        unit = {name: kind["energy_per_element_j"] for name, kind in
                kinds("--waves", 20, "--set", "tech.energy.arch.vector_unit.functions.energy=5.56 pJ").items()}
        self.assertAlmostEqual(rows["arch.vector_unit.functions.energy"]["ratio"]["arch.vector_unit"]["double"],
                               unit["arch.vector_unit"] / unit["arch.nova"], places=6)
        together = rows["lanes.comparisons.energy"]["ratio"]["arch.lane_table"]
        self.assertGreater(together["half"], together["double"])

    def test_errors_fall_with_segments_and_words(self):
        rows = {(r["function"], r["segments"], r["cut"]): r for r in approximate("--errors")}
        self.assertEqual({key[0] for key in rows}, {"exp", "gelu", "silu", "softplus", "reciprocal", "rsqrt"})
        for (function, segments, cut), row in rows.items():
            with self.subTest(function=function, segments=segments, cut=cut):
                self.assertGreater(row["most"], row["rms"])
                if (function, 2 * segments, cut) in rows:
                    self.assertLess(rows[function, 2 * segments, cut]["most"], row["most"])
                if cut == "minimax":
                    self.assertLess(row["most"], rows[function, segments, "uniform"]["most"])

    def test_operators_have_cycles_and_energy(self):
        rows = {row["operator"]: row for row in approximate("--arch", TPU, "--operators", "--row", 64)}
        self.assertEqual(len(rows), 22)
        for row in rows.values():
            self.assertGreater(row["cycles"], 0)
            self.assertGreater(row["energy_j"], 0)
        self.assertLess(rows["ptsoftmax-round"]["energy_j"], rows["softmax"]["energy_j"])
        self.assertEqual(rows["ptsoftmax-round"]["work"]["multiplications"], 0)
        self.assertEqual(rows["gelu"]["cycles"], 2 * (8 + 1))  # two groups of 32: a function and a product

    def test_wrong_input(self):
        shenjing = ROOT / "configs/shenjing.yaml"
        for arguments, code, words in (([], 1, "--arch is needed"), (["--arch", shenjing], 2, "no vector lanes"),
                                       (["--arch", "none.yaml"], 4, "none.yaml"), (["--errors", "x"], 1, "no option"),
                                       (["--arch", TPU, "--waves", "0"], 1, "--waves"),
                                       (["--arch", TPU, "--vary", "chip.lanes"], 1, "--vary takes"),
                                       (["--arch", TPU, "--vary", "chip.lanez=1"], 2, "did you mean 'lanes'"),
                                       (["--arch", TPU, "--set", "chip.clock=20 GHz"], 2, "longer than a cycle"),
                                       (["--arch", TPU, "--format", "csv"], 1, "--format")):
            with self.subTest(arguments=arguments):
                done = call("approximate", *arguments)
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertIn(words, done.stderr)


class Overlay(unittest.TestCase):
    def test_events_stand_in_the_run_database_whatever_the_engine(self):
        with tempfile.TemporaryDirectory() as folder:
            hashes = set()
            for number, more in enumerate(([], ["--order", "shuffled"], ["--engine", "systemc"])):
                database = os.path.join(folder, f"{number}.db")
                done = call("--arch", SHENJING, "--trace", MNIST, "-n", 4, "-o", database, "-q", *more)
                if done.returncode == 1 and "without SystemC" in done.stderr:
                    continue
                self.assertEqual(done.returncode, 0, done.stderr)
                hashes.add(call("hash", database).stdout.split()[0])
            self.assertEqual(len(hashes), 1)
            found = dict(query(os.path.join(folder, "0.db"),
                               "SELECT event, count FROM energy_by_kind WHERE type = 'arch.nova'"))
            self.assertEqual(found["results"], 4 * 11)  # ten exponentials and a reciprocal
            self.assertEqual(found["comparisons"], 4 * 11 * 15)


if __name__ == "__main__":
    unittest.main()
