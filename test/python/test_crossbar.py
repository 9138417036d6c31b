# SPDX-License-Identifier: MIT
"""The crossbar core against an independent reference in numpy, each non-ideality alone and some together."""
import copy
import itertools
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import unittest

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
NOCSIM = os.environ.get("NOCSIM", os.path.join(ROOT, "build/release/nocsim"))
PROBE = os.path.join(os.path.dirname(NOCSIM), "test/python/crossbar_probe")
sys.path.insert(0, HERE)

from crossbar_reference import Reference, complete  # noqa: E402

TOLERANCE = 1e-9
CLOCK = 1e9
COUNTS = ("accesses row_drives cell_reads cell_steps samples mux_steps conversions subtractions shift_adds input_bits "
          "sums row_writes cell_writes write_pulses").split()
LAYOUT = ("slices signs across blocks columns units lanes conversions array_conversions converters mux group_rows "
          "exact folded").split()


def probe(description, weights, vectors, gap=1000):
    """What the simulator computes and drew: arrays by name; `total` and `high` are lists, one for each vector."""
    with tempfile.TemporaryDirectory() as folder:
        text, given, told = (os.path.join(folder, name) for name in ("description", "input", "output"))
        with open(text, "w", encoding="utf-8") as file:
            json.dump(description, file)
        np.concatenate([[len(vectors)], np.ravel(weights), np.ravel(vectors)]).astype(np.int32).tofile(given)
        subprocess.run([PROBE, text, given, told, "%g" % CLOCK, str(gap)], check=True)
        found = {"total": [], "high": []}
        with open(told, "rb") as file:
            while line := file.readline():
                name, kind, count = line.split()
                values = np.fromfile(file, {b"d": np.float64, b"u": np.uint64}[kind], int(count))
                if name.decode() in ("total", "high"):
                    found[name.decode()].append(values)
                else:
                    found[name.decode()] = values
    found["layout"] = dict(zip(LAYOUT, map(int, found["layout"])))
    found["counts"] = dict(zip(COUNTS, map(int, found["counts"])))
    return found


def merged(*parts):
    result = {}
    for part in parts:
        for key, value in part.items():
            result[key] = {**result.get(key, {}), **value} if isinstance(value, dict) else value
    return result


def random_case(description, seed, vectors=4, density=0.4):
    random_state = np.random.RandomState(seed)
    spec = complete(description)
    half = 2 ** (spec.weights.bits - 1)
    weights = random_state.randint(-half + spec.weights.symmetric, half, (spec.axons, spec.neurons))
    low, high = 0, 2 ** spec.input.bits
    if spec.input.twos_complement:
        low, high = -high // 2, high // 2
    inputs = random_state.randint(low, high, (vectors, spec.axons))
    if spec.input.kind == "spikes":
        inputs = (random_state.uniform(size=inputs.shape) < density).astype(int)
    return weights, inputs


LAYOUTS = {
    "differential": {},
    "analog": {"weights": {"subtraction": "analog"}},
    "analog, arrays": {"weights": {"subtraction": "analog", "placement": "arrays"}},
    "arrays": {"weights": {"placement": "arrays", "symmetric": True}, "array": {"cols": 7}},
    "offset": {"weights": {"encoding": "offset"}},
    "unit column": {"weights": {"encoding": "offset", "correction": "unit_column"}},
    "flipped": {"weights": {"encoding": "offset", "correction": "unit_column", "flip": True}},
    "flipped, counted, arrays": {"weights": {"encoding": "offset", "flip": True, "placement": "arrays"}},
    "groups": {"array": {"active_rows": 5}},
    "active groups": {"array": {"active_rows": 6, "select": "active"}},
    "idle skipped": {"array": {"active_rows": 2, "skip_idle": True}},
    "numbers": {"input": {"kind": "serial", "bits": 6}},
    "signed numbers": {"input": {"kind": "serial", "bits": 6, "twos_complement": True}},
    "voltages": {"input": {"kind": "serial", "bits": 6, "dac_bits": 2}},
    "isaac": {"weights": {"bits": 16, "encoding": "offset", "correction": "unit_column", "flip": True},
              "input": {"kind": "serial", "bits": 16}},
}

FAULTS = {
    "levels": {"cell": {"bits": 3, "levels": 5}},
    "normal": {"program": {"model": "normal", "sigma_s": "2 uS"}},
    "proportional": {"program": {"model": "proportional", "sigma": 0.07}},
    "milo": {"program": {"model": "rram_milo_2021"}, "cell": {"g_min": "50 uS", "g_max": "225 uS"}},
    "wan": {"program": {"model": "rram_wan_2022"}, "cell": {"g_max": "39.26 uS"}},
    "wan, second": {"program": {"model": "rram_wan_2022_second"}, "cell": {"g_max": "40 uS"}},
    "wan, day": {"program": {"model": "rram_wan_2022_day"}, "cell": {"g_max": "40 uS"}},
    "wan, two days": {"program": {"model": "rram_wan_2022_two_days"}, "cell": {"g_max": "40 uS"}},
    "joshi": {"program": {"model": "pcm_joshi_2020"}, "cell": {"g_min": "0 S", "g_max": "25 uS"}},
    "pcm": {"program": {"model": "pcm_aihwkit"}, "cell": {"g_min": "0 S", "g_max": "25 uS"}},
    "stuck": {"program": {"stuck_off": 0.1, "stuck_on": 0.2}},
    "drift": {"drift": {"model": "power", "exponent": 0.05, "exponent_sigma": 0.02, "age": "3600 s"}},
    "drift, pcm": {"drift": {"model": "pcm", "age": "1e5 s"}, "cell": {"g_min": "0 S", "g_max": "25 uS"}},
    "fluctuation": {"read": {"fluctuation": 0.1, "energy": 0.3, "fluctuation_exponent": 0.7}},
    "thermal": {"read": {"thermal": "1 uS", "energy": 2}},
    "johnson": {"read": {"bandwidth": "1 GHz", "temperature": "350 K"}},
    "flicker": {"read": {"flicker": 0.02}, "drift": {"age": "10 s"}},
    "nonlinear": {"cell": {"nonlinearity": 1.5}},
    "quantised": {"adc": {"kind": "sar", "bits": 3}},
    "clipped": {"adc": {"kind": "flash", "bits": 6, "full_scale": 9}},
    "offset": {"adc": {"kind": "ramp", "bits": 5, "offset_sigma": 1.5, "columns": 3}},
}

SMALL = {"axons": 23, "neurons": 6, "array": {"rows": 16, "cols": 24}, "weights": {"bits": 5}, "seed": 11}


@unittest.skipUnless(os.access(PROBE, os.X_OK), "crossbar_probe is not built")
class Crossbar(unittest.TestCase):
    def compare(self, description, seed, gap=1000, density=0.4):
        weights, inputs = random_case(description, seed, density=density)
        found = probe(description, weights, inputs, gap)
        reference = Reference(description, weights, found)
        for v, vector in enumerate(inputs):
            if found["high"]:
                reference.telegraph(found["high"][v])
            expected = reference.sums(vector)
            scale = max(1, np.abs(expected).max())
            error = np.abs(found["total"][v] - expected).max() / scale
            self.assertLessEqual(error, TOLERANCE, "vector %d: %s, expected %s" % (v, found["total"][v], expected))
        return found, reference, weights, inputs

    def test_ideal_cores_are_exact(self):
        for (name, layout), endurance in itertools.product(LAYOUTS.items(), (0, 10 ** 9)):
            for bits in (2, 5, 8):
                description = merged(SMALL, {"weights": {"bits": bits}, "array": {"cols": 40},
                                             "write": {"endurance": endurance}}, layout)
                with self.subTest(layout=name, bits=bits, cells=endurance > 0):
                    weights, inputs = random_case(description, bits)
                    found = probe(description, weights, inputs)
                    self.assertEqual(found["layout"]["exact"], endurance == 0)
                    for v, vector in enumerate(inputs):
                        np.testing.assert_array_equal(found["total"][v], vector @ weights)

    def test_converters_with_enough_bits_are_exact(self):
        for name, layout in LAYOUTS.items():
            for endurance in (0, 10 ** 9):
                description = merged(SMALL, {"array": {"cols": 40}, "adc": {"kind": "sar", "bits": 9},
                                             "write": {"endurance": endurance}}, layout)
                with self.subTest(layout=name, cells=endurance > 0):
                    weights, inputs = random_case(description, 3)
                    found = probe(description, weights, inputs)
                    for v, vector in enumerate(inputs):
                        np.testing.assert_array_equal(found["total"][v], vector @ weights)

    def test_each_fault_in_each_layout(self):
        for (name, fault), (where, layout) in itertools.product(FAULTS.items(), LAYOUTS.items()):
            with self.subTest(fault=name, layout=where):
                description = merged(SMALL, {"array": {"cols": 40}}, layout, fault)
                found, _, weights, inputs = self.compare(description, 5)
                harmless = {"nonlinear": where != "voltages", "clipped": where == "idle skipped",
                            "quantised": where == "idle skipped"}.get(name, False)
                if not harmless and where != "isaac":
                    self.assertFalse(all(np.array_equal(found["total"][v], vector @ weights)
                                         for v, vector in enumerate(inputs)), "nothing went wrong")

    def test_each_fault_behind_converters(self):
        """The same with converters, so that cells are read one by one; what they round, they round alike."""
        converters = {"array": {"cols": 40}, "adc": {"kind": "sar", "bits": 7}}
        layouts = ("differential", "analog, arrays", "offset", "voltages")
        for (name, fault), where in itertools.product(FAULTS.items(), layouts):
            if "adc" not in fault:
                with self.subTest(fault=name, layout=where):
                    found = self.compare(merged(SMALL, converters, LAYOUTS[where], fault), 5)[0]
                    self.assertFalse(found["layout"]["folded"])

    def test_telegraph_noise(self):
        for gap in (10, 10 ** 6, 10 ** 9):
            for layout in ("differential", "offset", "groups"):
                with self.subTest(gap=gap, layout=layout):
                    read = {"telegraph": 0.2, "telegraph_sigma": 0.1, "telegraph_high": 0.3, "telegraph_dwell": "1 ms"}
                    found, _, _, _ = self.compare(merged(SMALL, LAYOUTS[layout], {"read": read}), 6, gap)
                    self.assertTrue(all(high.any() for high in found["high"]))

    def test_wires(self):
        for wires in ({"row": "5 Ohm"}, {"col": "5 Ohm"}, {"row": "20 Ohm", "col": "30 Ohm"},
                      {"row": "2 Ohm", "col": "3 Ohm", "driver": "500 Ohm", "sense": "200 Ohm"},
                      {"row": "2000 Ohm", "col": "3000 Ohm"}):
            for access in ("1t1r", "1r"):
                for where in ("differential", "analog, arrays", "flipped", "groups", "voltages"):
                    with self.subTest(wires=wires, access=access, layout=where):
                        description = merged(SMALL, {"array": {"access": access, "cols": 40}, "axons": 19,
                                                     "wires": {**wires, "tolerance": 1e-13}}, LAYOUTS[where])
                        found, _, _, _ = self.compare(description, 7)
                        self.assertEqual(int(found["unconverged"][0]), 0)

    def test_wires_of_a_full_array(self):
        description = {"axons": 128, "neurons": 16, "weights": {"bits": 5}, "seed": 3,
                       "wires": {"row": "2.82 Ohm", "col": "2.82 Ohm", "tolerance": 1e-13}}
        self.compare(description, 8)

    def test_wires_and_cells_that_are_not_ohmic(self):
        for where in ("differential", "voltages"):
            wires = {"row": "50 Ohm", "col": "30 Ohm", "tolerance": 1e-13}
            self.compare(merged(SMALL, LAYOUTS[where], {"cell": {"nonlinearity": 2}, "axons": 16, "array": {"cols": 40},
                                                        "wires": wires}), 9)

    def test_many_faults_together(self):
        faults = [fault for name, fault in FAULTS.items() if "g_max" not in fault.get("cell", {})]
        for seed in range(30):
            with self.subTest(seed=seed):
                chosen = random.Random(seed)
                description = merged(SMALL, {"array": {"cols": 40}, "seed": seed},
                                     LAYOUTS[chosen.choice(list(LAYOUTS))], *chosen.sample(faults, 5))
                if chosen.random() < 0.3:
                    description = merged(description, {"wires": {"row": "3 Ohm", "col": "2 Ohm", "tolerance": 1e-13}})
                self.compare(description, seed)

    def test_random_shapes(self):
        """Arrays, groups, slices and converters of any size; one fault each, some with wires."""
        for seed in range(40):
            chosen = random.Random(1000 + seed)
            layout = LAYOUTS[chosen.choice([name for name in LAYOUTS if name != "isaac"])]
            rows, bits = chosen.randint(1, 40), chosen.randint(2, 8)
            shape = {"axons": chosen.randint(1, 70), "neurons": chosen.randint(1, 40), "seed": seed,
                     "array": {"rows": rows, "cols": chosen.randint(16, 60), "active_rows": chosen.randint(0, rows)},
                     "weights": {"bits": bits}, "cell": {"bits": chosen.randint(1, 4)}}
            fault = {"program": {"model": "normal", "sigma_s": "1 uS"}}
            fault = merged(fault, chosen.choice([{}, FAULTS["fluctuation"], FAULTS["johnson"], FAULTS["offset"]]))
            wires = {"wires": {"row": "1 Ohm", "col": "4 Ohm", "tolerance": 1e-13}} if seed % 8 == 0 else {}
            with self.subTest(seed=seed):
                self.compare(merged(layout, shape, fault, wires), seed)

    def test_vector_code_does_not_matter(self):
        description = merged(SMALL, LAYOUTS["voltages"], FAULTS["fluctuation"], FAULTS["johnson"], FAULTS["offset"])
        weights, inputs = random_case(description, 4)
        results = []
        for code in ("scalar", "avx2", "avx512"):
            os.environ["NOCSIM_SIMD"] = code
            try:
                results.append(np.array(probe(description, weights, inputs)["total"]))
            finally:
                del os.environ["NOCSIM_SIMD"]
        for result in results[1:]:
            np.testing.assert_array_equal(result, results[0])

    def test_energy_buys_quiet_reads(self):
        """Four times the energy halves the fluctuation (exponent 0.5): the same draws give half the error."""
        errors = []
        for energy in (1, 4):
            description = merged(SMALL, {"read": {"fluctuation": 0.1, "energy": energy}})
            weights, inputs = random_case(description, 2)
            found = probe(description, weights, inputs)
            errors.append(np.array(found["total"]) - inputs @ weights)
        np.testing.assert_allclose(errors[0], 2 * errors[1], rtol=0, atol=1e-9)

    def test_latency(self):
        for seed in range(40):
            chosen = random.Random(seed)
            description = merged(SMALL, {
                "array": {"cols": 40, "active_rows": chosen.choice([0, 3, 16]), "skip_idle": chosen.random() < 0.5,
                          "select": chosen.choice(["fixed", "active"])},
                "adc": {"kind": chosen.choice(["sar", "flash", "ramp"]), "columns": chosen.choice([1, 8, 64]),
                        "bits": 6, "period": "0.7 ns", "extra_steps": chosen.choice([0, 2])},
                "timing": {"settle": "12.5 ns", "digital_cycles": 3}}, LAYOUTS[chosen.choice(list(LAYOUTS))])
            holds = chosen.choice([{"sample_hold": False}, {}, {"pipelined": True}])
            description["timing"].update(holds)
            with self.subTest(seed=seed):
                found, reference, _, inputs = self.compare(description, seed, density=chosen.choice([0.05, 0.5]))
                spec = reference.spec
                steps = {"sar": 6, "flash": 1, "ramp": 64}[spec.adc.kind] + spec.adc.extra_steps
                convert, settle, mux = steps * 0.7, 12.5, found["layout"]["mux"]
                for v, vector in enumerate(inputs):
                    reference.read_number = 0
                    reference.sums(vector)
                    n = reference.passes
                    if not spec.timing.sample_hold:
                        time = n * mux * (settle + convert)
                    elif spec.timing.pipelined and n > 0:
                        time = settle + mux * convert + (n - 1) * max(settle, mux * convert)
                    else:
                        time = n * (settle + mux * convert)
                    self.assertEqual(int(found["cycles"][v]), math.ceil(time - 1e-6 * max(time, 1)) + 3)

    def test_counts(self):
        description = merged(SMALL, {"array": {"active_rows": 5, "cols": 40},
                                     "adc": {"kind": "sar", "bits": 6, "columns": 4}})
        weights, inputs = random_case(description, 1)
        found = probe(description, weights, inputs)
        digits = [[abs(int(w)) // 4 ** s % 4 for s in range(3)] for w in weights.ravel()]
        steps = np.array(digits).sum(axis=1).reshape(weights.shape).sum(axis=1)
        spikes, groups, columns, across = int(inputs.sum()), len(inputs) * (4 + 2), 6 * 3 * 2, 1
        self.assertEqual(found["counts"], {
            "accesses": groups * across, "row_drives": spikes * across, "cell_reads": spikes * columns,
            "cell_steps": int((inputs @ steps).sum()), "samples": groups * columns, "mux_steps": groups * across * 4,
            "conversions": groups * columns, "subtractions": groups * columns // 2, "shift_adds": groups * columns,
            "input_bits": len(inputs) * 23, "sums": len(inputs) * 6,
            "row_writes": 0, "cell_writes": 0, "write_pulses": 0})

    def test_cores_and_seeds_differ(self):
        description = merged(SMALL, FAULTS["normal"])
        weights, inputs = random_case(description, 1)
        first = probe(description, weights, inputs)
        again = probe(copy.deepcopy(description), weights, inputs)
        other = probe({**description, "seed": 12}, weights, inputs)
        np.testing.assert_array_equal(first["total"], again["total"])
        self.assertFalse(np.array_equal(first["total"], other["total"]))


if __name__ == "__main__":
    unittest.main()
