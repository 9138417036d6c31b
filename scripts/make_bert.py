#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes workloads/bert.spk: a network of the shape of BERT-base, with SYNTHETIC spikes (recipe: workloads/README.md).

Shape: 12 blocks, 768 wide, 12 heads, feed-forward of 3072 (Devlin et al., 2019), a sequence of 128 tokens, T = 16
as in Sorbet. Each block:

    query, key, value   dense 768 x 768, from the block's input
    attention           host: softmax(Q K^T) V
    projection          dense 768 x 768
    norm1               host: normalisation of projection + input
    expand, contract    dense 768 x 3072, 3072 x 768
    norm2               host: normalisation of contract + norm1

The trace has no weights, and one sample in which the tokens follow each other, each for T timesteps: timestep t
belongs to token t div T. No spiking BERT's rates are published by layer; only a mean is (0.13 spikes a neuron and
timestep, Sorbet on SST-2). Every layer gets a generator. Its rate is drawn from a normal distribution around the mean
whose relative standard deviation is --spread, clipped to 0.2 .. 3 times the mean, and all are scaled so that the mean
over all neurons is the published one. Spread and seed are choices, not data.
"""
import argparse
from pathlib import Path

import numpy as np

import spk

ROOT = Path(__file__).resolve().parent.parent
BLOCKS, WIDTH, FEED_FORWARD = 12, 768, 3072


def add(layers, name, kind, neurons, *sources):
    layers.append(spk.Layer(name, kind, neurons, list(sources)))
    return len(layers) - 1


def network(blocks=BLOCKS, width=WIDTH, feed_forward=FEED_FORWARD):
    """The graph as .spk layers."""
    layers = []
    x = add(layers, "embedding", "input", width)
    for block in range(blocks):
        def named(part, number=block):
            return f"block{number}.{part}"
        qkv = [add(layers, named(part), "dense", width, x) for part in ("query", "key", "value")]
        attention = add(layers, named("attention"), "host", width, *qkv)
        projection = add(layers, named("projection"), "dense", width, attention)
        norm1 = add(layers, named("norm1"), "host", width, projection, x)
        expand = add(layers, named("expand"), "dense", feed_forward, norm1)
        contract = add(layers, named("contract"), "dense", width, expand)
        x = add(layers, named("norm2"), "host", width, contract, norm1)
    return layers


def rates(layers, mean, spread, seed):
    """Expected spikes of a neuron in 10^6 timesteps, for each layer."""
    drawn = np.random.RandomState(seed).normal(1, spread, len(layers)).clip(0.2, 3)
    neurons = np.array([layer.neurons for layer in layers])
    return np.rint(1e6 * mean * drawn * neurons.sum() / (drawn * neurons).sum()).astype(int)


def main():
    parser = argparse.ArgumentParser(description="Make the BERT-shaped workload (see workloads/README.md).")
    parser.add_argument("--tokens", type=int, default=128, help="length of the sequence (default: %(default)s)")
    parser.add_argument("--timesteps", type=int, default=16, help="T of each token (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=0.13,
                        help="mean spikes of a neuron and timestep (default: %(default)s)")
    parser.add_argument("--spread", type=float, default=0.25,
                        help="relative standard deviation of the layers' rates (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of rates and spikes (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=ROOT / "workloads" / "bert.spk", metavar="FILE",
                        help="default: workloads/bert.spk of this project")
    options = parser.parse_args()
    layers = network()
    for number, (layer, rate) in enumerate(zip(layers, rates(layers, options.rate, options.spread, options.seed))):
        layer.generator = (options.seed * 1000003 + number, int(rate))
    meta = {
        "name": "bert", "created-by": "scripts/make_bert.py",
        "description": f"shape of BERT-base, {options.tokens} tokens of {options.timesteps} timesteps,"
                       f" SYNTHETIC spikes at a mean rate of {options.rate:g}",
        "source": "shape: BERT-base; mean rate: Sorbet on SST-2; rates of the layers: drawn,"
                  f" spread {options.spread:g}, seed {options.seed}, no published data",
        "tokens": str(options.tokens), "timesteps-per-token": str(options.timesteps),
    }
    spk.write(options.out, options.tokens * options.timesteps, layers, [(None, {})], meta)
    print(f"{options.out}: {options.out.stat().st_size:,} bytes, {len(layers)} layers")


if __name__ == "__main__":
    main()
