# SPDX-License-Identifier: MIT
"""A memristor crossbar core in numpy, written from the definitions and not from the simulator's code.

Takes a description (nested dictionaries, quantities as text), integer weights and inputs, and the numbers that
the simulator drew; gives the weighted sums before they are rounded. Wires are solved as one sparse system of all
nodes of an array (scipy), Newton's method where cells are not ohmic.
"""
import decimal
import math
import re

import numpy as np
import scipy.sparse
import scipy.sparse.linalg

PREFIX = {"": 0, "a": -18, "f": -15, "p": -12, "n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9}
BOLTZMANN = 1.380649e-23

DEFAULTS = {
    "array": {"rows": 128, "cols": 128, "active_rows": 0, "access": "1t1r", "select": "fixed", "skip_idle": False},
    "cell": {"g_min": "1 uS", "g_max": "100 uS", "read_voltage": "0.2 V", "nonlinearity": 0, "bits": 2, "levels": 0},
    "weights": {"bits": 8, "encoding": "differential", "placement": "columns", "subtraction": "digital",
                "correction": "count", "flip": False, "symmetric": False},
    "input": {"kind": "spikes", "bits": 1, "dac_bits": 1, "twos_complement": False},
    "adc": {"kind": "ideal", "bits": 8, "columns": 8, "full_scale": 0, "offset_sigma": 0, "extra_steps": 0,
            "period": "1 ns", "time": "0 s"},
    "timing": {"settle": "10 ns", "sample_hold": True, "pipelined": False, "digital_cycles": 0},
    "program": {"model": "exact", "sigma_s": "0 S", "sigma": 0, "stuck_off": 0, "stuck_on": 0},
    "drift": {"model": "none", "exponent": 0.03, "exponent_sigma": 0, "t0": "1 s", "age": "0 s"},
    "read": {"energy": 1, "fluctuation": 0, "fluctuation_exponent": 0.5, "thermal": "0 S", "bandwidth": "0 Hz",
             "temperature": "300 K", "flicker": 0, "flicker_exponent": 0.65, "flicker_limit": 0.2, "telegraph": 0,
             "telegraph_sigma": 0, "telegraph_high": 0.5, "telegraph_dwell": "1 ms"},
    "wires": {"row": "0 Ohm", "col": "0 Ohm", "driver": "0 Ohm", "sense": "0 Ohm"},
}


def number(value):
    """A value in SI units."""
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"([-+.\de]+) ([afpnumkMG]?)(S|V|Ohm|s|Hz|K)", value)
    return float(decimal.Decimal(found.group(1)).scaleb(PREFIX[found.group(2)])) if found else value


class Settings(dict):
    def __getattr__(self, key):
        return self[key]


def complete(description):
    spec = Settings(axons=description["axons"], neurons=description["neurons"])
    for part, values in DEFAULTS.items():
        given = {**values, **description.get(part, {})}
        spec[part] = Settings({key: number(value) for key, value in given.items()})
    return spec


class Reference:
    def __init__(self, description, weights, drawn):
        self.spec = spec = complete(description)
        self.drawn = drawn
        self.weights = np.asarray(weights, dtype=np.int64)
        self.base = 2 ** spec.cell.bits
        self.signs = 2 if spec.weights.encoding == "differential" else 1
        width = spec.weights.bits - (self.signs == 2 and spec.weights.symmetric)
        self.slices = -(-width // spec.cell.bits)
        self.step = (spec.cell.g_max - spec.cell.g_min) / (self.base - 1)
        self.place_columns()
        self.blocks = [range(first, min(first + spec.array.rows, spec.axons))
                       for first in range(0, spec.axons, spec.array.rows)]
        self.flipped = np.zeros((len(self.blocks), self.slices, self.neurons), bool)
        self.read_number = 0
        read, wires = spec.read, spec.wires
        self.noisy = read.fluctuation > 0 or read.thermal > 0 or read.bandwidth > 0 or read.flicker > 0
        bent = spec.cell.nonlinearity > 0 and spec.input.dac_bits > 1
        dropping = any(wires[key] > 0 for key in ("row", "col", "driver", "sense"))
        telegraph = read.telegraph > 0 or read.telegraph_sigma > 0
        linear = spec.cell.nonlinearity == 0 and not telegraph and (spec.array.access == "1r" or wires.col == 0)
        self.folded = not (spec.adc.kind != "ideal" or self.units or bent or (dropping and not linear))
        self.program()

    @property
    def neurons(self):
        return self.spec.neurons

    # ---- where cells stand ------------------------------------------------------------------------

    def place_columns(self):
        """Number of each column (slice, sign, neuron), its array, and its place in the array."""
        spec, slices, signs = self.spec, self.slices, self.signs
        self.column = np.zeros((slices, signs, self.neurons), int)
        self.array = np.zeros_like(self.column)
        self.place = np.zeros_like(self.column)
        sides = -(-self.neurons // spec.array.cols)
        for s in range(slices):
            for q in range(signs):
                for j in range(self.neurons):
                    if spec.weights.placement == "columns":
                        each = spec.array.cols // (slices * signs)
                        self.column[s, q, j] = (j * slices + s) * signs + q
                        self.array[s, q, j] = j // each
                        self.place[s, q, j] = ((j % each) * slices + s) * signs + q
                    else:
                        self.column[s, q, j] = (s * signs + q) * self.neurons + j
                        self.array[s, q, j] = (s * signs + q) * sides + j // spec.array.cols
                        self.place[s, q, j] = j % spec.array.cols
        self.arrays = int(self.array.max()) + 1
        self.columns = slices * signs * self.neurons
        self.units = self.arrays if spec.weights.correction == "unit_column" else 0
        self.lanes = -(-(self.columns + self.units) // 16) * 16

    def digits(self, block):
        """Digits [rows of the block][slice][sign][neuron], stored inverted where columns are more than half full."""
        weights = self.weights[list(self.blocks[block])]
        if self.signs == 2:
            parts = [np.maximum(weights, 0), np.maximum(-weights, 0)]
        else:
            parts = [weights + 2 ** (self.spec.weights.bits - 1)]
        digits = np.array([[part // self.base ** s % self.base for part in parts] for s in range(self.slices)])
        digits = digits.transpose(2, 0, 1, 3)
        if self.spec.weights.flip:
            full = digits[:, :, 0].sum(axis=0)
            self.flipped[block] = 2 * full > len(weights) * (self.base - 1)
            digits = np.where(self.flipped[block][None, :, None], self.base - 1 - digits, digits)
        return digits

    # ---- programming ------------------------------------------------------------------------------

    def sigma(self, g):
        """Standard deviation of programming, S."""
        us, x = g * 1e6, g / self.spec.cell.g_max
        model = self.spec.program.model
        if model == "exact":
            return np.zeros_like(g)
        if model == "normal":
            return np.full_like(g, self.spec.program.sigma_s)
        if model == "proportional":
            return self.spec.program.sigma * g
        value = {
            "rram_milo_2021": lambda: 4.782321 - 0.009107 * us,
            "rram_wan_2022": lambda: 1.536e-4 * us ** 3 - 1.167e-2 * us ** 2 + 0.2374 * us + 1.053,
            "pcm_joshi_2020": lambda: -0.00178767 * us ** 2 + 0.07585724 * us + 0.28638599,
            "pcm_aihwkit": lambda: 0.26348 + 1.9650 * x - 1.1731 * x ** 2,
            "rram_wan_2022_second": lambda: 0.348 + 16.030 * x - 43.853 * x ** 2 + 45.393 * x ** 3 - 16.815 * x ** 4,
            "rram_wan_2022_day": lambda: 0.701 + 22.086 * x - 50.773 * x ** 2 + 47.095 * x ** 3 - 16.458 * x ** 4,
            "rram_wan_2022_two_days": lambda: 0.782 + 20.274 * x - 43.507 * x ** 2 + 37.062 * x ** 3 - 11.934 * x ** 4,
        }[model]()
        return np.maximum(value, 0) * 1e-6

    def drifted(self, g, normal):
        drift = self.spec.drift
        t0 = 20.0 if drift.model == "pcm" else drift.t0
        if drift.model == "none" or drift.age <= t0:
            return g
        with np.errstate(divide="ignore"):
            x = np.log(g / self.spec.cell.g_max)
        if drift.model == "power":
            nu = drift.exponent + drift.exponent_sigma * normal
        else:
            nu = np.clip(-0.0155 * x + 0.0244, 0.049, 0.1) + np.clip(-0.0125 * x - 0.0059, 0.008, 0.045) * normal
        return np.where(g > 0, g * (drift.age / t0) ** -nu, g)

    def program(self):
        """Conductances [axons][lanes]."""
        spec = self.spec
        target = np.zeros((spec.axons, self.lanes))
        for block, rows in enumerate(self.blocks):
            digits = self.digits(block)
            for s in range(self.slices):
                for q in range(self.signs):
                    target[list(rows)[0]:list(rows)[-1] + 1, self.column[s, q]] = digits[:, s, q]
        target[:, self.columns:self.columns + self.units] = 1
        if spec.cell.levels:
            steps = spec.cell.levels - 1
            target = np.floor(target * steps / (self.base - 1) + 0.5) * (self.base - 1) / steps
        g = spec.cell.g_min + target * self.step
        shape = g.shape
        g = np.maximum(g + self.sigma(g) * self.drawn["program"].reshape(shape), 0)
        stuck = self.drawn["stuck"].reshape(shape)
        g = np.where(stuck < spec.program.stuck_off, spec.cell.g_min, g)
        g = np.where((stuck >= 1 - spec.program.stuck_on) & (stuck >= spec.program.stuck_off), spec.cell.g_max, g)
        self.quiet = self.drifted(g, self.drawn["drift"].reshape(shape))
        self.g = self.quiet.copy()

    def telegraph(self, high):
        read = self.spec.read
        step = np.maximum(read.telegraph + read.telegraph_sigma * self.drawn["telegraph"].reshape(self.g.shape), 0)
        self.g = self.quiet * (1 + step * high.reshape(self.g.shape))

    # ---- one pass ---------------------------------------------------------------------------------

    def bend(self, x):
        """Current of a cell at input x, in units of the current at the lowest step of an ohmic cell."""
        top, a = 2 ** self.spec.input.dac_bits - 1, self.spec.cell.nonlinearity
        return x if a == 0 else top * np.sinh(a * x / top) / math.sinh(a)

    def noise_sigma(self, rows, x):
        """Standard deviation of every column's noise, in steps."""
        read, cell = self.spec.read, self.spec.cell
        g = self.quiet[rows]
        variance = (read.fluctuation * g) ** 2 * read.energy ** (-2 * read.fluctuation_exponent)
        variance = variance + read.thermal ** 2 / read.energy
        if read.flicker:
            with np.errstate(divide="ignore"):
                q = np.minimum(read.flicker / (g / cell.g_max) ** read.flicker_exponent, read.flicker_limit)
            growth = max(math.log((self.spec.drift.age + 250e-9) / 500e-9), 0)
            variance = variance + np.where(g > 0, g * q, 0) ** 2 * growth
        scaled = (self.bend(x)[:, None] ** 2 * variance).sum(axis=0) / self.step ** 2
        lowest = cell.read_voltage / (2 ** self.spec.input.dac_bits - 1)
        johnson = 4 * BOLTZMANN * read.temperature * read.bandwidth * g.sum(axis=0) / read.energy
        return np.sqrt(scaled + johnson / (lowest * self.step) ** 2)

    def wire_currents(self, block, inputs):
        """Column currents of all arrays of a block, by one sparse system an array."""
        spec, rows = self.spec, list(self.blocks[block])
        volts = np.zeros(len(rows))
        for row, x in inputs:
            volts[rows.index(row)] = x * spec.cell.read_voltage / (2 ** spec.input.dac_bits - 1)
        driven = {rows.index(row) for row, _ in inputs}
        current = np.zeros(self.lanes)
        for array in range(self.arrays):
            columns = sorted(self.column[self.array == array]) + [self.columns + array] * (self.units > 0)
            connected = [r for r in range(len(rows)) if spec.array.access == "1r" or r in driven]
            current[columns] = solve_array(spec, self.g[np.ix_(rows, columns)], volts, connected)
        return current

    def fold(self, rows, x):
        """Noise of every neuron's sum, drawn as one where nothing between cells and sums is non-linear."""
        if not (rows and self.noisy and self.folded):
            return 0.0
        normal = self.drawn["reads"].reshape(-1, -(-self.neurons // 16) * 16)[self.read_number][:self.neurons]
        self.read_number += 1
        sigma = self.noise_sigma(rows, x)
        variance = sum(self.base ** (2 * s) * sigma[self.column[s, q]] ** 2
                       for s in range(self.slices) for q in range(self.signs))
        return np.sqrt(variance) * normal

    def values(self, block, inputs):
        """Column values of one pass in steps; inputs: (row, digit) of the driven rows."""
        rows = [row for row, _ in inputs]
        x = np.array([float(digit) for _, digit in inputs])
        drive = self.bend(x) if rows else x
        if any(self.spec.wires[key] > 0 for key in ("row", "col", "driver", "sense")):
            lowest = self.spec.cell.read_voltage / (2 ** self.spec.input.dac_bits - 1)
            value = self.wire_currents(block, inputs) / (lowest * self.step)
        else:
            value = drive @ (self.g[rows] / self.step)
        value = value - drive.sum() * self.spec.cell.g_min / self.step
        if self.noisy and rows and not self.folded:
            normal = self.drawn["reads"].reshape(-1, self.lanes)[self.read_number]
            self.read_number += 1
            value = value + self.noise_sigma(rows, x) * normal
        return value

    def largest(self):
        spec = self.spec
        rows = min(spec.array.rows, spec.axons)
        group = min(spec.array.active_rows or rows, rows)
        value = group * (self.base - 1)
        if spec.weights.flip:
            value = min(value, rows * (self.base - 1) // 2)
        if self.units:
            value = max(value, group)
        return value * (2 ** spec.input.dac_bits - 1)

    def convert(self, block, value, array, place):
        adc = self.spec.adc
        if adc.kind == "ideal":
            return value
        signed = self.spec.weights.subtraction == "analog"
        top = 2 ** (adc.bits - signed) - 1
        scale = adc.full_scale or self.largest()
        lsb = max(1, scale / max(1, top))
        last = min(top, np.rint(scale / lsb))
        low = 0 if not signed else -1 if top == 0 else -last
        value = np.round(value, 10)  # sums of whole digits are whole, so that ties fall as they should
        converters = len(self.drawn["adc"]) // (len(self.blocks) * self.arrays)
        index = (block * self.arrays + array) * converters + place // adc.columns
        code = np.clip(value / lsb + adc.offset_sigma * self.drawn["adc"][index], low, last)
        return np.rint(code) * lsb

    def pass_sums(self, block, inputs):
        value = self.values(block, inputs)
        extra = self.fold([row for row, _ in inputs], np.array([float(x) for _, x in inputs]))
        base, total = self.base, np.zeros(self.neurons)
        if self.signs == 2:
            pairs = self.spec.weights.placement == "columns"
            for s in range(self.slices):
                plus, minus = value[self.column[s, 0]], value[self.column[s, 1]]
                if self.spec.weights.subtraction == "analog":
                    place = self.place[s, 0] // 2 if pairs else self.place[s, 0]
                    total += base ** s * self.convert(block, plus - minus, self.array[s, 0], place)
                else:
                    total += base ** s * (self.convert(block, plus, self.array[s, 0], self.place[s, 0]) -
                                          self.convert(block, minus, self.array[s, 1], self.place[s, 1]))
            return total + extra
        ones = np.full(self.arrays, float(sum(digit for _, digit in inputs)))
        if self.units:
            place = np.full(self.arrays, max(np.bincount(self.array.ravel())))
            ones = self.convert(block, value[self.columns:self.columns + self.units], np.arange(self.arrays), place)
        for s in range(self.slices):
            digit = self.convert(block, value[self.column[s, 0]], self.array[s, 0], self.place[s, 0])
            stored = ones[self.array[s, 0]]
            total += base ** s * np.where(self.flipped[block, s], (base - 1) * stored - digit, digit)
        return total + extra - 2 ** (self.spec.weights.bits - 1) * ones[self.array[0, 0]]

    # ---- all passes -------------------------------------------------------------------------------

    def groups(self, block, inputs):
        spec, rows = self.spec, self.blocks[block]
        size = spec.array.active_rows or spec.array.rows
        if spec.array.select == "active":
            return [inputs[i:i + size] for i in range(0, max(1, len(inputs)), size)]
        return [[one for one in inputs if first <= one[0] < first + size]
                for first in range(rows[0], rows[-1] + 1, size)]

    def sums(self, vector):
        """Weighted sums; also counts the passes of the slowest block."""
        spec, total = self.spec, np.zeros(self.neurons)
        passes = [0] * len(self.blocks)
        digits = -(-spec.input.bits // spec.input.dac_bits)
        for number_of_digit in range(digits):
            shift = number_of_digit * spec.input.dac_bits
            weight = 2.0 ** shift
            if spec.input.twos_complement and number_of_digit == digits - 1:
                weight = -weight
            for block, rows in enumerate(self.blocks):
                drive = [(row, int(vector[row]) >> shift & 2 ** spec.input.dac_bits - 1) for row in rows]
                for group in self.groups(block, [one for one in drive if one[1]]):
                    if group or not spec.array.skip_idle:
                        passes[block] += 1
                        total += weight * self.pass_sums(block, group)
        self.passes = max(passes)
        return total


def solve_array(spec, g, volts, connected):
    """Column currents: nodes are the crossings of connected rows with row wires, and of all rows with column wires."""
    rows, cols = g.shape
    wires = spec.wires
    has_rows, has_cols = wires.row > 0, wires.col > 0
    crossings = [(r, c) for r in connected for c in range(cols)]
    row_node = {crossing: i for i, crossing in enumerate(crossings)} if has_rows else {}
    offset = len(row_node)
    col_node = {(r, c): offset + r * cols + c for r in range(rows) for c in range(cols)} if has_cols else {}
    nodes = len(row_node) + len(col_node)
    entries, source = [], np.zeros(nodes)

    def resistor(a, b, siemens, volts_b=0.0):
        """Between node a and node b, or (b None) a source of volts_b."""
        entries.append((a, a, siemens))
        if b is None:
            source[a] += siemens * volts_b
        else:
            entries.extend([(b, b, siemens), (a, b, -siemens), (b, a, -siemens)])

    for r in connected if has_rows else []:
        for c in range(cols):
            if c == 0:
                resistor(row_node[r, 0], None, 1 / (wires.driver + wires.row), volts[r])
            else:
                resistor(row_node[r, c], row_node[r, c - 1], 1 / wires.row)
    for c in range(cols if has_cols else 0):
        for r in range(rows - 1):
            resistor(col_node[r, c], col_node[r + 1, c], 1 / wires.col)
        resistor(col_node[rows - 1, c], None, 1 / (wires.col + wires.sense))
    fixed = list(entries)
    linear = scipy.sparse.coo_matrix(([e[2] for e in fixed], ([e[0] for e in fixed], [e[1] for e in fixed])),
                                     shape=(nodes, nodes)).tocsc()
    a, top = spec.cell.nonlinearity, spec.cell.read_voltage
    cells = [(r, c, row_node.get((r, c)), col_node.get((r, c))) for r in connected for c in range(cols)]
    conduct = np.array([g[r, c] for r, c, _, _ in cells])
    drive = np.array([volts[r] for r, _, _, _ in cells])

    def across(v):
        upper = np.array([v[n] if n is not None else 0 for _, _, n, _ in cells]) if has_rows else drive
        lower = np.array([v[n] for _, _, _, n in cells]) if has_cols else np.zeros(len(cells))
        return upper - lower

    def current(u):
        return conduct * u if a == 0 else conduct * top * np.sinh(a * u / top) / math.sinh(a)

    def slope(u):
        return conduct if a == 0 else conduct * a * np.cosh(a * u / top) / math.sinh(a)

    v = np.zeros(nodes)
    for _ in range(50):
        u = across(v)
        i, s = current(u), slope(u)
        residual = linear @ v - source
        rows_of, cols_of, values_of = [], [], []
        for k, (_, _, n, m) in enumerate(cells):
            if n is not None:
                residual[n] += i[k]
                rows_of.append(n), cols_of.append(n), values_of.append(s[k])
            if m is not None:
                residual[m] -= i[k]
                rows_of.append(m), cols_of.append(m), values_of.append(s[k])
            if n is not None and m is not None:
                rows_of.extend([n, m]), cols_of.extend([m, n]), values_of.extend([-s[k], -s[k]])
        jacobian = linear + scipy.sparse.coo_matrix((values_of, (rows_of, cols_of)), shape=(nodes, nodes)).tocsc()
        change = scipy.sparse.linalg.spsolve(jacobian, residual) if nodes else residual
        v = v - change
        if np.abs(change).max(initial=0) < 1e-15 * top:
            break
    result = np.zeros(cols)
    if has_cols:
        for c in range(cols):
            result[c] = v[col_node[rows - 1, c]] / (wires.col + wires.sense)
        return result
    for (_, c, _, _), one in zip(cells, current(across(v))):
        result[c] += one
    return result
