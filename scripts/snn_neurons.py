# SPDX-License-Identifier: MIT
"""The neuron models of .spk traces in numpy, for scripts/snn_reference.py: one class each, one `step` a timestep.

`step(total)` takes what came in, samples x neurons, and returns who fires.  Integers of unlimited width.  A spike of
`ShiftLif` has a height 2^-k; `shift` holds k.  The equations stand in workloads/README.md; nothing here is shared with
the simulator.
"""
import numpy as np

DECAY_ONE = 4096


def toward_zero(numerator, denominator):
    """Division that drops the fraction."""
    return np.sign(numerator) * (np.abs(numerator) // denominator)


class If:
    """Integrate and fire; `thresholds` one number, or one for each neuron."""
    def __init__(self, shape, layer, thresholds=None):
        self.v = np.zeros(shape, np.int64)
        self.threshold = layer.threshold if thresholds is None else thresholds
        self.soft = layer.reset == "soft"

    def leak(self):
        pass

    def step(self, total):
        self.leak()
        self.v = self.v + total
        fires = self.v >= self.threshold
        self.before = self.v
        self.v = np.where(fires, self.v - self.threshold if self.soft else 0, self.v)
        return fires


class Lif(If):
    """A share of the potential is lost, then a constant step towards 0; then as integrate and fire."""
    def __init__(self, shape, layer):
        super().__init__(shape, layer)
        attributes = layer.attributes or {}
        self.decay, self.constant = attributes.get("decay", 0), attributes.get("leak", 0)

    def leak(self):
        v = self.v - toward_zero(self.v * self.decay, DECAY_ONE)
        self.v = np.sign(v) * np.maximum(0, np.abs(v) - self.constant)


class ChannelIf(If):
    """Integrate and fire with a threshold for each channel or neuron."""
    def __init__(self, shape, layer):
        thresholds = np.array(layer.attributes["thresholds"], np.int64)
        super().__init__(shape, layer, np.repeat(thresholds, shape[1] // len(thresholds)))


class ShiftLif(Lif):
    """Leaky integrate and fire whose spikes have the largest height 2^-k that the potential reaches."""
    def __init__(self, shape, layer):
        super().__init__(shape, layer)
        self.shifts = layer.attributes["shifts"]
        self.shift = np.zeros(shape, np.int64)

    def step(self, total):
        self.leak()
        self.v = self.v + total
        self.before = self.v
        fires = np.zeros(self.v.shape, bool)
        for k in range(self.shifts + 1):
            now = ~fires & (self.v * 2 ** k >= self.threshold)
            self.shift[now] = k
            fires |= now
        left = self.v - (self.threshold >> self.shift) if self.soft else np.zeros_like(self.v)
        self.v = np.where(fires, left, self.v)
        return fires


class Windowed:
    """Counts timesteps in windows of `window`; `turn` is called where one begins."""
    def __init__(self, shape, window):
        self.shape, self.window, self.time = shape, window, 0

    def step(self, total):
        if self.time % self.window == 0:
            self.turn()
        fires = self.work(self.time % self.window, total)
        self.time += 1
        return fires


class Ssf(Windowed):
    """Sums a window, then fires evenly over the next: min(T, floor(sum / threshold)) spikes."""
    def __init__(self, shape, layer):
        super().__init__(shape, layer.attributes["window"])
        whole = self.window * layer.threshold
        self.whole, self.level = whole, -(-whole * (1000 - layer.attributes.get("slack", 0)) // 1000)
        self.sum = np.zeros(shape, np.int64)

    def turn(self):
        self.drive, self.sum, self.v = self.sum, np.zeros(self.shape, np.int64), np.zeros(self.shape, np.int64)

    def work(self, _, total):
        self.sum = self.sum + total
        self.v = self.before = self.v + self.drive
        fires = self.v >= self.level
        self.v = np.where(fires, self.v - self.whole, self.v)
        return fires


def slot_level(levels, silent, slot):
    """The level that a spike in a slot means: from `levels` down, the silent one left out."""
    return levels - slot if slot < levels - silent else levels - 1 - slot


class Ttfs(Windowed):
    """One spike at most a window: the level min(T, floor(sum of weight x value / threshold)) of the window before,
    told by its slot; the silent level and its dead zone send none."""
    def __init__(self, shape, layer, source, silent_sums):
        own = layer.attributes
        super().__init__(shape, own["levels"])
        self.threshold = layer.threshold
        self.silent, self.dead_zone = own.get("silent", 0), own.get("dead_zone", 0)
        self.arriving = (source.attributes or {}).get("silent", 0)
        self.constant = silent_sums * self.arriving
        self.sum, self.windows = np.zeros(shape, np.int64), 0

    def turn(self):
        level = np.clip((self.sum + self.constant) // self.threshold, 0, self.window)
        level[np.abs(level - self.silent) <= self.dead_zone] = self.silent
        self.level = level if self.windows > 0 else np.full(self.shape, self.silent)
        self.windows += 1
        self.sum = np.zeros(self.shape, np.int64)

    def work(self, slot, total):
        self.sum = self.sum + total * (slot_level(self.window, self.arriving, slot) - self.arriving)
        self.before = self.sum
        return (self.level == slot_level(self.window, self.silent, slot)) & (self.level != self.silent)


def make(layers, number, shape):
    """The neurons of a layer, all at rest, samples x neurons = shape."""
    layer = layers[number]
    if layer.neuron in ("ttfs", "masked_ttfs"):
        source = layers[layer.sources[0]]
        if (source.attributes or {}).get("silent", 0) and layer.kind != "dense":
            raise ValueError(f"layer {number}: no reference for a masked code into {layer.kind} layers")
        sums = layer.weights.astype(np.int64).sum(0) if layer.kind == "dense" else 0
        return Ttfs(shape, layer, source, sums)
    models = {"if": If, "lif": Lif, "channel_if": ChannelIf, "ssf": Ssf, "shift_lif": ShiftLif}
    if layer.neuron not in models:
        raise ValueError(f"layer {number}: no reference for {layer.kind} layers of {layer.neuron} neurons")
    return models[layer.neuron](shape, layer)
