# SPDX-License-Identifier: MIT
"""Operators of transformers against numpy: integer ones bit by bit, exact ones within a last place, PTsoftmax and
PTsoftplus against the bounds that are known of them, and the fit of piecewise-linear tables."""
import json
import math
import os
import subprocess
import unittest
from pathlib import Path

import numpy as np
from scipy.special import erf

import simulator  # noqa: F401  (the path of scripts/)
import snn_operations as reference

ROOT = Path(__file__).resolve().parents[2]
PROBE = (Path(os.environ["NOCSIM"]).parent if "NOCSIM" in os.environ else ROOT / "build" / "release") \
    / "test" / "python" / "operation_probe"
WORK = ("additions", "comparisons", "shifts", "encodes", "multiplications", "divisions", "roots", "functions", "lookups",
        "reductions", "reads", "writes")
FUNCTIONS = {
    "exp": (-8, 0, np.exp),
    "gelu": (-8, 8, lambda x: 0.5 * x * (1 + erf(x / np.sqrt(2)))),
    "silu": (-8, 8, lambda x: x / (1 + np.exp(-x))),
    "softplus": (-8, 8, lambda x: np.logaddexp(0, x)),
    "reciprocal": (1, 2, lambda x: 1 / x),
    "rsqrt": (1, 4, lambda x: x ** -0.5),
}
NORMS = ("bspn", "powernorm", "powernorm-shift", "layernorm-integer", "layernorm-pwl")


def apply(rows, n, states=0, **spec):
    """rows: for each row its list of operands. Results [row][n], final state, work."""
    text = json.dumps({**spec, **({"states": states} if states else {})})
    flat = b"".join(np.concatenate([np.ravel(o) for o in row]).astype(np.int32).tobytes() for row in rows)
    run = subprocess.run([PROBE, text, str(n)], input=flat, capture_output=True, check=False)
    if run.returncode:
        raise AssertionError(run.stderr.decode())
    work = np.frombuffer(run.stdout[-8 * len(WORK):], np.uint64)
    values = np.frombuffer(run.stdout[:-8 * len(WORK)], np.int32).astype(np.int64)
    out, state = values[:n * len(rows)], values[n * len(rows):]
    return out.reshape(len(rows), n), state.reshape(-1, states) if states else None, \
        dict(zip(WORK, map(int, work)))


def table(function, segments, cut, bits):
    run = subprocess.run([PROBE, "--table", function, str(segments), cut, str(bits)], capture_output=True, text=True,
                         check=True)
    return json.loads(run.stdout)


def refused(**spec):
    run = subprocess.run([PROBE, json.dumps(spec), "4"], input=b"", capture_output=True, check=False)
    return run.returncode, run.stderr.decode()


class Operations(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rng = np.random.default_rng(5)

    def row(self, n, f):
        """Of many magnitudes, zeros and ties among them."""
        kind = self.rng.integers(5)
        spread = (1 << (f + 2), 1 << f, 3, 1 << 20, 1 << (f // 2))[kind]
        return self.rng.integers(-spread, spread + 1, n)

    def operands(self, name, n, states):
        if name in NORMS:
            gain = self.rng.integers(-1 << 18, 1 << 18, n) * (self.rng.random(n) < 0.95)
            return [gain, self.rng.integers(-1000, 1000, n)]
        if name == "scan":
            f = 1 << 6
            return [self.rng.integers(0, 3 * f, n), -self.rng.integers(1, 2 * f, (n, states)),
                    self.rng.integers(-f, f, states), self.rng.integers(-f, f, states), self.rng.integers(-f, f, n)]
        return []

    def test_integer_operators_equal_the_reference_in_every_bit(self):
        for name, expect in reference.INTEGER.items():
            for case in range(12):
                n, f, g = int(self.rng.integers(1, 70)), int(self.rng.integers(0, 12)), int(self.rng.integers(0, 18))
                bits, states = int(self.rng.integers(6, 33)), int(self.rng.integers(1, 6)) if name == "scan" else 0
                table_bits, segments = int(self.rng.integers(6, 20)), int(self.rng.integers(1, 33))
                cut = ("uniform", "minimax")[case % 2]
                group, levels, step = int(self.rng.integers(0, 20)), int(self.rng.integers(0, 4)), 3
                rows = [[self.row(n, f), *self.operands(name, n, states)] for _ in range(4)]
                tables = {t: table(t, segments, cut, table_bits) for t in FUNCTIONS} if name.endswith("pwl") else {}
                state = np.zeros((n, states), np.int64)
                with self.subTest(name=name, case=case):
                    found, states_found, _ = apply(rows, n, states, name=name, in_fraction=f, out_fraction=g,
                                                   out_bits=bits, group=group, segments=segments,
                                                   table_bits=table_bits, cut=cut, levels=levels, step=step)
                    for row, got in zip(rows, found):
                        want = expect(row[0], f, g, bits, more=row[1:], tables=tables, table_bits=table_bits,
                                      group=group, levels=levels, step=step, state=state)
                        np.testing.assert_array_equal(got, want)
                    if states:
                        np.testing.assert_array_equal(states_found, state)

    def test_exact_operators_are_within_a_last_place(self):
        n, f, g = 96, 8, 12
        rows = [[self.rng.integers(-1500, 1500, n)] for _ in range(20)]
        x = np.array(rows)[:, 0] / 2 ** f
        e = np.exp(x - x.max(1, keepdims=True))
        exact = {"softmax": e / e.sum(1, keepdims=True), **{k: FUNCTIONS[k][2](x) for k in ("gelu", "silu", "softplus")}}
        for name, y in exact.items():
            with self.subTest(name=name):
                found, _, _ = apply(rows, n, name=name, in_fraction=f, out_fraction=g, out_bits=20)
                self.assertLessEqual(np.abs(found - y * 2 ** g).max(), 0.5 + 1e-6)
        gain, offset = self.rng.integers(-1 << 17, 1 << 17, n), self.rng.integers(-500, 500, n)
        y = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-5) * gain / 2 ** 16 * 2 ** g + offset
        rows = [[row[0], gain, offset] for row in rows]
        rounded_mean = 0.5 / 2 ** f / x.std(1).min() * np.abs(gain).max() / 2 ** 16 * 2 ** g
        line = table("rsqrt", 16, "minimax", 16)["fixed_most"] * np.abs(y).max() * 2  # 1/sqrt is 1/2 and more
        for name, slack in (("layernorm", 0.5 + 1e-6), ("layernorm-integer", rounded_mean + 2),
                            ("layernorm-pwl", rounded_mean + line + 2)):
            with self.subTest(name=name):
                found, _, _ = apply(rows, n, name=name, in_fraction=f, out_fraction=g, out_bits=20)
                self.assertLessEqual(np.abs(found - y).max(), slack)

    def test_ptsoftmax_keeps_its_bounds(self):
        n, f, g = 40, 10, 24
        x = self.rng.uniform(-5, 5, (200, n))
        rows = [[row] for row in np.rint(x * 2 ** f).astype(int)]
        z = np.array(rows)[:, 0] / 2 ** f
        base2 = np.exp2(z - z.max(1, keepdims=True))
        base2 /= base2.sum(1, keepdims=True)
        ratios = {}
        for name, low, high in (("ceil", 1 / 4, 2), ("round", 8 ** -0.5, 8 ** 0.5), ("nearest", 3 / 8, 3)):
            found, _, _ = apply(rows, n, name="ptsoftmax-" + name, in_fraction=f, out_fraction=g, out_bits=32)
            ratio = found / 2 ** g / base2
            with self.subTest(name=name):
                self.assertGreater(ratio.min(), low * 0.999)
                self.assertLess(ratio.max(), high * 1.001)
            ratios[name] = ratio
        self.assertGreater(ratios["round"].max(), 2.01)  # not within the others' bounds, so the bounds tell them apart
        self.assertLess(ratios["ceil"].min(), 0.34)
        self.assertTrue((ratios["nearest"] != ratios["round"]).any())

    def test_pt_activations_are_continuous_and_near(self):
        f, g = 8, 16
        x = np.arange(-8 << f, 8 << f)
        for name, knee, exact, distance in (("ptsoftplus", 0.528766, "softplus", 0.914),
                                            ("ptsilu", -1.791995, "silu", 0.32)):
            with self.subTest(name=name):
                found, _, _ = apply([[x]], len(x), name=name, in_fraction=f, out_fraction=g, out_bits=32)
                y = found[0] / 2 ** g
                jump = np.abs(np.diff(y))[np.abs(x[1:] / 2 ** f - knee) < 0.02].max()
                self.assertLess(jump, 1.1 / 2 ** f)  # slope 1 at most: no step at the knee
                self.assertLess(np.abs(y - FUNCTIONS[exact][2](x / 2 ** f)).max(), distance)

    def test_work_is_counted(self):
        rows = [[np.arange(10)]] * 3
        _, _, work = apply(rows, 10, name="ptsoftmax-ceil")
        self.assertEqual(work, {**dict.fromkeys(WORK, 0), "comparisons": 30, "additions": 60, "shifts": 60,
                                "encodes": 3, "reductions": 6, "reads": 30, "writes": 30})
        _, _, work = apply(rows, 10, name="softmax")
        self.assertEqual((work["functions"], work["divisions"], work["multiplications"]), (30, 30, 0))
        _, _, work = apply([[np.arange(4), *self.operands("scan", 4, 2)]], 4, 2, name="scan", levels=3)
        self.assertEqual((work["multiplications"], work["shifts"], work["additions"]), (0, 8, 3 * 36 + 16))
        _, _, work = apply([[np.arange(4), *self.operands("scan", 4, 2)]], 4, 2, name="scan")
        self.assertEqual((work["multiplications"], work["additions"]), (36, 16))

    def test_wrong_descriptions(self):
        for spec, words in (({"name": "sofmax"}, "did you mean 'softmax'?"),
                            ({"name": "ptsilu", "in_fraction": 13}, "at most 12 fraction bits"),
                            ({"name": "bspn", "out_bits": 40}, "out of range"), ({}, "name")):
            code, message = refused(**spec)
            with self.subTest(spec=spec):
                self.assertEqual(code, 2)
                self.assertIn(words, message)


def line_error(function, low, high):
    """Least largest error of one line: the width of the band around the samples, by a search over slopes."""
    x = np.linspace(low, high, 2001)
    y = function(x)

    def width(slope):
        rest = y - slope * x
        return rest.max() - rest.min()
    a, b = np.diff(y).min() / (x[1] - x[0]), np.diff(y).max() / (x[1] - x[0])
    for _ in range(100):  # the width is convex in the slope
        third = (b - a) / 3
        if width(a + third) < width(b - third):
            b -= third
        else:
            a += third
    return width(a) / 2


class Tables(unittest.TestCase):
    def test_lines_are_the_best_of_their_segments(self):
        for name, (low, high, function) in FUNCTIONS.items():
            for segments, cut in ((4, "uniform"), (8, "minimax")):
                found = table(name, segments, cut, 16)
                ends = [line[0] for line in found["lines"]] + [high]
                worst = 0
                for (start, slope, bias), end in zip(found["lines"], ends[1:]):
                    x = np.linspace(start, end, 2001)
                    error = np.abs(function(x) - slope * x - bias).max()
                    with self.subTest(name=name, segments=segments, start=start):
                        self.assertLess(error, 1.01 * line_error(function, start, end) + 1e-9)
                    worst = max(worst, error)
                self.assertAlmostEqual(found["real_most"], worst, delta=0.01 * worst)

    def test_minimax_cuts_are_optimal(self):
        """A dynamic program over a coarse grid cannot do better than the fit on its fine one."""
        for name, (low, high, function) in FUNCTIONS.items():
            edges = np.linspace(low, high, 33)
            cost = {(i, j): line_error(function, edges[i], edges[j]) for i in range(33) for j in range(i + 1, 33)}
            best = [0] + [math.inf] * 32
            for _ in range(6):
                best = [0] + [min(max(best[i], cost[i, j]) for i in range(j)) for j in range(1, 33)]
            found = table(name, 6, "minimax", 16)
            with self.subTest(name=name):
                self.assertLessEqual(found["real_most"], best[32] * 1.001)
                self.assertGreater(found["real_most"], best[32] * 0.4)
                uniform = table(name, 6, "uniform", 16)
                self.assertLess(found["real_most"], uniform["real_most"])

    def test_errors_fall_with_the_square_of_segments(self):
        for name in FUNCTIONS:
            e8, e32 = (table(name, s, "minimax", 20)["real_most"] for s in (8, 32))
            with self.subTest(name=name):
                self.assertTrue(10 < e8 / e32 < 22)

    def test_fixed_point_errors(self):
        for name, (_, _, function) in FUNCTIONS.items():
            for bits in (8, 12, 16):
                found = table(name, 16, "minimax", bits)
                x = np.arange(found["low"], found["high"] + 1)
                y = reference.pwl(found, name, bits, x) / 2.0 ** found["y_fraction"]
                error = np.abs(y - function(x / 2.0 ** found["x_fraction"]))
                with self.subTest(name=name, bits=bits):
                    self.assertAlmostEqual(found["fixed_most"], error.max(), delta=1e-9)
                    self.assertAlmostEqual(found["fixed_rms"], np.sqrt((error ** 2).mean()), delta=1e-9)


if __name__ == "__main__":
    unittest.main()
