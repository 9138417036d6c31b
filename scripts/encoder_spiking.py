# SPDX-License-Identifier: MIT
"""A spiking transformer as its trace describes it, evaluated in numpy: integrate-and-fire layers and host operators.

Each token has a window of T timesteps, in which all potentials start at 0. A signed value is carried by a pair of
neurons: it is the difference of their spike counts, times a scale. Spikes are arrays halves x T x tokens x values of
booleans: two halves of a pair, or one of a layer of positive values. All tokens of all sentences are evaluated at
once, one layer after the other.

    Dense   v += what the spikes of the sources and the always-on neurons weigh; at v >= threshold a spike, v -= threshold
    Host    reads the counts of whole windows, computes in double precision, and sends counts again, evenly over a window

The weights of a pair to a pair are W, -W, -W, W; so a layer's drive is that of signed spikes, and the second half's
is its negative. What always-on neurons add is kept apart: `bias` has opposite signs for the halves, `lift` the same.
A lift of half a threshold in a window makes a count the nearest number, not the next lower one.
"""
from dataclasses import dataclass, field

import numpy as np

from encoder_model import attention, normalise


def signed(spikes):
    """The signed spikes T x tokens x values."""
    return spikes[0].astype(np.int8) - spikes[1] if len(spikes) > 1 else spikes[0].astype(np.int8)


def counts(spikes):
    """Signed counts of a window, tokens x values."""
    return signed(spikes).sum(0, dtype=np.int64)


def send(values, scale, window):
    """Spikes of a pair whose counts are values / scale, rounded half away from zero, at most one a timestep, evenly
    spread."""
    ratio = np.asarray(values, np.float64) / scale
    magnitude = np.minimum(np.floor(np.abs(ratio) + 0.5), window).astype(np.int64)
    sent = (np.arange(window + 1)[:, None, None] * magnitude + window // 2) // window
    spikes = np.diff(sent, axis=0) > 0
    return np.stack([spikes & (ratio > 0), spikes & (ratio < 0)])


@dataclass
class Dense:
    """Integrate-and-fire neurons: integer `weights` inputs x values; `scale` is what a count means, for each value."""
    name: str
    source: str
    weights: np.ndarray
    bias: np.ndarray
    lift: int
    threshold: int
    scale: np.ndarray
    pair: bool = True
    reach: tuple = (0, 0)  # lowest and highest potential that was seen

    def evaluate(self, seen, window, _lengths):
        """The layer's spikes."""
        source = signed(seen[self.source])
        drive = source.reshape(-1, source.shape[-1]).astype(np.float32) @ self.weights.astype(np.float32)  # exact: < 2^24
        drive = drive.reshape(*source.shape[:-1], -1) + self.bias.astype(np.float32)
        result = np.empty((1 + self.pair, *drive.shape), bool)
        for half, sign in zip(result, (1, -1)):
            v = np.zeros(drive.shape[1:], np.float32)
            for timestep in range(window):
                v += sign * drive[timestep] + np.float32(self.lift)
                self.reach = min(self.reach[0], int(v.min())), max(self.reach[1], int(v.max()))
                half[timestep] = v >= self.threshold
                v -= np.float32(self.threshold) * half[timestep]
        return result


@dataclass
class Host:
    """An operator on whole windows: 'attention', 'normalise', 'mean' or 'map' (tanh); `scales` of its operands, `scale`
    of what it sends."""
    name: str
    operator: str
    sources: list
    scales: list
    scale: float
    details: dict = field(default_factory=dict)

    def values(self, seen, lengths):
        """The operator's result, before it is made spikes."""
        x = sum(counts(seen[source]) * scale for source, scale in zip(self.sources, self.scales))
        if self.operator == "normalise":
            return normalise(x, *(self.details[key] for key in ("gamma", "beta", "epsilon")))
        if self.operator == "map":
            return np.tanh(x)
        parts = np.split(x, np.cumsum(lengths)[:-1])
        if self.operator == "mean":
            return np.stack([part.mean(0) for part in parts])
        return np.concatenate([attention(part) for part in parts])

    def evaluate(self, seen, window, lengths):
        """The spikes that the host sends."""
        return send(self.values(seen, lengths), self.scale, window)


@dataclass
class Network:
    """Layers in order; the input is a pair that carries x / `input_scale`."""
    window: int
    input_scale: np.ndarray
    layers: list = field(default_factory=list)

    def run(self, inputs):
        """Spikes of every layer, by name, of sentences given as a list of arrays tokens x values."""
        seen = {"x": send(np.concatenate(inputs), self.input_scale, self.window)}
        for layer in self.layers:
            seen[layer.name] = layer.evaluate(seen, self.window, [len(x) for x in inputs])
        return seen
