# SPDX-License-Identifier: MIT
"""Token windows and host layers of .spk traces, for scripts/snn_reference.py: what a host computes from counts.

A sequence is a sample; each token has a window of `window` timesteps, with which potentials start anew.  A host layer
reads its operands' counts of a token and sends the result as counts in a later window.  Real numbers are doubles, and
every sum is formed in ascending order (numpy.cumsum adds one after the other; numpy.sum does not), with the functions
of the C library, so that counts come out the same wherever that is done.  The operators stand in workloads/README.md;
nothing here is shared with the simulator.
"""
import math

import numpy as np

import snn_operations

FUNCTIONS = {
    "identity": lambda x: x,
    "relu": lambda x: max(x, 0.0),
    "gelu": lambda x: 0.5 * x * math.erfc(-x * math.sqrt(0.5)),
    "gelu-tanh": lambda x: 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * (x * x * x)))),
    "silu": lambda x: x / (1 + math.exp(-x)),
    "tanh": math.tanh,
    "softplus": lambda x: max(x, 0.0) + math.log1p(math.exp(-abs(x))),
}
EXP = np.vectorize(math.exp, otypes=[float])
GATHERS = ("attention", "mean")


def total(values, axis):
    """The sum along an axis, term by term."""
    return np.take(np.cumsum(values, axis=axis), -1, axis=axis)


class Windows:
    """When each layer's first token comes: `begin` by layer; `single` layers have one token a sequence."""
    def __init__(self, layers, window, tokens):
        self.layers, self.window, self.tokens = layers, window, tokens
        self.begin, self.single = [], []
        for layer in layers:
            begins = [self.begin[source] for source in layer.sources]
            begin, single = max(begins, default=0), any(self.single[source] for source in layer.sources)
            if layer.kind == "product":
                begin = begins[0]  # operand 1 was loaded before
            if layer.kind == "host":
                operator = layer.attributes["operator"]
                begin += tokens if operator in GATHERS else layer.attributes.get("wait", 1)
                single = single or operator == "mean"
            self.begin.append(begin)
            self.single.append(single)

    def length(self, inputs):
        """Tokens of a sequence: its windows before the first in which an input layer is silent."""
        for token in range(self.tokens):
            steps = slice(token * self.window, (token + 1) * self.window)
            if not all(train[steps].any() for train in inputs):
                return token
        return self.tokens

    def token(self, number, at, length):
        """The token of a layer in window `at`, or None."""
        token = at - self.begin[number]
        return token if 0 <= token < (min(length, 1) if self.single[number] else length) else None


def operand_values(layer, port, counts):
    """Real values, tokens x values, of an operand's counts, tokens x neurons."""
    attributes = layer.attributes
    if attributes.get("pairs", [False] * len(layer.sources))[port]:
        half = width(layer, port)
        counts = counts[:, :half] - counts[:, half:2 * half]
    else:
        counts = counts[:, :width(layer, port)]
    return counts * np.asarray(attributes["scales"][port], float)


def width(layer, port):
    """Values of an operand."""
    attributes = layer.attributes
    values = (layer.neurons - attributes.get("ones", 0)) // (2 if attributes.get("pair") else 1)
    return 3 * values if attributes["operator"] == "attention" and len(layer.sources) == 1 else values


def softmax(scores):
    """Rows of scores, over the last axis."""
    exponentials = EXP(scores - scores.max(-1, keepdims=True))
    return exponentials / total(exponentials, -1)[..., None]


def attention(layer, operands, token):
    parts = np.split(operands[0], 3, axis=1) if len(operands) == 1 else operands
    query, key, value = (part.reshape(len(part), layer.attributes.get("heads", 1), -1) for part in parts)
    scores = total(query[token][None] * key, -1) / math.sqrt(query.shape[2])  # tokens x heads
    exponentials = EXP(scores - scores.max(0))
    return (total(exponentials[:, :, None] * value, 0) / total(exponentials, 0)[:, None]).ravel()


def normalise(layer, operands, token):
    x = sum(operand[token] for operand in operands)
    centred = x - total(x, 0) / len(x)
    root = math.sqrt(total(centred * centred, 0) / len(x) + layer.attributes.get("epsilon", 1e-5))
    return centred / root * np.asarray(layer.attributes.get("gamma", 1.0)) + np.asarray(layer.attributes.get("beta", 0.0))


def mean(operands):
    x = np.stack(operands, 1).reshape(-1, operands[0].shape[1])  # token by token, in each operand by operand
    return total(x, 0) / len(operands[0])


def scores_softmax(layer, operands, token, length):
    rows = operands[0][token].reshape(layer.attributes.get("heads", 1), -1)
    result = np.zeros_like(rows)
    result[:, :length] = softmax(rows[:, :length])
    return result.ravel()


def fixed(values, fraction):
    """Rounded to a multiple of 2^-fraction, in such units, saturated at words of 24 bits."""
    scaled = values * 2.0 ** fraction
    return np.clip(np.sign(scaled) * round_half_away(np.abs(scaled)), -2 ** 23, 2 ** 23 - 1).astype(np.int64)


def part_of(name, values, rows, row, width, states, used):
    """What an operator's operand is for `used` elements of a row, from that of a row or of all."""
    if name in ("b", "c"):
        return values
    each = states if name == "a" else 1
    first = row * width * each if len(values) == rows * width * each else 0
    return values[first:first + used * each]


def operate(layer, operands, token, length):
    """An operator of a vector unit on the token's rows; of scores `length` elements, else (None) all."""
    attributes, description = layer.attributes, layer.attributes["operation"]
    roles = attributes.get("roles", [""] * len(operands))
    rows, states = attributes.get("heads", 1), description.get("states", 1)
    width = operands[0].shape[1] // rows
    used, state = width if length is None else length, np.zeros((rows * width, states), np.int64)
    for at in range(token + 1) if description["name"] == "scan" else [token]:  # states go from token to token
        given = {role: fixed(sum(operand[at] for operand, of in zip(operands, roles) if of == role),
                             description.get("in_fraction", 8)) for role in roles}
        more, result = {**attributes.get("constants", {}), **given}, np.zeros((rows, width))
        for row in range(rows):
            part = {name: part_of(name, values, rows, row, width, states, used) for name, values in more.items()}
            result[row, :used] = snn_operations.operate(description, part[""], part,
                                                        state[row * width:row * width + used])
    return result.ravel() * 2.0 ** -description.get("out_fraction", 8)


def compute(layer, operands, token, length, scores=False):
    """The values of a token, from its operands' values, tokens x values each."""
    operator = layer.attributes["operator"]
    if operator == "attention":
        return attention(layer, operands, token)
    if operator == "normalise":
        return normalise(layer, operands, token)
    if operator == "mean":
        return mean(operands)
    if operator == "softmax":
        return scores_softmax(layer, operands, token, length)
    if operator == "operation":
        return operate(layer, operands, token, length if scores else None)
    function = FUNCTIONS[layer.attributes["function"]]
    return np.array([function(float(x)) for x in sum(operand[token] for operand in operands)])


def round_half_away(x):
    """Of numbers that are not negative."""
    return np.floor(x) + (x - np.floor(x) >= 0.5)


def counts_of(layer, values, window):
    """Spikes of each neuron in a window."""
    attributes = layer.attributes
    halves = [values, -values] if attributes.get("pair") else [values]
    counts = [np.clip(round_half_away(np.maximum(half / attributes["scale"], 0)), 0, window) for half in halves]
    return np.concatenate([*counts, np.full(attributes.get("ones", 0), window)]).astype(np.int64)


def rate_code(counts, window):
    """Spikes, timesteps x neurons: a neuron spikes when its sum of counts, from half a window on, passes another window."""
    sums = (window // 2 + np.arange(window + 1)[:, None] * counts) // window
    return np.diff(sums, axis=0).astype(bool)


def loaded(windows, number, trains):
    """The weights of a product, axons of operand 0 x neurons, from the spikes of its operands, timesteps x neurons."""
    layer, (streamed, source) = windows.layers[number], windows.layers[number].sources
    first, tokens = windows.begin[source] * windows.window, windows.tokens
    train = trains[source][first:first + tokens * windows.window]
    channels, heads, width = grid(windows.layers[source])
    counts = train.reshape(tokens, windows.window, channels, heads, width).sum(1)
    signed = counts[:, 0] - counts[:, 1] if channels == 2 else counts[:, 0]  # tokens x heads x width
    matrix = np.zeros((*grid(windows.layers[streamed]), *grid(layer)), int)
    for head in range(heads):
        block = signed[:, head].T if layer.attributes["form"] == "scores" else signed[:, head]
        for into, out in np.ndindex(matrix.shape[0], matrix.shape[3]):
            matrix[into, head, :, out, head, :] = block * (-1) ** (into + out)
    return matrix.reshape(windows.layers[streamed].neurons, layer.neurons)


def grid(layer):
    """(channels, heads, values of a head) of a layer that a product reads or is."""
    return tuple([1] * (3 - len(layer.attributes["shape"])) + list(layer.attributes["shape"]))


def host_window(windows, number, trains, at, length):
    """Spikes, timesteps x neurons, of a host layer in window `at` of a sequence; trains[layer] are timesteps x
    neurons, and hold all windows before."""
    layer, window = windows.layers[number], windows.window
    token = windows.token(number, at, length)
    if token is None:
        return np.zeros((window, layer.neurons), bool)
    operands = []
    for port, source in enumerate(layer.sources):
        tokens = min(length, 1) if windows.single[source] else length
        first = windows.begin[source] * window
        train = trains[source][first:first + tokens * window]
        counts = train.reshape(tokens, window, -1).sum(1)
        operands.append(operand_values(layer, port, counts))
    first = windows.layers[layer.sources[0]]
    scores = first.kind == "product" and first.attributes["form"] == "scores"
    values = compute(layer, operands, token, len(operands[0]), scores)
    return rate_code(counts_of(layer, values, window), window)
