#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Independent integer reference of a functional .spk trace: what the output layer must count.

    v = potential + sum over the axons that spike of weight[axon][neuron]
    v >= threshold: the neuron spikes; potential = v - threshold (soft reset) or 0 (hard reset)
    otherwise:      potential = v

Every neuron is evaluated once a timestep, and a layer sees the spikes that its source emits in the same timestep.
Potentials start at 0 with each sample and are unbounded here; `Extremes` tells whether hardware of some width would
have wrapped.  Sums are formed by the floating-point matrix product, which is exact: every partial sum is an integer
below 2^24 (refused otherwise).  Shares no code with the simulator.

Prints CSV: sample,label,class,count0,...  The class is the output neuron with most spikes, the lowest on a tie.
"""
import argparse
import csv
import sys
from dataclasses import dataclass, field

import numpy as np

import spk

BATCH = 1000


@dataclass
class Extremes:
    """Smallest and largest value seen: the sum over any `slice` consecutive axons, the whole sum, the potential before
    reset (`v`) and `v - threshold`."""
    slice: int = 256
    seen: dict = field(default_factory=dict)

    def note(self, what, values):
        low, high = self.seen.get(what, (0, 0))
        self.seen[what] = min(low, int(values.min())), max(high, int(values.max()))

    def check(self, sum_bits=13, potential_bits=16):
        """ValueError unless every slice's sum and everything else fits two's complement of these widths."""
        for what, (low, high) in self.seen.items():
            bits = sum_bits if what == "slice sum" else potential_bits
            if low < -(1 << bits - 1) or high >= 1 << bits - 1:
                raise ValueError(f"{what} {low}..{high} does not fit {bits} bits")


def run(layers, inputs, extremes=None):
    """Spikes of every layer, {layer number: booleans samples x timesteps x neurons}, from those of the input layers."""
    samples, timesteps, _ = next(iter(inputs.values())).shape
    trains = {number: inputs[number] if layer.kind == "input" else np.zeros((samples, timesteps, layer.neurons), bool)
              for number, layer in enumerate(layers)}
    computed = [(number, layer) for number, layer in enumerate(layers) if layer.kind != "input"]
    for number, layer in computed:
        if (layer.kind, layer.neuron) != ("dense", "if") or layer.weights is None:
            raise ValueError(f"layer {number}: no reference for {layer.kind} layers of {layer.neuron} neurons"
                             " (or no weights)")
        if np.abs(layer.weights.astype(int)).sum(0).max() >= 1 << 24:
            raise ValueError(f"layer {number}: sums may exceed 24 bits")
    potential = {number: np.zeros((samples, layer.neurons), np.int64) for number, layer in computed}
    weights = {number: layer.weights.astype(np.float32) for number, layer in computed}
    for timestep in range(timesteps):
        for number, layer in computed:
            axons = trains[layer.sources[0]][:, timestep].astype(np.float32)
            total = np.zeros((samples, layer.neurons), np.int64)
            step = extremes.slice if extremes else len(weights[number])
            for first in range(0, len(weights[number]), step):
                part = (axons[:, first:first + step] @ weights[number][first:first + step]).astype(np.int64)
                total += part
                if extremes:
                    extremes.note("slice sum", part)
            v = potential[number] + total
            fires = v >= layer.threshold
            potential[number] = np.where(fires, v - layer.threshold if layer.reset == "soft" else 0, v)
            trains[number][:, timestep] = fires
            if extremes:
                extremes.note("sum", total)
                extremes.note("potential", v)
                extremes.note("potential - threshold", v - layer.threshold)
    return trains


def inputs_of(trace, samples):
    """Recorded spikes of the input layers for a range of samples, as `run` takes them."""
    return {number: np.stack([trace.spikes(sample, number) for sample in samples])
            for number, layer in enumerate(trace.layers) if layer.kind == "input"}


def batches(total):
    return (range(first, min(first + BATCH, total)) for first in range(0, total, BATCH))


def write_counts(out, labels, counts):
    """The CSV described above, from the output layer's spike counts, samples x neurons."""
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["sample", "label", "class", *(f"count{neuron}" for neuron in range(counts.shape[1]))])
    for sample, (label, count) in enumerate(zip(labels, counts)):
        rows.writerow([sample, "" if label is None else label, count.argmax(), *count])


def main():
    parser = argparse.ArgumentParser(description="Output spike counts of a functional .spk trace, as CSV.")
    parser.add_argument("trace", metavar="FILE.spk")
    parser.add_argument("--replay", metavar="OUT.spk", help="also write a replay trace: the spikes of every layer")
    options = parser.parse_args()
    with spk.Trace(options.trace) as trace:
        counts = np.concatenate([run(trace.layers, inputs_of(trace, samples))[len(trace.layers) - 1].sum(1)
                                 for samples in batches(len(trace.labels))])
        write_counts(sys.stdout, trace.labels, counts)
        if options.replay:
            def replayed():
                for samples in batches(len(trace.labels)):
                    trains = run(trace.layers, inputs_of(trace, samples))
                    for row, sample in enumerate(samples):
                        yield trace.labels[sample], {layer: train[row] for layer, train in trains.items()}
            spk.write(options.replay, trace.timesteps, trace.layers, replayed(), trace.meta)


if __name__ == "__main__":
    main()
