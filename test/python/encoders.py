# SPDX-License-Identifier: MIT
"""Random small transformer encoders as .spk traces, for tests: every host operator, residuals, sequences of several
lengths."""
import numpy as np

import spk


def weights(random, rows, cols, pair=True):
    """A matrix; of signed outputs the columns W and -W."""
    matrix = random.randint(-7, 8, (rows, cols))
    return np.hstack([matrix, -matrix]) if pair else matrix


class Encoder:
    """Layers of one or more blocks over `width` signed values a token, on T timesteps, up to L tokens."""
    def __init__(self, seed, cores=False):
        self.cores = cores  # the products of attention are on cores
        random = self.random = np.random.RandomState(seed)
        self.window, self.tokens = int(random.randint(4, 13)), int(random.randint(2, 6))
        self.heads = int(random.randint(1, 4))
        self.width = self.heads * int(random.randint(2, 5))
        self.layers = [spk.Layer("x", "input", 2 * self.width), spk.Layer("one", "input", 3)]

    def add(self, layer):
        self.layers.append(layer)
        return len(self.layers) - 1

    def dense(self, name, source, cols, pair=True, bias=False):
        """Reads `source` and, with a bias, the ones of the input."""
        rows = self.layers[source].neurons
        matrix = weights(self.random, rows, cols, pair)
        sources, attributes = [source], None
        if bias:
            sources, attributes = [source, 1], {"shortcuts": [{"kind": "dense"}]}
            matrix = np.vstack([matrix, weights(self.random, 3, cols, pair)])
        return self.add(spk.Layer(name, "dense", matrix.shape[1], sources, "if", "soft",
                                  int(self.random.randint(5, 40)), 5, attributes, matrix))

    def scale(self, values):
        """Of one operand: a number, or one for each value."""
        scales = self.random.uniform(0.02, 0.4, values).round(4).tolist()
        return scales if self.random.randint(2) else scales[0]

    def host(self, name, operator, sources, values, pair=True, ones=0, **more):
        held = 3 * values if operator == "attention" and len(sources) == 1 else values
        pairs = [self.layers[source].neurons - (self.layers[source].attributes or {}).get("ones", 0) == 2 * held
                 for source in sources]
        attributes = {"operator": operator, "pair": pair, "scale": float(self.random.uniform(0.05, 0.3)), "ones": ones,
                      "scales": [self.scale(held) for _ in sources], "pairs": pairs, **more}
        return self.add(spk.Layer(name, "host", values * (2 if pair else 1) + ones, sources, attributes=attributes))

    def normalise(self, name, sources, **more):
        gains = {} if self.random.randint(2) else {"gamma": self.random.normal(1, 0.3, self.width).tolist(),
                                                   "beta": self.random.normal(0, 0.3, self.width).tolist()}
        return self.host(name, "normalise", sources, self.width, **gains, **more)

    def attention(self, name, x, bias):
        if self.random.randint(2):
            query = [self.dense(f"{name}.{part}", x, self.width, bias=bias) for part in ("query", "key", "value")]
        else:
            query = [self.dense(f"{name}.all", x, 3 * self.width, bias=bias)]
        return self.host(f"{name}.attention", "attention", query, self.width, heads=self.heads, ones=2)

    def product(self, name, form, sources, shape):
        return self.add(spk.Layer(name, "product", int(np.prod(shape)), sources, "if", "soft",
                                  int(self.random.randint(1, 5)), 6, {"form": form, "shape": shape}))

    def on_cores(self, name, x, bias):
        """The same attention with its products on cores: the queries wait until all keys are loaded."""
        heads, width = self.heads, self.width // self.heads
        grid = {"shape": [2, heads, width]}
        query, key, value = (self.dense(f"{name}.{part}", x, self.width, bias=bias)
                             for part in ("query", "key", "value"))
        for number in (key, value):
            self.layers[number].attributes = {**(self.layers[number].attributes or {}), **grid}
        late = self.host(f"{name}.late", "map", [query], self.width, function="identity", wait=self.tokens, **grid)
        signed = int(self.random.randint(1, 3))
        scores = self.product(f"{name}.scores", "scores", [late, key], [signed, heads, self.tokens])
        shares = self.host(f"{name}.softmax", "softmax", [scores], heads * self.tokens, pair=False, heads=heads,
                           shape=[1, heads, self.tokens])
        return self.product(f"{name}.values", "values", [shares, value], [2, heads, width])

    def block(self, number, x, bias):
        """Attention and a network of two layers, each added to what it reads and normalised."""
        attention = self.on_cores if self.cores else self.attention
        function = ("relu", "gelu", "gelu-tanh", "silu", "tanh", "identity")[self.random.randint(6)]
        projected = self.dense(f"b{number}.projection", attention(f"b{number}", x, bias), self.width)
        middle = self.normalise(f"b{number}.norm1", [projected, x], ones=1)
        hidden = 2 * self.width
        expanded = self.dense(f"b{number}.expand", middle, hidden, pair=function != "relu")
        active = self.host(f"b{number}.active", "map", [expanded], hidden, pair=bool(self.random.randint(2)),
                           function=function)
        contracted = self.dense(f"b{number}.contract", active, self.width)
        return self.normalise(f"b{number}.norm2", [contracted, middle, x][:self.random.randint(2, 4)])

    def build(self, blocks):
        x = 0
        for number in range(blocks):
            x = self.block(number, x, bias=number == 0)
        pooled = self.host("pooled", "mean", [x, 0], self.width)
        last = self.dense("head", pooled, 5)
        if self.random.randint(2):
            self.host("answer", "map", [last], 5, function="tanh")
        return self

    def attend(self, x=0):
        """Nothing but attention on cores: its values are the answer."""
        self.on_cores("b0", x, True)
        return self

    def write(self, path, samples, windows):
        """Sequences of 0 to L tokens; `windows` a sample."""
        timesteps, trains = windows * self.window, []
        for sample in range(samples):
            length = (self.tokens - sample) % (self.tokens + 1)
            x = self.random.uniform(size=(timesteps, 2 * self.width)) < 0.3
            x[length * self.window:] = False
            one = np.zeros((timesteps, 3), bool)
            one[:length * self.window] = True
            trains.append((None, {0: x, 1: one}))
        spk.write(path, timesteps, self.layers, trains, {"window": str(self.window), "tokens": str(self.tokens)})
