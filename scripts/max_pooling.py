#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Turns a trace with average pooling into one with max pooling (the OR of a window in each timestep).

An OR spikes more often than a mean, so the thresholds of the layers that read a pooling layer are multiplied by FACTOR,
and those of their further readers stay.  The weights are those that were trained with the mean: a network trained with
max pooling would do better.
"""
import argparse
from dataclasses import replace

import spk


def convert(layers, factor):
    converted = []
    for layer in layers:
        if layer.kind == "avgpool":
            attributes = {key: value for key, value in layer.attributes.items() if key != "scale"}
            if "shortcuts" in attributes:
                raise ValueError(f"layer '{layer.name}': max pooling has one operand")
            layer = replace(layer, kind="maxpool", reset="hard", threshold=1, attributes=attributes)
        elif any(layers[source].kind == "avgpool" for source in layer.sources):
            layer = replace(layer, threshold=max(1, round(layer.threshold * factor)))
        converted.append(layer)
    return converted


def main():
    parser = argparse.ArgumentParser(description="A trace with max pooling from one with average pooling.")
    parser.add_argument("trace", metavar="IN.spk")
    parser.add_argument("output", metavar="OUT.spk")
    parser.add_argument("--factor", type=float, default=2.5, help="of the thresholds behind pooling (default: %(default)s)")
    options = parser.parse_args()
    with spk.Trace(options.trace) as trace:
        inputs = [number for number, layer in enumerate(trace.layers) if layer.kind == "input"]
        spk.write(options.output, trace.timesteps, convert(trace.layers, options.factor),
                  ((label, {number: trace.spikes(sample, number) for number in inputs})
                   for sample, label in enumerate(trace.labels)), trace.meta)


if __name__ == "__main__":
    main()
