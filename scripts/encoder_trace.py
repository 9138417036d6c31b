# SPDX-License-Identifier: MIT
"""The spiking encoder as layers of a trace, and its spikes in the windows where they happen.

Neurons of a pair stand one half after the other; always-on neurons come last. Rows and columns of a dense layer
between pairs are W, -W, -W, W; the rows of the always-on neurons hold bias + lift and -bias + lift, shared out over
as many rows as their width asks for. A layer of positive values makes always-on neurons for the next itself: driven
by exactly a threshold a timestep.  What follows a product has its always-on neurons from a host, which sends those of
the input again in the product's windows.
"""
import numpy as np

import spk
from encoder_model import HEADS
from encoder_spiking import Dense, Host, Product


def rows_for(total, limit):
    """How many rows of weights up to `limit` make `total`."""
    return int(-(-np.abs(total).max() // limit))


def share(total, rows, limit):
    """`total` (for each column) as a sum over `rows` rows of weights within the limit."""
    parts = []
    for _ in range(rows):
        parts.append(np.clip(total, -limit, limit))
        total = total - parts[-1]
    assert not total.any()
    return np.stack(parts)


class Builder:
    """Makes `layers`; `begin` is the first window of each."""

    def __init__(self, network, tokens, weight_bits):
        self.network, self.tokens = network, tokens
        self.bits, self.limit = weight_bits, 2**(weight_bits - 1) - 1
        self.number, self.begin, self.layers = {}, {}, []
        dense = [layer for layer in network.layers if isinstance(layer, Dense)]
        self.always = {}  # always-on neurons of each source
        for layer in reversed(dense):
            need = rows_for(np.abs(layer.bias) + layer.lift, self.limit)
            if layer.name in self.always:
                need = max(need, rows_for(layer.threshold, self.limit))
            self.always[layer.source] = max(need, self.always.get(layer.source, 0))
        self.apart = {"x", *(layer.name for layer in network.layers if isinstance(layer, Product))}
        most = max(self.always[name] for name in self.apart if name in self.always)
        self.always.update({name: most for name in self.apart if name in self.always})
        self.grids = self._grids()
        self._append(spk.Layer("x", "input", 2 * len(network.input_scale)), 0)
        self._append(spk.Layer("one", "input", most), 0)
        for layer in network.layers:
            {Dense: self._dense, Host: self._host, Product: self._product}[type(layer)](layer)

    def _grids(self):
        """Shapes (channels, heads, values) of the layers that are products or that products read."""
        grids = {}
        for layer in self.network.layers:
            if not isinstance(layer, Product):
                continue
            scores = [2, layer.heads, self.tokens]
            values = [2, layer.heads, len(next(other for other in self.network.layers if other.name == layer.loaded).scale)
                      // layer.heads]
            grids[layer.loaded] = values
            grids[layer.source] = values if layer.form == "scores" else [1, *scores[1:]]
            grids[layer.name] = scores if layer.form == "scores" else values
        return grids

    def _append(self, layer, begin):
        self.number[layer.name] = len(self.layers)
        self.begin[layer.name] = begin
        self.layers.append(layer)

    def matrix(self, layer):
        """Weights of a dense layer, rows x columns."""
        halves = [1, -1] if layer.pair else [1]
        signs = [1, -1] if layer.source != self._positive(layer.source) else [1]
        weights = np.block([[sign * half * layer.weights for half in halves] for sign in signs])
        always = np.concatenate([half * layer.bias + layer.lift for half in halves])
        own = self.always.get(layer.name, 0)
        weights = np.pad(weights, ((0, 0), (0, own)))
        always = np.concatenate([always, np.full(own, layer.threshold)])
        return np.concatenate([weights, share(always, self.always[layer.source], self.limit)])

    def _positive(self, name):
        """The name, if it is a layer of positive values."""
        return next((layer.name for layer in self.network.layers
                     if layer.name == name and isinstance(layer, Dense) and not layer.pair), None)

    def _ones_beside(self, source):
        """The always-on neurons beside a source that has none: those of the input, or a host that sends them late."""
        if self.begin[source] == 0:
            return "one"
        name = f"one-{source}"
        if name not in self.number:
            attributes = {"operator": "map", "function": "identity", "wait": self.begin[source], "scale": 1, "scales": [1]}
            self._append(spk.Layer(name, "host", self.always[source], [self.number["one"]], attributes=attributes),
                         self.begin[source])
        return name

    def _dense(self, layer):
        names = [layer.source, self._ones_beside(layer.source)] if layer.source in self.apart else [layer.source]
        weights = self.matrix(layer)
        attributes = {"shortcuts": [{"kind": "dense"}]} if len(names) > 1 else {}
        self._append(spk.Layer(layer.name, "dense", weights.shape[1], [self.number[name] for name in names], "if", "soft",
                               layer.threshold, self.bits, self._shaped(layer, attributes) or None, weights),
                     self.begin[layer.source])

    def _shaped(self, layer, attributes):
        """With the shape, if products have to do with the layer."""
        return {**attributes, "shape": self.grids[layer.name]} if layer.name in self.grids else attributes

    def _product(self, layer):
        assert self.begin[layer.source] >= self.begin[layer.loaded] + self.tokens
        thresholds = np.tile(layer.per_neuron(layer.threshold, self.tokens), 2).astype(int)
        several = len(set(thresholds.tolist())) > 1
        attributes = {"form": layer.form, **({"thresholds": thresholds.tolist()} if several else {})}
        neuron = ("channel_if", "soft", 1) if several else ("if", "soft", int(thresholds[0]))
        self._append(spk.Layer(layer.name, "product", len(thresholds),
                               [self.number[layer.source], self.number[layer.loaded]], *neuron,
                               self.network.window.bit_length() + 1, self._shaped(layer, attributes)),
                     self.begin[layer.source])

    def _host(self, layer):
        heads = {"attention": HEADS, "softmax": len(layer.scales[0])}.get(layer.operator)
        scales = [np.repeat(scale, self.tokens) if layer.operator == "softmax" else scale for scale in layer.scales]
        attributes = {"operator": layer.operator, "pair": layer.pair, "scale": layer.scale,
                      "pairs": [True] * len(layer.sources), "scales": [np.asarray(scale).tolist() for scale in scales],
                      **{key: np.asarray(value).tolist() for key, value in layer.details.items()}}
        wait = self.tokens if layer.operator in ("attention", "mean") else 1
        if layer.name in self.grids and layer.operator == "map":  # until what it meets is loaded
            attributes["wait"] = wait = self.tokens
        if heads:
            attributes["heads"] = heads
        if layer.name in self.always:
            attributes["ones"] = self.always[layer.name]
        values = len(scales[0]) // (3 if layer.operator == "attention" else 1)
        self._append(spk.Layer(layer.name, "host", (1 + layer.pair) * values + self.always.get(layer.name, 0),
                               [self.number[name] for name in layer.sources],
                               attributes=self._shaped(layer, attributes)),
                     max(self.begin[name] for name in layer.sources) + wait)

    @property
    def timesteps(self):
        """Of a sample: to the end of the last layer's window."""
        return (self.begin["vector"] + 1) * self.network.window

    def record(self, seen):
        """{layer number: spikes timesteps x neurons} of one sentence; `seen` as from Network.run."""
        return {number: self._train(layer, seen) for number, layer in enumerate(self.layers)}

    def _train(self, layer, seen):
        """A layer's spikes at their timesteps: its windows follow each other from its first."""
        empty = np.zeros((0, *seen["x"].shape[1:3], 0), bool)  # of layers that are always on
        spikes = seen.get(layer.name, empty).transpose(2, 1, 0, 3)
        tokens, window, halves, values = spikes.shape
        spikes = spikes.reshape(tokens * window, halves * values)
        train = np.zeros((self.timesteps, layer.neurons), bool)
        place = self.begin[layer.name] * self.network.window
        train[place:place + len(spikes), :spikes.shape[1]] = spikes
        train[place:place + len(spikes), spikes.shape[1]:] = True
        return train
