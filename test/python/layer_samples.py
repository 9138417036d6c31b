# SPDX-License-Identifier: MIT
"""A small random network for each kind of layer, for the table of docs/layers.md: the layer stands behind a dense or
convolutional one, and a dense one stands behind it.

Networks with hosts have token windows.
"""
import numpy as np

import snn_hosts
import snn_operations
import snn_reference
import spk

SAMPLES, TIMESTEPS = 2, 7
GRID = (2, 9, 8)
WINDOW, TOKENS, WIDTH = 8, 4, 6


class Sample:
    """layers; the spikes of the input layers, samples x timesteps x neurons; meta of the trace."""
    def __init__(self, layers, inputs, meta=None):
        self.layers, self.inputs, self.meta = layers, inputs, meta or {}

    def write(self, path):
        timesteps = self.inputs[0].shape[1]
        spk.write(path, timesteps, self.layers,
                  [(None, {number: train[sample] for number, train in self.inputs.items()})
                   for sample in range(len(self.inputs[0]))], self.meta)

    def answer(self):
        """Output counts (levels of time codes) by the integer reference."""
        if self.meta:
            trains = snn_reference.run_windows(self.layers, self.inputs, WINDOW, TOKENS)
        else:
            trains = snn_reference.run(self.layers, self.inputs)
        return snn_reference.outputs(self.layers, trains)

    def levels(self):
        """What the quantised network gives that an integrate-and-fire network stands for."""
        known = {number: train.sum(1) for number, train in self.inputs.items()}
        for number, layer in enumerate(self.layers[len(known):], len(known)):
            weights = np.zeros((0, 0), np.float32) if layer.weights is None else layer.weights.astype(np.float32)
            trains = {source: level[:, None] for source, level in known.items()}
            totals = snn_reference.sums(self.layers, number, trains, 0, weights, None, {})
            known[number] = np.clip(totals // layer.threshold, 0, TIMESTEPS)
        return known[len(self.layers) - 1]


def kernel(random, *shape):
    return np.clip(np.rint(random.normal(0.7, 3, shape)), -8, 7).astype(np.int8)


class Builder:
    def __init__(self, seed):
        self.random = np.random.RandomState(seed)
        self.layers = [spk.Layer("in", "input", int(np.prod(GRID)), attributes={"shape": list(GRID)})]

    def conv(self, name, source, channels, side, more=(), **attributes):
        inner = spk.shape(self.layers, source)[0] // attributes.get("groups", 1)
        weights = [kernel(self.random, channels, inner, *spk.pair(side)), *more]
        return spk.add_layer(self.layers, name, "conv", source, int(self.random.randint(5, 15)),
                             weights=weights if more else weights[0], channels=channels, kernel=side, **attributes)

    def dense(self, name, source, neurons, threshold=15):
        return spk.add_layer(self.layers, name, "dense", source, threshold,
                             weights=kernel(self.random, self.layers[source].neurons, neurons))

    def add(self, *arguments, **attributes):
        return spk.add_layer(self.layers, *arguments, **attributes)

    def sample(self):
        inputs = self.random.uniform(size=(SAMPLES, TIMESTEPS, self.layers[0].neurons)) < 0.3
        return Sample(self.layers, {0: inputs})


def on_grid(layer):
    """The input, a convolution, the layer, a dense layer."""
    def make(seed):
        builder = Builder(seed)
        first = builder.conv("first", 0, 4, 3, padding=1)
        builder.dense("out", layer(builder, first), 10, 25)
        return builder.sample()
    return make


def shortcut(builder, first, **how):
    inner = builder.conv("inner", first, 4, 3, padding=1)
    more = [kernel(builder.random, 4, 4, 1, 1)] if how["kind"] == "conv" else ()
    return builder.conv("sum", inner, 4, 3, more, padding=1, shortcuts=[(first, how)])


def spike_sum(builder, first):
    inner = builder.conv("inner", first, 4, 3, padding=1)
    return builder.add("sum", "identity", inner, 1, shortcuts=[(first, {"kind": "identity"})])


def chain(seed):
    builder = Builder(seed)
    builder.layers[0].attributes = None
    builder.dense("out", builder.dense("hidden", 0, 40), 10)
    return builder.sample()


class Windows:
    """Two operands of signed values, the host layer, a dense layer."""
    def __init__(self, seed):
        self.random = np.random.RandomState(seed)
        self.layers = [spk.Layer("in", "input", 2 * WIDTH)]
        self.x = self.dense("x", 0, WIDTH)

    def dense(self, name, source, cols, pair=True, **attributes):
        matrix = self.random.randint(-7, 8, (self.layers[source].neurons, cols))
        matrix = np.hstack([matrix, -matrix]) if pair else matrix
        self.layers.append(spk.Layer(name, "dense", matrix.shape[1], [source], "if", "soft", 15, 5, attributes or None,
                                     matrix.astype(np.int8)))
        return len(self.layers) - 1

    def host(self, name, sources, pair=True, held=WIDTH, **attributes):
        described = {"pair": pair, "scale": 0.125, "scales": [0.25] * len(sources), "pairs": [True] * len(sources),
                     **attributes}
        self.layers.append(spk.Layer(name, "host", held * (2 if pair else 1), list(sources), attributes=described))
        return len(self.layers) - 1

    def product(self, name, form, sources, shape):
        self.layers.append(spk.Layer(name, "product", int(np.prod(shape)), list(sources), "if", "soft", 3, 5,
                                     {"form": form, "shape": shape}))
        return len(self.layers) - 1

    def sample(self):
        plan = snn_hosts.Windows(self.layers, WINDOW, TOKENS)
        windows = max(begin + (1 if single else TOKENS) for begin, single in zip(plan.begin, plan.single))
        inputs = self.random.uniform(size=(SAMPLES, windows * WINDOW, 2 * WIDTH)) < 0.3
        for sample in range(SAMPLES):
            inputs[sample, (TOKENS - sample) * WINDOW:] = False
        return Sample(self.layers, {0: inputs}, {"window": str(WINDOW), "tokens": str(TOKENS)})


def hosted(*hosts, threshold=15, outputs=40):
    """Host layers that read the same, and a dense layer that reads them all."""
    def make(seed):
        builder = Windows(seed)
        more = builder.dense("more", 0, WIDTH)
        layers = [builder.host(f"host{number}", [builder.x] + [more] * ("roles" in host), **host)
                  for number, host in enumerate(host(builder.random) if callable(host) else host for host in hosts)]
        builder.dense("out", layers[0], outputs, pair=False)
        out = builder.layers[-1]
        out.sources, out.threshold = layers, threshold
        out.attributes = {"shortcuts": [{"kind": "dense"}] * (len(layers) - 1)}
        rows = sum(builder.layers[layer].neurons for layer in layers)
        out.weights = builder.random.randint(-7, 8, (rows, outputs)).astype(np.int8)
        return builder.sample()
    return make


def operation(name):
    """An operator of a vector unit, integers throughout: all scales are powers of two."""
    def describe(random):
        constants, more = {}, {}
        if name == "scan":
            constants = {"a": (-random.randint(1, 32, WIDTH * 2)).tolist(), "b": random.randint(-16, 17, 2).tolist(),
                         "c": random.randint(-16, 17, 2).tolist(), "d": random.randint(-16, 17, WIDTH).tolist()}
            more = {"states": 2}
        elif name in snn_operations.OPERANDS:
            constants = {"gain": random.randint(-1 << 17, 1 << 18, WIDTH).tolist(),
                         "offset": random.randint(-8, 9, WIDTH).tolist()}
            more = {"group": 3} if name == "bspn" else {}
        return {"operator": "operation", "operation": {"name": name, "in_fraction": 4, "out_fraction": 5, **more},
                "scale": 1 / 16 if "softmax" in name else 1 / 4, **({"constants": constants} if constants else {}),
                **({"roles": ["", "delta"]} if name == "scan" else {})}
    return describe


def attention(seed):
    builder = Windows(seed)
    parts = [builder.dense(part, builder.x, WIDTH) for part in ("query", "key", "value")]
    builder.dense("out", builder.host("host", parts, operator="attention", heads=2), 10, pair=False)
    return builder.sample()


def on_cores(seed):
    """Attention whose two products are on the cores, and whose softmax is a host's."""
    builder = Windows(seed)
    grid = [2, 2, WIDTH // 2]
    query = builder.dense("query", builder.x, WIDTH)
    key, value = (builder.dense(part, builder.x, WIDTH, shape=grid) for part in ("key", "value"))
    late = builder.host("late", [query], operator="map", function="identity", wait=TOKENS, shape=grid)
    scores = builder.product("scores", "scores", [late, key], [1, 2, TOKENS])
    shares = builder.host("shares", [scores], False, 2 * TOKENS, operator="softmax", heads=2, pairs=[False],
                          shape=[1, 2, TOKENS])
    builder.dense("out", builder.product("values", "values", [shares, value], grid), 10, pair=False)
    return builder.sample()


def integer_scores(seed):
    """The two products on the cores, and PTsoftmax between them."""
    sample = on_cores(seed)
    shares = next(layer for layer in sample.layers if layer.name == "shares")
    del shares.attributes["operator"]
    shares.attributes.update(operator="operation",
                             operation={"name": "ptsoftmax-round", "in_fraction": 2, "out_fraction": 3})
    return sample


SAMPLES_OF = {
    "dense": chain,
    "conv": on_grid(lambda b, first: b.conv("conv", first, 6, 3)),
    "conv, stride": on_grid(lambda b, first: b.conv("conv", first, 6, [3, 2], stride=[2, 1])),
    "conv, padding": on_grid(lambda b, first: b.conv("conv", first, 6, [5, 3], padding=[2, 1])),
    "conv, groups": on_grid(lambda b, first: b.conv("conv", first, 6, 3, groups=2)),
    "conv, depthwise": on_grid(lambda b, first: b.conv("conv", first, 4, 3, groups=4, padding=1)),
    "avgpool": on_grid(lambda b, first: b.add("pool", "avgpool", first, 4, kernel=2)),
    "avgpool, overlapping": on_grid(lambda b, first: b.add("pool", "avgpool", first, 9, kernel=3, stride=2, padding=1)),
    "maxpool": on_grid(lambda b, first: b.add("pool", "maxpool", first, 1, kernel=2, reset="hard")),
    "maxpool, overlapping": on_grid(lambda b, first: b.add("pool", "maxpool", first, 1, kernel=3, stride=2, padding=1,
                                                           reset="hard")),
    "residual: sum of partial sums": on_grid(lambda b, first: shortcut(b, first, kind="identity", scale=6)),
    "residual: convolution": on_grid(lambda b, first: shortcut(b, first, kind="conv", channels=4, kernel=1)),
    "residual: sum of spikes": on_grid(spike_sum),
    "attention": attention,
    "product": on_cores,
    "product, ptsoftmax": integer_scores,
    "normalise": hosted({"operator": "normalise", "gamma": [1, 0.5, 2, 1, 1, 0.25], "beta": [0.5] * WIDTH}),
    "mean": hosted({"operator": "mean"}),
    "map": hosted(*({"operator": "map", "function": function} for function in snn_hosts.FUNCTIONS)),
    "operation": hosted(*map(operation, [*snn_operations.EXACT, *snn_operations.INTEGER]), threshold=12),
}
