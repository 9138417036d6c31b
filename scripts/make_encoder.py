#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the sentence encoder's trace (recipe: workloads/README.md) and judges the vectors that come out of it.

Fetches the trained model (encoder_model.py), makes it spiking (encoder_convert.py) on the calibration sentences of
workloads/sentences.tsv, and writes the trace with the first --count sentences: weights, so that a chip computes it, and
the spikes of every layer, which must come out and can be replayed. --score compares the vectors of all paired sentences
with the original model's.
"""
import argparse
from pathlib import Path

import numpy as np

import spk
from encoder_convert import convert
from encoder_model import PACKAGE, ROOT, Encoder
from encoder_spiking import Host, counts
from encoder_trace import Builder

BATCH = 24  # sentences evaluated at a time


def sentences(path):
    """(sentences, each followed by its paraphrase; calibration sentences) of a file."""
    lines = [line.split("\t") for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
    return [text for line in lines if len(line) == 2 for text in line], [line[0] for line in lines if len(line) == 1]


def unit(vectors):
    """Rows of length 1."""
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def ranks(values):
    """The rank of each value."""
    return np.argsort(np.argsort(values))


def score(encoder, network, texts):
    """Print how well the spiking network's vectors match the original's."""
    found, rates = [], {}
    for first in range(0, len(texts), BATCH):
        seen = network.run([encoder.embed(encoder.tokens(text)) for text in texts[first:first + BATCH]])
        found.append(counts(seen["vector"]))
        for name, spikes in seen.items():
            fired, places = rates.get(name, (0, 0))
            rates[name] = fired + int(spikes.sum()), places + spikes.size
    found, original = unit(np.concatenate(found)), np.concatenate([encoder.original([text]) for text in texts])
    cosine = (found * original).sum(1)
    pairs = np.triu_indices(len(texts), 1)
    spearman = np.corrcoef(ranks((found @ found.T)[pairs]), ranks((original @ original.T)[pairs]))[0, 1]
    first = ((found[::2] @ found[1::2].T).argmax(1) == np.arange(len(texts) // 2)).mean()
    print(f"T = {network.window}: cosine to the original over {len(texts)} sentences: mean {cosine.mean():.4f}, "
          f"5th percentile {np.percentile(cosine, 5):.4f}, least {cosine.min():.4f}")
    print(f"    cosines between sentences: rank correlation {spearman:.4f}; paraphrase found first: {first:.1%}")
    print("    spikes a neuron and timestep:",
          ", ".join(f"{name} {fired / places:.3f}" for name, (fired, places) in rates.items()))
    print("    potentials:", ", ".join(f"{layer.name} {layer.reach[0]}..{layer.reach[1]}"
                                       for layer in network.layers if not isinstance(layer, Host)))


def write(path, encoder, network, texts, weight_bits):
    """Write the trace with the spikes of `texts`."""
    inputs = [encoder.embed(encoder.tokens(text)) for text in texts]
    tokens = max(map(len, inputs))
    builder = Builder(network, tokens, weight_bits)
    samples = ((None, builder.record(network.run([x], tokens))) for x in inputs)
    spk.write(path, builder.timesteps, builder.layers, samples, {
        "name": "encoder", "description": "Universal Sentence Encoder, lite: a two-layer transformer, spiking",
        "source": f"npm package {PACKAGE}", "license": "Apache-2.0 (the model); MIT (the sentences)",
        "created-by": "scripts/make_encoder.py", "window": str(network.window), "tokens": str(tokens),
        "sentences": "\n".join(map(str, texts))}, compressed=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path, nargs="?", default=ROOT / "workloads" / "encoder.spk")
    parser.add_argument("--data", type=Path, help="folder of the model's files (default: fetched with npm)")
    parser.add_argument("--window", type=int, default=16, help="timesteps of a token (default: %(default)s)")
    parser.add_argument("--weight-bits", type=int, default=5, help="width of the weights (default: %(default)s)")
    parser.add_argument("--count", type=int, default=2, help="sentences in the trace (default: %(default)s)")
    parser.add_argument("--attention", choices=("host", "cores", "tiles"), default="host",
                        help="where scores and weighted values are computed; tiles: cores of one threshold (default: "
                             "%(default)s)")
    parser.add_argument("--score", action="store_true", help="no trace: judge the vectors of all paired sentences")
    args = parser.parse_args()
    encoder = Encoder(args.data)
    texts, calibration = sentences(ROOT / "workloads" / "sentences.tsv")
    network = convert(encoder, calibration, args.window, args.weight_bits, args.attention)
    if args.score:
        score(encoder, network, texts)
    else:
        write(args.out, encoder, network, texts[:args.count], args.weight_bits)


if __name__ == "__main__":
    main()
