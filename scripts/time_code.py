#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Turns a rate-coded trace of dense integrate-and-fire layers into one with a time code (neuron 'ttfs').

The number of spikes of an input neuron becomes a level of 0 to LEVELS, told by the slot of one spike in the first window
of LEVELS timesteps; layers keep weights and thresholds and get a window each.  What comes out of the network is then
what nocsim evaluate computes for window units, and chips with such cores: min(LEVELS, floor(sum / threshold)).
"""
import argparse
from dataclasses import replace

import numpy as np

import spk


def convert_layers(layers, levels):
    converted = []
    for number, layer in enumerate(layers):
        attributes = {**(layer.attributes or {}), "levels": levels}
        if number > 0 and (layer.kind != "dense" or layer.neuron != "if" or layer.sources != [number - 1]):
            raise ValueError(f"layer {number}: only chains of dense layers of neuron 'if' have a time code here")
        converted.append(replace(layer, attributes=attributes, neuron="ttfs" if number > 0 else None))
    return converted


def convert_input(train, levels, timesteps):
    """Spikes of a sample, timesteps x neurons, as one window of spikes and the empty windows of the layers."""
    steps = len(train)
    level = (2 * train.sum(0) * levels + steps) // (2 * steps)
    coded = np.zeros((timesteps, train.shape[1]), bool)
    spiking = np.flatnonzero(level)
    coded[levels - level[spiking], spiking] = True
    return coded


def main():
    parser = argparse.ArgumentParser(description="A trace with a time code from a rate-coded one.")
    parser.add_argument("trace", metavar="IN.spk")
    parser.add_argument("output", metavar="OUT.spk")
    parser.add_argument("--levels", type=int, default=15)
    parser.add_argument("--samples", type=int, default=None, help="only the first so many")
    options = parser.parse_args()
    with spk.Trace(options.trace) as trace:
        timesteps = options.levels * len(trace.layers)
        labels = trace.labels[:options.samples]
        spk.write(options.output, timesteps, convert_layers(trace.layers, options.levels),
                  ((label, {0: convert_input(trace.spikes(sample, 0), options.levels, timesteps)})
                   for sample, label in enumerate(labels)), trace.meta)


if __name__ == "__main__":
    main()
