# SPDX-License-Identifier: MIT
"""A spiking transformer as its trace describes it, evaluated in numpy: integrate-and-fire layers and host operators.

Each token has a window of T timesteps, in which all potentials start at 0. A signed value is carried by a pair of
neurons: it is the difference of their spike counts, times a scale. Spikes are arrays halves x T x tokens x values of
booleans: two halves of a pair, or one of a layer of positive values. All tokens of all sentences are evaluated at
once, one layer after the other.

    Dense   v += what the spikes of the sources and the always-on neurons weigh; at v >= threshold a spike, v -= threshold
    Product the same with weights that are counts: those of another layer, for every token of the sentence
    Host    reads the counts of whole windows, computes in double precision, and sends counts again, evenly over a window

The weights of a pair to a pair are W, -W, -W, W; so a layer's drive is that of signed spikes, and the second half's
is its negative. What always-on neurons add is kept apart: `bias` has opposite signs for the halves, `lift` the same.
A lift of half a threshold in a window makes a count the nearest number, not the next lower one.
"""
from dataclasses import dataclass, field

import numpy as np

from encoder_model import attention, normalise
from tfjs_graph import softmax


def signed(spikes):
    """The signed spikes T x tokens x values."""
    return spikes[0].astype(np.int8) - spikes[1] if len(spikes) > 1 else spikes[0].astype(np.int8)


def counts(spikes):
    """Signed counts of a window, tokens x values."""
    return signed(spikes).sum(0, dtype=np.int64)


def short(values):
    """Numbers of six digits, as the trace has them."""
    return np.array([float(f"{value:.6g}") for value in np.ravel(values)]).reshape(np.shape(values))


def send(values, scale, window):
    """Spikes of a pair whose counts are values / scale, rounded half away from zero, at most one a timestep, evenly
    spread."""
    ratio = np.asarray(values, np.float64) / scale
    magnitude = np.minimum(np.floor(np.abs(ratio) + 0.5), window).astype(np.int64)
    sent = (np.arange(window + 1)[:, None, None] * magnitude + window // 2) // window
    spikes = np.diff(sent, axis=0) > 0
    return np.stack([spikes & (ratio > 0), spikes & (ratio < 0)])


def fire(drive, threshold, lift, signs, reach=(0, 0)):
    """Spikes of integrate-and-fire neurons, halves x T x ..., from their inputs T x ...; and the lowest and highest
    potential."""
    result = np.empty((len(signs), *drive.shape), bool)
    for half, sign in zip(result, signs):
        v = np.zeros(drive.shape[1:], np.float32)
        for timestep, inputs in enumerate(drive):
            v += sign * inputs + np.float32(lift)
            reach = min(reach[0], int(v.min())), max(reach[1], int(v.max()))
            half[timestep] = v >= threshold
            v -= threshold * half[timestep]
    return result, reach


@dataclass
class Batch:
    """Sentences evaluated together: tokens of each, of the longest (or more), and timesteps of a token."""
    window: int
    lengths: list
    tokens: int

    def split(self, values, axis=0):
        """The sentences' parts of an array whose axis is all their tokens."""
        return np.split(values, np.cumsum(self.lengths)[:-1], axis)


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

    def evaluate(self, seen, _batch):
        """The layer's spikes."""
        source = signed(seen[self.source])
        drive = source.reshape(-1, source.shape[-1]).astype(np.float32) @ self.weights.astype(np.float32)  # exact: < 2^24
        drive = drive.reshape(*source.shape[:-1], -1) + self.bias.astype(np.float32)
        result, self.reach = fire(drive, np.float32(self.threshold), self.lift, (1, -1)[:1 + self.pair], self.reach)
        return result


@dataclass
class Product:
    """Integrate-and-fire neurons in pairs whose weights are counts of layer `loaded`, which spikes of `source` meet:
    'scores' (of each head and token) or 'values' (of each head and channel); a `threshold` for each head or channel,
    `scale` likewise."""
    name: str
    form: str
    source: str
    loaded: str
    heads: int
    threshold: np.ndarray
    scale: np.ndarray
    reach: tuple = (0, 0)

    def per_neuron(self, numbers, tokens):
        """A number for each head or channel as one for each neuron of a half."""
        return np.repeat(numbers, tokens) if self.form == "scores" else np.asarray(numbers)

    def drive(self, seen, batch):
        """Inputs T x tokens x values."""
        parts = []
        for spikes, weights in zip(batch.split(signed(seen[self.source]), 1), batch.split(counts(seen[self.loaded]))):
            spikes = spikes.reshape(*spikes.shape[:2], self.heads, -1).swapaxes(1, 2).astype(np.float32)
            weights = weights.reshape(len(weights), self.heads, -1).swapaxes(0, 1).astype(np.float32)
            weights = np.pad(weights, ((0, 0), (0, batch.tokens - weights.shape[1]), (0, 0)))
            result = spikes @ (weights.swapaxes(1, 2) if self.form == "scores" else weights)  # T x heads x tokens x values
            parts.append(result.swapaxes(1, 2).reshape(*result.shape[:1], result.shape[2], -1))
        return np.concatenate(parts, 1)

    def evaluate(self, seen, batch):
        """The layer's spikes."""
        threshold = self.per_neuron(self.threshold, batch.tokens).astype(np.float32)
        result, self.reach = fire(self.drive(seen, batch), threshold, 0, (1, -1), self.reach)
        return result


@dataclass
class Host:
    """An operator on whole windows: 'attention', 'normalise', 'mean', 'map' or 'softmax'; `scales` of its operands,
    `scale` of what it sends."""
    name: str
    operator: str
    sources: list
    scales: list
    scale: float
    details: dict = field(default_factory=dict)

    @property
    def pair(self):
        """What it sends is signed."""
        return self.operator != "softmax"

    def values(self, seen, batch):
        """The operator's result, before it is made spikes."""
        if self.operator == "softmax":
            return self._softmax(counts(seen[self.sources[0]]), batch)
        x = sum(counts(seen[source]) * scale for source, scale in zip(self.sources, self.scales))
        if self.operator == "normalise":
            return normalise(x, *(self.details[key] for key in ("gamma", "beta", "epsilon")))
        if self.operator == "map":
            return np.tanh(x) if self.details["function"] == "tanh" else x
        if self.operator == "mean":
            return np.stack([part.mean(0) for part in batch.split(x)])
        return np.concatenate([attention(part) for part in batch.split(x)])

    def _softmax(self, scores, batch):
        """Over the tokens that the sentence has; a scale for each head."""
        scores = scores.reshape(len(scores), -1, batch.tokens) * self.scales[0][:, None]
        result = np.zeros_like(scores)
        for rows, into, length in zip(batch.split(scores), batch.split(result), batch.lengths):
            into[:, :, :length] = softmax(rows[:, :, :length])
        return result.reshape(len(scores), -1)

    def evaluate(self, seen, batch):
        """The spikes that the host sends."""
        return send(self.values(seen, batch), self.scale, batch.window)[:1 + self.pair]


@dataclass
class Network:
    """Layers in order; the input is a pair that carries x / `input_scale`."""
    window: int
    input_scale: np.ndarray
    layers: list = field(default_factory=list)

    def run(self, inputs, tokens=0):
        """Spikes of every layer, by name, of sentences given as a list of arrays tokens x values; scores have room for
        as many tokens as the longest sentence has, or `tokens`."""
        lengths = [len(x) for x in inputs]
        batch = Batch(self.window, lengths, max(tokens, *lengths))
        seen = {"x": send(np.concatenate(inputs), self.input_scale, self.window)}
        for layer in self.layers:
            seen[layer.name] = layer.evaluate(seen, batch)
        return seen
