# SPDX-License-Identifier: MIT
"""Makes the encoder spiking: integer weights, thresholds and scales, layer by layer on calibration sentences.

A layer is built when all before it are, so it sees their spikes as they are. Its sources carry values in units of a
largest value for each channel, which is folded into the rows. A column's weights are scaled so that a full window of
spikes means that column's largest value, or the part of it that is worth covering; the one threshold of a layer is
what lets some of its columns use the weights' width in full. Both are what leaves the least squared error against the
original's values. Weights are rounded with regard to each other, and at last regression onto the original's values
says what a count means.
"""
import numpy as np

from encoder_attention import attention_on_cores
from encoder_spiking import Batch, Dense, Host, Network, counts, send, short

RANGES = (0.5, 0.65, 0.8, 1.0, 1.25)  # of the largest value a channel takes on the calibration sentences
DAMPING = 0.3  # of the inputs' mean square: how far calibration is believed
SPREADS = (30, 10, 60)  # percentile of the columns whose weights use their width in full or are clipped


def largest(values, share=0.7):
    """The largest magnitude of each channel, at least `share` of the median channel's."""
    top = np.abs(values).max(0)
    return np.maximum(top, share * np.median(top))


def rounded(weights, inputs, limit):
    """Integer weights within the limit whose products with such inputs are close: the error of a row is made good by
    those after it, as far as the inputs go together (Frantar et al., GPTQ, 2023)."""
    weights, result = weights.copy(), np.empty(weights.shape, np.int64)
    moments = inputs.T @ inputs
    moments += DAMPING * np.trace(moments) / len(moments) * np.eye(len(moments))
    factor = np.linalg.cholesky(np.linalg.inv(moments)).T
    for row, line in enumerate(factor):
        result[row] = np.clip(np.rint(weights[row]), -limit, limit)
        weights[row + 1:] -= np.outer(line[row + 1:] / line[row], weights[row] - result[row])
    return result


class Conversion:
    """Builds `network`; `target` has the original's values of the calibration sentences, `seen` the spikes."""

    def __init__(self, encoder, sentences, window, weight_bits):
        self.window, self.limit = window, 2**(weight_bits - 1) - 1
        activations = [encoder.activations(encoder.tokens(sentence)) for sentence in sentences]
        lengths = [len(a["x"]) for a in activations]
        self.batch = Batch(window, lengths, max(lengths))
        self.target = {name: np.concatenate([a[name] for a in activations]) for name in activations[0]}
        self.unit = {"x": self.full_window("x")}  # what a full window of a layer's spikes means, by channel
        self.scale = {"x": short(self.unit["x"] / window)}  # what one spike means to a host
        self.network = Network(window, self.scale["x"])
        self.seen = {"x": send(self.target["x"], self.scale["x"], window)}

    def full_window(self, name):
        """What a full window of a host's spikes should mean, by channel: all times the one factor that loses least."""
        target, top = self.target[name], largest(self.target[name])

        def loss(part):
            scale = part * top / self.window
            return np.square(counts(send(target, scale, self.window)) * scale - target).sum()

        return top * min(RANGES, key=loss)

    def evaluate(self, layer):
        return layer.evaluate(self.seen, self.batch)

    def add(self, layer):
        """Append a layer."""
        self.network.layers.append(layer)
        self.seen[layer.name] = self.evaluate(layer)

    def dense(self, name, source, weights, bias, pair=True):
        """Append a dense layer that computes x weights + bias."""
        rows, target = weights * self.unit[source][:, None], self.target[name]

        def quantised(top, spread):
            return self._quantised(name, source, rows, bias, top, spread, pair)

        top = min((part * largest(target) for part in RANGES),
                  key=lambda top: self.regress(quantised(top, SPREADS[0]), target))
        layer = min((quantised(top, spread) for spread in SPREADS), key=lambda layer: self.regress(layer, target))
        layer.weights = rounded(rows * layer.threshold / top, counts(self.seen[source]) / self.window, self.limit)
        self.regress(layer, target)
        layer.reach = 0, 0
        self.add(layer)
        self.scale[name], self.unit[name] = layer.scale, layer.scale * self.window

    def regress(self, layer, target):
        """Set what a count means by regression onto the original's values, held near the nominal; the squared error."""
        found = counts(self.evaluate(layer))
        energy = np.square(found).sum(0)
        layer.scale = short(((found * target).sum(0) + energy.mean() * layer.scale) / (energy + energy.mean()))
        return np.square(found * layer.scale - target).sum()

    def _quantised(self, name, source, rows, bias, top, spread, pair):
        """The layer in which a full window means `top`; rows are weights times the unit of the source."""
        threshold = max(1, int(np.percentile(self.limit * top / np.abs(rows).max(0), spread)))
        step = top / threshold  # what one unit of weight means
        weights = np.clip(np.rint(rows / step), -self.limit, self.limit).astype(np.int64)
        return Dense(name, source, weights, np.rint(bias / step).astype(np.int64),
                     int(threshold / (2 * self.window) + 0.5), threshold, top / self.window, pair)

    def host(self, name, operator, sources, **details):
        """Append a host operator.  What a spike of it means, by channel, is folded into the numbers it multiplies with."""
        scales = [self.scale[source] for source in sources]
        if operator != "map":
            unit = self.unit[name] = self.full_window(name)
            if operator == "normalise":
                details = {**details, "gamma": short(details["gamma"] / unit), "beta": short(details["beta"] / unit)}
            elif operator == "mean":
                scales = [short(scale / unit) for scale in scales]
            else:  # of q, k, v the last
                scales = [short(scales[0] / np.concatenate([np.ones(2 * len(unit)), unit]))]
        self.add(Host(name, operator, sources, scales, 1 / self.window, details))


def attention_on_host(made, number, block, source):
    """Queries, keys and values as one layer, which a host reads; the bias of what reads the result."""
    made.dense(f"qkv{number}", source, *block.qkv)
    made.host(f"attention{number}", "attention", [f"qkv{number}"])
    return block.out[1]


def attention_on_tiles(*arguments):
    """As on cores, with neurons that all have the same threshold."""
    return attention_on_cores(*arguments, single=True)


def convert(encoder, sentences, window, weight_bits, attention="host"):
    """The spiking network of an encoder, with the products of attention on the 'host', on 'cores' or on 'tiles'."""
    attend = {"host": attention_on_host, "cores": attention_on_cores, "tiles": attention_on_tiles}[attention]
    made = Conversion(encoder, sentences, window, weight_bits)
    norm = {"epsilon": encoder.epsilon}
    made.host("norm0a", "normalise", ["x"], **norm, gamma=encoder.blocks[0].norm[0], beta=encoder.blocks[0].norm[1])
    made.dense("adjust", "x", *encoder.adjust)
    residual = ["adjust"]
    for number, block in enumerate(encoder.blocks):
        if number:
            made.host(f"norm{number}a", "normalise", residual.copy(), **norm, gamma=block.norm[0], beta=block.norm[1])
        bias = attend(made, number, block, f"norm{number}a")
        made.dense(f"out{number}", f"attention{number}", block.out[0], bias)
        residual.append(f"out{number}")
        made.host(f"norm{number}b", "normalise", residual.copy(), **norm, gamma=block.norm2[0], beta=block.norm2[1])
        made.dense(f"ffn{number}a", f"norm{number}b", *block.ffn1, pair=False)
        made.dense(f"ffn{number}b", f"ffn{number}a", *block.ffn2)
        residual.append(f"ffn{number}b")
    made.host("mean", "mean", residual)
    made.dense("head", "mean", *encoder.head)
    made.host("vector", "map", ["head"], function="tanh")
    return made.network
