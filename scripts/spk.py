# SPDX-License-Identifier: MIT
"""Reads and writes .spk spike traces (format: workloads/README.md) for the numpy recipes in this folder.

A trace holds one network graph and, per sample, the spikes of some of its layers.  `write` takes the samples from
an iterator and `Trace.spikes` reads one sample at a time, so neither grows with the number of samples.  The file
appears under its name only when it is complete.  The same content written by the same SQLite library is the same
file, byte for byte.

Not here: a judge of files from strangers.  `nocsim trace check FILE` is that.
"""
import json
import lzma
import os
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

APPLICATION_ID = 0x4E53504B  # "NSPK"
FORMAT_VERSION = 1
BITMAP, SPARSE = 0, 1

SCHEMA = """\
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE layer(layer INTEGER PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, neurons INTEGER NOT NULL,
                   neuron TEXT, reset TEXT, threshold INTEGER, weight_bits INTEGER, attributes TEXT);
CREATE TABLE edge(layer INTEGER NOT NULL, port INTEGER NOT NULL, source INTEGER NOT NULL, PRIMARY KEY(layer, port));
CREATE TABLE weight(layer INTEGER PRIMARY KEY, rows INTEGER NOT NULL, cols INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE sample(sample INTEGER PRIMARY KEY, label INTEGER);
CREATE TABLE spike(sample INTEGER NOT NULL, layer INTEGER NOT NULL, timestep INTEGER NOT NULL,
                   coding INTEGER NOT NULL, data BLOB NOT NULL,
                   PRIMARY KEY(sample, layer, timestep)) WITHOUT ROWID;
"""

GENERATOR = "CREATE TABLE generator(layer INTEGER PRIMARY KEY, seed INTEGER NOT NULL, rate_ppm INTEGER NOT NULL)"


@dataclass
class Layer:
    """One layer of the graph; an input layer has only name, kind and neurons (and attributes)."""
    name: str
    kind: str                                    # 'input', 'dense', 'conv', 'avgpool', 'maxpool', 'identity'
    neurons: int
    sources: list = field(default_factory=list)  # layer numbers, by port
    neuron: str | None = None                    # 'if', 'lif', 'channel_if', 'ssf', 'ttfs', 'masked_ttfs', 'shift_lif'
    reset: str | None = None                     # 'soft' or 'hard'
    threshold: int | None = None
    weight_bits: int | None = None
    attributes: dict | None = None               # kind-specific, for example {"shape": [28, 28]}
    weights: np.ndarray | None = None            # int8, rows x columns as workloads/README.md says
    generator: tuple | None = None               # (seed, expected spikes in 10^6 timesteps): synthetic spikes


def pair(value):
    """An attribute of a window: one number for rows and columns, or both."""
    return (value, value) if isinstance(value, int) else tuple(value)


def window(description, kind):
    """(kernel, stride, padding), each (rows, columns), of a layer's attributes or a shortcut."""
    kernel = (1, 1) if kind == "identity" else pair(description["kernel"])
    stride = pair(description.get("stride", kernel if kind in ("avgpool", "maxpool") else 1))
    return kernel, stride, pair(description.get("padding", 0))


def shape(layers, number):
    """(channels, rows, columns) of a layer."""
    layer = layers[number]
    attributes = layer.attributes or {}
    if layer.kind in ("input", "dense", "product", "host"):
        given = attributes.get("shape", [layer.neurons])
        return (*given, 1, 1) if len(given) == 1 else (1,) * (3 - len(given)) + tuple(given)
    channels, *sides = shape(layers, layer.sources[0])
    places = (((side + 2 * padding - kernel) // stride + 1)
              for side, kernel, stride, padding in zip(sides, *window(attributes, layer.kind)))
    return attributes.get("channels", channels), *places


def add_layer(layers, name, kind, source, threshold, *, weights=None, shortcuts=(), neuron="if", reset="soft",
              weight_bits=5, **attributes):
    """Append a layer that reads layer `source`, and return its number.  `attributes` are those of the kind (kernel,
    stride, padding, channels, groups, scale); `shortcuts` is a list of (source, {"kind": ..., ...}); `weights` is the
    kernel as (channels, channels / groups, rows, columns), or for 'dense' a matrix inputs x neurons, or None; with
    weighted shortcuts a list of these, one for each weighted operand."""
    if shortcuts:
        attributes["shortcuts"] = [description for _, description in shortcuts]
    layer = Layer(name, kind, 0, [source, *(number for number, _ in shortcuts)], neuron, reset, threshold, weight_bits,
                  attributes or None)
    if weights is not None:
        weights = weights if isinstance(weights, list) else [weights]
        layer.weights = np.concatenate([w if w.ndim == 2 else w.reshape(len(w), -1).T for w in weights])
    if kind == "dense":
        layer.neurons = attributes.pop("neurons", 0) or layer.weights.shape[1]
        layer.attributes = attributes or None
    layers.append(layer)
    if kind != "dense":
        layer.neurons = int(np.prod(shape(layers, len(layers) - 1)))
    return len(layers) - 1


def encode(spikes):
    """(coding, data) of one layer in one timestep from a vector of booleans: the smaller coding, bitmap on a tie."""
    bitmap = np.packbits(spikes, bitorder="little").tobytes()
    index = np.flatnonzero(spikes)
    sparse = index.astype("<u2" if len(spikes) <= 65536 else "<u4").tobytes()
    return (SPARSE, sparse) if len(sparse) < len(bitmap) else (BITMAP, bitmap)


def decode(coding, data, neurons):
    """The vector of booleans that `encode` was given."""
    if coding == BITMAP:
        return np.unpackbits(np.frombuffer(data, np.uint8), count=neurons, bitorder="little").astype(bool)
    spikes = np.zeros(neurons, bool)
    spikes[np.frombuffer(data, "<u2" if neurons <= 65536 else "<u4")] = True
    return spikes


def generate(generator, sample, timesteps, neurons):
    """The synthetic spikes of a layer in one sample, booleans timesteps x neurons (rule: workloads/README.md)."""
    seed, rate_ppm = generator
    count = timesteps * neurons
    with np.errstate(over="ignore"):
        number = np.arange(1, count + 1, dtype=np.uint64) + np.uint64(sample * count % 2**64)
        z = np.uint64(seed % 2**64) + number * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return ((z >> np.uint64(32)) < (rate_ppm << 32) // 10**6).reshape(timesteps, neurons)


def pack(weights, compressed):
    """A layer's weights as the file has them: bytes, or where that is shorter an .xz stream of these."""
    data = weights.astype(np.int8).tobytes()
    return min(data, lzma.compress(data, preset=9), key=len) if compressed else data


def unpack(data, rows, cols):
    """The matrix that `pack` was given."""
    return np.frombuffer(data if len(data) == rows * cols else lzma.decompress(data), np.int8).reshape(rows, cols)


def write(path, timesteps, layers, samples, meta=(), compressed=False):
    """Write a trace: `layers` in topological order, `samples` an iterable of (label or None, {layer number: booleans
    timesteps x neurons}), `meta` further key-value pairs, weights `compressed` or not."""
    path = Path(path)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        base = sqlite3.connect(temporary, isolation_level=None)
        base.executescript(f"PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
                           f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT_VERSION};"
                           f"BEGIN; {SCHEMA}")
        if any(layer.generator for layer in layers):
            base.execute(GENERATOR)
        base.executemany("INSERT INTO meta VALUES(?,?)", sorted({**dict(meta), "timesteps": str(timesteps)}.items()))
        for number, layer in enumerate(layers):
            base.execute("INSERT INTO layer VALUES(?,?,?,?,?,?,?,?,?)",
                         (number, layer.name, layer.kind, layer.neurons, layer.neuron, layer.reset, layer.threshold,
                          layer.weight_bits, layer.attributes and json.dumps(layer.attributes, sort_keys=True)))
            base.executemany("INSERT INTO edge VALUES(?,?,?)",
                             [(number, port, source) for port, source in enumerate(layer.sources)])
            if layer.generator:
                base.execute("INSERT INTO generator VALUES(?,?,?)", (number, *layer.generator))
            if layer.weights is not None:
                base.execute("INSERT INTO weight VALUES(?,?,?,?)",
                             (number, *layer.weights.shape, pack(layer.weights, compressed)))
        for number, (label, trains) in enumerate(samples):
            base.execute("INSERT INTO sample VALUES(?,?)", (number, None if label is None else int(label)))
            for layer, train in sorted(trains.items()):
                if train.shape != (timesteps, layers[layer].neurons):
                    raise ValueError(f"sample {number}, layer {layer}: spikes of shape {train.shape}")
                base.executemany("INSERT INTO spike VALUES(?,?,?,?,?)",
                                 [(number, layer, timestep, *encode(spikes))
                                  for timestep, spikes in enumerate(train) if spikes.any()])
        base.execute("COMMIT")
        base.close()
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


class Trace:
    """An open trace: `timesteps`, `meta` (dict), `layers` (list of Layer), `labels` (list, None where unlabelled)."""

    def __init__(self, path):
        self._base = sqlite3.connect(f"{Path(path).resolve().as_uri()}?mode=ro", uri=True)
        query = self._base.execute
        identity = query("PRAGMA application_id").fetchone()[0], query("PRAGMA user_version").fetchone()[0]
        if identity != (APPLICATION_ID, FORMAT_VERSION):
            raise ValueError(f"{path}: not a spike trace of version {FORMAT_VERSION}")
        self.meta = dict(query("SELECT key, value FROM meta"))
        self.timesteps = int(self.meta["timesteps"])
        self.labels = [label for label, in query("SELECT label FROM sample ORDER BY sample")]
        self.layers = []
        generates = query("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'generator'").fetchone()
        for number, name, kind, neurons, neuron, reset, threshold, bits, attributes in query(
                "SELECT layer, name, kind, neurons, neuron, reset, threshold, weight_bits, attributes"
                " FROM layer ORDER BY layer").fetchall():
            sources = [s for s, in query("SELECT source FROM edge WHERE layer = ? ORDER BY port", (number,))]
            generator = generates and query("SELECT seed, rate_ppm FROM generator WHERE layer = ?", (number,)).fetchone()
            weight = query("SELECT data, rows, cols FROM weight WHERE layer = ?", (number,)).fetchone()
            self.layers.append(Layer(name, kind, neurons, sources, neuron, reset, threshold, bits,
                                     attributes and json.loads(attributes),
                                     weight and unpack(*weight),
                                     generator or None))

    def spikes(self, sample, layer):
        """The spikes of one layer in one sample, booleans timesteps x neurons."""
        neurons = self.layers[layer].neurons
        if self.layers[layer].generator:
            return generate(self.layers[layer].generator, sample, self.timesteps, neurons)
        train = np.zeros((self.timesteps, neurons), bool)
        for timestep, coding, data in self._base.execute(
                "SELECT timestep, coding, data FROM spike WHERE sample = ? AND layer = ?", (sample, layer)):
            train[timestep] = decode(coding, data, neurons)
        return train

    def close(self):
        self._base.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
