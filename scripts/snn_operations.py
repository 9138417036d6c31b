# SPDX-License-Identifier: MIT
"""Operators of a vector unit (arch/vector/operation.h) from their definitions, with numpy and exact fractions, for
scripts/snn_reference.py and the tests.  Shares nothing with the simulator.  Piecewise-linear functions need their tables,
which a caller must bring: TABLES, by (function, segments, cut, bits).

A row is an int64 array; the fraction bits of data in and out are f and g."""
import math
from fractions import Fraction

import numpy as np


def saturate(values, bits):
    return np.clip(np.array([int(v) for v in values], dtype=object), -(1 << (bits - 1)), (1 << (bits - 1)) - 1) \
        .astype(np.int64)


def floor_log2(value):
    """Of a positive fraction."""
    value = Fraction(value)
    k = value.numerator.bit_length() - value.denominator.bit_length() - 1
    while Fraction(2) ** (k + 1) <= value:
        k += 1
    return k


def nearest(value):
    """Halves upwards."""
    return math.floor(Fraction(value) + Fraction(1, 2))


def power(k):
    return Fraction(2) ** k


# ---- PTsoftmax --------------------------------------------------------------------------------------------------

def log2_ceil(value):
    k = floor_log2(value)
    return k if power(k) == value else k + 1


def log2_round(value):
    k = floor_log2(value)
    return k + (value * value >= power(2 * k + 1))


def log2_nearest(value):
    k = floor_log2(value)
    return k if value - power(k) < power(k + 1) - value else k + 1


def ptsoftmax(rounding):
    def apply(x, f, g, bits, **_):
        z = [math.ceil(Fraction(int(v), 1 << f)) for v in x]
        z = [v - max(z) for v in z]
        total = Fraction(sum(math.floor(power(v + 32)) for v in z), 1 << 32)
        k = rounding(total)
        return saturate([math.floor(power(v - k + g)) for v in z], bits)
    return apply


# ---- piecewise-linear -------------------------------------------------------------------------------------------

EXTENDS = {"gelu", "silu", "softplus"}


def pwl(table, name, bits, x):
    """x: integers with the table's fraction bits; numpy throughout."""
    x = np.asarray(x, np.int64)
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if name in EXTENDS else (table["low"], table["high"])
    x = np.clip(x, low, high)
    k = np.searchsorted(np.array(table["breakpoint"], np.int64), x, side="right")
    shift = table["slope_fraction"] + table["x_fraction"] - table["y_fraction"]
    product = np.array(table["slope"], np.int64)[k] * x
    product = (product + (1 << (shift - 1))) >> shift if shift > 0 else product << -shift
    return saturate(product + np.array(table["bias"], np.int64)[k], bits)


def rescale(x, by):
    """Floor of x * 2^by."""
    x = np.asarray(x, np.int64)
    return x << by if by >= 0 else x >> -by


def activation(name):
    def apply(x, f, g, bits, tables, table_bits, **_):
        table = tables[name]
        y = pwl(table, name, table_bits, rescale(x, table["x_fraction"] - f))
        return saturate([nearest(Fraction(int(v)) * power(g - table["y_fraction"])) for v in y], bits)
    return apply


def softmax(x, f, g, bits, tables, table_bits, **_):
    exp, reciprocal = tables["exp"], tables["reciprocal"]
    e = np.maximum(pwl(exp, "exp", table_bits, rescale(x - x.max(), exp["x_fraction"] - f)), 0)
    total = int(e.sum())
    k = total.bit_length() - 1
    m = math.floor(Fraction(total) * power(reciprocal["x_fraction"] - k))
    r = int(pwl(reciprocal, "reciprocal", table_bits, [m])[0])
    return saturate([nearest(Fraction(int(v) * r) * power(g - k - reciprocal["y_fraction"])) for v in e], bits)


# ---- powers of two ----------------------------------------------------------------------------------------------

def power_table(x, f, g):
    whole, part = divmod(x, 1 << f)
    mantissa = int(np.rint(np.exp2(part / (1 << f)) * (1 << 30)))
    return math.floor(Fraction(mantissa) * power(whole + g - 30))


def power_shift(x, f, g):
    return math.floor(power(nearest(Fraction(x, 1 << f)) + g))


def place(value, fraction):
    return int(np.rint(value * 2.0 ** fraction))


def ptsoftplus(two):
    def apply(x, f, g, bits, **_):
        return saturate([two(v, f, g) if v < place(0.528766, f)
                         else math.floor(Fraction(v) * power(g - f)) + place(0.913929, g)
                         for v in map(int, x)], bits)
    return apply


def ptsilu(two):
    def apply(x, f, g, bits, **_):
        return saturate([-two(v, f, g) if v < place(-1.791995, f)
                         else two(-v - (1 << f), f, g) + math.floor(Fraction(v) * power(g - f)) + place(-0.228245, g)
                         for v in map(int, x)], bits)
    return apply


# ---- norms ------------------------------------------------------------------------------------------------------

def powernorm(x, f, g, bits, more, **_):
    gain, offset = more
    return saturate([nearest(Fraction(int(v) * int(w)) * power(g - f - 16)) + int(b)
                     for v, w, b in zip(x, gain, offset)], bits)


def shifted(v, w, b, scale):
    if w == 0:
        return b
    y = math.floor(Fraction(v) * power(scale + log2_round(Fraction(abs(w), 1 << 16))))
    return (y if w > 0 else -y) + b


def powernorm_shift(x, f, g, bits, more, **_):
    return saturate([shifted(int(v), int(w), int(b), g - f) for v, w, b in zip(x, *more)], bits)


def bspn(x, f, g, bits, more, group, **_):
    gain, offset = more
    out = []
    for first in range(0, len(x), group or len(x)):
        part = slice(first, first + (group or len(x)))
        mean = Fraction(int(np.abs(x[part]).sum()), len(x[part]) << f)
        k = log2_ceil(mean) if mean else 0
        out += [shifted(int(v), int(w), int(b), g - f - k) for v, w, b in zip(x[part], gain[part], offset[part])]
    return saturate(out, bits)


def finish_norm(x, mean, factor, more, g, bits):
    units = [math.floor(Fraction((int(v) - mean)) * factor * (1 << 16)) for v in x]
    return saturate([nearest(Fraction(u * int(w)) * power(g - 32)) + int(b) for u, w, b in zip(units, *more)], bits)


def statistics(x):
    mean = nearest(Fraction(int(x.sum()), len(x)))
    return mean, max(1, (sum((int(v) - mean) ** 2 for v in x) << 12) // len(x))


def layernorm_integer(x, f, g, bits, more, **_):
    mean, variance = statistics(x)
    return finish_norm(x, mean, Fraction((1 << 36) // math.isqrt(variance), 1 << 30), more, g, bits)


def layernorm_pwl(x, f, g, bits, more, tables, table_bits, **_):
    table = tables["rsqrt"]
    mean, variance = statistics(x)
    half = (variance.bit_length() - 1) // 2
    m = math.floor(Fraction(variance) * power(table["x_fraction"] - 2 * half))
    r = int(pwl(table, "rsqrt", table_bits, [m])[0])
    return finish_norm(x, mean, Fraction(r) * power(6 - half - table["y_fraction"]), more, g, bits)


# ---- scan -------------------------------------------------------------------------------------------------------

def scan(u, f, g, bits, more, state, levels, step, **_):
    """Changes state [n][states] in place."""
    delta, a, b, c, d = more
    n, states = state.shape
    a = a.reshape(n, states)
    y = []
    for i in range(n):
        total = int(d[i]) * int(u[i])
        for s in range(states):
            k = max(-62, min(62, nearest(Fraction(int(delta[i]) * int(a[i, s]), 1 << (2 * f)))))
            drive = (int(saturate([int(delta[i]) * int(b[s]) >> f], 32)[0]) * int(u[i])) >> f
            h = math.floor(Fraction(int(state[i, s])) * power(k)) + drive
            if levels:
                h = max(0, min(levels, nearest(Fraction(h, 1 << step)))) << step
            state[i, s] = saturate([h], 32)[0]
            total += int(c[s]) * int(state[i, s])
        y.append(math.floor(Fraction(total) * power(g - 2 * f)))
    return saturate(y, bits)


INTEGER = {
    "softmax-pwl": softmax,
    "ptsoftmax-ceil": ptsoftmax(log2_ceil),
    "ptsoftmax-round": ptsoftmax(log2_round),
    "ptsoftmax-nearest": ptsoftmax(log2_nearest),
    "gelu-pwl": activation("gelu"),
    "silu-pwl": activation("silu"),
    "softplus-pwl": activation("softplus"),
    "ptsilu": ptsilu(power_table),
    "ptsilu-shift": ptsilu(power_shift),
    "ptsoftplus": ptsoftplus(power_table),
    "ptsoftplus-shift": ptsoftplus(power_shift),
    "bspn": bspn,
    "powernorm": powernorm,
    "powernorm-shift": powernorm_shift,
    "layernorm-integer": layernorm_integer,
    "layernorm-pwl": layernorm_pwl,
    "scan": scan,
}


# ---- in double precision ----------------------------------------------------------------------------------------

def places(values, g, bits):
    """Halves away from 0."""
    scaled = np.asarray(values, float) * 2.0 ** g
    return saturate(np.sign(scaled) * np.floor(np.abs(scaled) + 0.5), bits)


def softmax_exact(x, f, g, bits, **_):
    exponentials = np.array([math.exp(v * 2.0 ** -f) for v in x - x.max()])
    return places(exponentials / np.cumsum(exponentials)[-1], g, bits)


def function_exact(function):
    def apply(x, f, g, bits, **_):
        return places([function(float(v) * 2.0 ** -f) for v in x], g, bits)
    return apply


def layernorm_exact(x, f, g, bits, more, epsilon=1e-5, **_):
    gain, offset = more
    centred = x - np.cumsum(x.astype(float))[-1] / len(x)
    variance = np.cumsum(centred * centred)[-1] / len(x) * 2.0 ** (-2 * f) + epsilon
    factor = 1 / math.sqrt(variance) * 2.0 ** (g - f - 16) if variance > 0 else 0.0
    return saturate(places(centred * factor * gain, 0, 63) + offset, bits)


EXACT = {
    "softmax": softmax_exact,
    "gelu": function_exact(lambda x: 0.5 * x * math.erfc(-x * math.sqrt(0.5))),
    "silu": function_exact(lambda x: x / (1 + math.exp(-x))),
    "softplus": function_exact(lambda x: max(x, 0.0) + math.log1p(math.exp(-abs(x)))),
    "layernorm": layernorm_exact,
}

# ---- as described in a trace ------------------------------------------------------------------------------------

OPERANDS = {**dict.fromkeys(("bspn", "powernorm", "powernorm-shift", "layernorm", "layernorm-integer", "layernorm-pwl"),
                            ("gain", "offset")), "scan": ("delta", "a", "b", "c", "d")}
FUNCTIONS_OF = {"softmax-pwl": ("exp", "reciprocal"), "gelu-pwl": ("gelu",), "silu-pwl": ("silu",),
                "softplus-pwl": ("softplus",), "layernorm-pwl": ("rsqrt",)}
TABLES = {}


def table_of(function, description):
    key = (function, description.get("segments", 16), description.get("cut", "minimax"), description.get("table_bits", 16))
    if key not in TABLES:
        raise ValueError(f"no reference for piecewise-linear functions without their tables {key}")
    return TABLES[key]


def operate(description, row, more, state):
    """A row by an operator with its keys of arch.operation; `more` by the names of its operands; changes `state`,
    elements x states."""
    name = description["name"]
    tables = {function: table_of(function, description) for function in FUNCTIONS_OF.get(name, ())}
    return {**EXACT, **INTEGER}[name](
        row, description.get("in_fraction", 8), description.get("out_fraction", 8), description.get("out_bits", 16),
        more=[np.asarray(more[operand], np.int64) for operand in OPERANDS.get(name, ())], tables=tables,
        table_bits=description.get("table_bits", 16), group=description.get("group", 0),
        levels=description.get("levels", 0), step=description.get("step", 0), state=state,
        epsilon=description.get("epsilon", 1e-5))
