#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Independent integer reference of a functional .spk trace: what the output layer must count.

    v = potential + sum over the axons that spike of their weights to the neuron
    v >= threshold: the neuron spikes; potential = v - threshold (soft reset) or 0 (hard reset)
    otherwise:      potential = v

A convolution slides its kernel over the operand's grid, average pooling adds a window, the identity reads the place
itself; further operands (shortcuts) are added to the same sum.  Max pooling spikes where any of its window does.

With token windows (meta keys `window` and `tokens`) potentials start at 0 with each window, and host layers are what
snn_hosts.py computes between them.

That is neuron 'if'; the other models stand in snn_neurons.py.  A spike of height 2^-k counts weight >> k.

Every neuron is evaluated once a timestep, and a layer sees the spikes that its source emits in the same timestep.
Potentials start at 0 with each sample and are unbounded here; `Extremes` tells whether hardware of some width would
have wrapped.  Sums are formed by the floating-point matrix product, which is exact: every partial sum is an integer
below 2^24 (refused otherwise).  Shares no code with the simulator.

Prints CSV: sample,label,class,count0,...  The class is the output neuron with most spikes, the lowest on a tie; of time
codes (ttfs) the counts are levels.
"""
import argparse
import csv
import sys
from dataclasses import dataclass, field

import numpy as np

import snn_hosts
import snn_neurons
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


def slide(grid, kernel, stride, padding):
    """The grid as its windows see it: yields (row, column) in the kernel and samples x channels x rows x columns."""
    grid = np.pad(grid, ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2))
    rows, cols = ((side - k) // s + 1 for side, k, s in zip(grid.shape[2:], kernel, stride))
    for row, col in np.ndindex(*kernel):
        yield (row, col), grid[:, :, row:row + stride[0] * rows:stride[0], col:col + stride[1] * cols:stride[1]]


def convolve(grid, weights, description):
    """Weighted sums of a convolution; weights are (channel of the group, row, column) x channels."""
    kernel, stride, padding = spk.window(description, "conv")
    groups, channels = description.get("groups", 1), description["channels"]
    inner, outer = grid.shape[1] // groups, channels // groups
    weights = weights.reshape(inner, *kernel, groups, outer)
    total = 0
    for (row, col), seen in slide(grid, kernel, stride, padding):
        seen = seen.reshape(len(seen), groups, inner, *seen.shape[2:])
        total = total + np.einsum("sgirc,igo->sgorc", seen, weights[:, row, col], optimize=True)
    return total.reshape(len(grid), channels, *total.shape[3:])


def pool(grid, description, kind):
    """Sums over windows of each channel, times the scale; an identity may add silent channels."""
    total = sum(seen for _, seen in slide(grid, *spk.window(description, kind))) * description.get("scale", 1)
    silent = description.get("channels", grid.shape[1]) - grid.shape[1]
    return np.pad(total, ((0, 0), (0, silent), (0, 0), (0, 0)))


def operands(layers, number):
    """(source, its shape, kind, description) of each operand of a layer."""
    layer = layers[number]
    attributes = layer.attributes or {}
    described = [{**attributes, "kind": layer.kind}, *attributes.get("shortcuts", [])]
    return [(source, spk.shape(layers, source), description["kind"], description)
            for source, description in zip(layer.sources, described)]


def weight_rows(kind, shape, description):
    """How many rows of a layer's weights belong to an operand."""
    if kind == "dense":
        return int(np.prod(shape))
    return shape[0] // description.get("groups", 1) * int(np.prod(spk.window(description, kind)[0])) \
        if kind == "conv" else 0


def operand_sum(axons, shape, kind, description, weights, extremes):
    """What one operand adds: axons are 0 or 1, samples x axons."""
    axons = axons.astype(np.float32)
    if kind == "conv":
        return convolve(axons.reshape(len(axons), *shape), weights, description)
    if kind != "dense":
        return pool(axons.reshape(len(axons), *shape), description, kind)
    step = extremes.slice if extremes else len(weights)
    part = 0
    for first in range(0, len(weights), step):
        slice_sum = axons[:, first:first + step] @ weights[first:first + step]
        part = part + slice_sum
        if extremes:
            extremes.note("slice sum", slice_sum)
    return part


def sums(layers, number, trains, timestep, weights, extremes, heights):
    """What all operands add to the potentials of a layer in a timestep, samples x neurons.  heights[source]: k of the
    spikes of a source whose spikes have heights 2^-k."""
    total, row = 0, 0
    for source, shape, kind, description in operands(layers, number):
        axons = trains[source][:, timestep]
        mine = weights[row:row + weight_rows(kind, shape, description)]
        row += len(mine)
        if source not in heights:
            parts = [operand_sum(axons, shape, kind, description, mine, extremes)]
        elif kind in ("dense", "conv"):
            parts = [operand_sum(axons & (heights[source] == k), shape, kind, description, np.floor(mine / 2 ** k),
                                 extremes) for k in np.unique(heights[source][axons])]
        else:
            raise ValueError(f"layer {number}: no reference for {kind} of spikes of different heights")
        for part in parts:
            total = total + part.reshape(len(axons), -1).astype(np.int64)
    return total


def largest_sum(layers, number):
    """A bound of the sum of absolute weights of any neuron."""
    layer = layers[number]
    bound = 0 if layer.weights is None else np.abs(layer.weights.astype(int)).sum(0).max()
    return bound + sum(abs(description.get("scale", 1)) * int(np.prod(spk.window(description, kind)[0]))
                       for _, _, kind, description in operands(layers, number) if kind not in ("dense", "conv"))


def run_windows(layers, inputs, window, tokens, extremes=None):
    """The same as `run`, in token windows of `window` timesteps; sequences have at most `tokens` tokens."""
    samples, timesteps, _ = next(iter(inputs.values())).shape
    windows = snn_hosts.Windows(layers, window, tokens)
    lengths = [windows.length([train[sample] for train in inputs.values()]) for sample in range(samples)]
    trains = {number: inputs[number] if layer.kind == "input" else np.zeros((samples, timesteps, layer.neurons), bool)
              for number, layer in enumerate(layers)}
    for at in range(timesteps // window):
        steps = slice(at * window, (at + 1) * window)
        given = {number: train[:, steps] for number, train in inputs.items()}
        for number, layer in enumerate(layers):
            if layer.kind == "host":
                given[number] = np.stack([snn_hosts.host_window(windows, number,
                                                                {source: trains[source][sample]
                                                                 for source in layer.sources}, at, lengths[sample])
                                          for sample in range(samples)])
        products = {number: np.stack([snn_hosts.loaded(windows, number, {source: trains[source][sample]
                                                                          for source in layer.sources})
                                      for sample in range(samples)])
                    for number, layer in enumerate(layers)
                    if layer.kind == "product" and at >= windows.begin[number]}
        for number, train in run(layers, given, extremes, products).items():
            trains[number][:, steps] = train
    return trains


def run_trace(trace, samples, extremes=None):
    """Spikes of every layer of a trace for a range of samples."""
    inputs = inputs_of(trace, samples)
    if "window" not in trace.meta:
        return run(trace.layers, inputs, extremes)
    return run_windows(trace.layers, inputs, int(trace.meta["window"]), int(trace.meta["tokens"]), extremes)


def run(layers, inputs, extremes=None, products=None):
    """Spikes of every layer, {layer number: booleans samples x timesteps x neurons}, from those of the layers outside
    the cores; the loaded weights of products, {layer number: samples x axons x neurons}, 0 where not given."""
    samples, timesteps, _ = next(iter(inputs.values())).shape
    trains = {number: inputs[number] if number in inputs else np.zeros((samples, timesteps, layer.neurons), bool)
              for number, layer in enumerate(layers)}
    computed = [(number, layer) for number, layer in enumerate(layers) if number not in inputs]
    for number, layer in computed:
        if layer.kind == "product":
            continue
        weighted = any(kind in ("dense", "conv") for _, _, kind, _ in operands(layers, number))
        if weighted and layer.weights is None:
            raise ValueError(f"layer {number}: no reference for {layer.kind} layers without weights")
        if largest_sum(layers, number) >= 1 << 24:
            raise ValueError(f"layer {number}: sums may exceed 24 bits")
    neurons = {number: snn_neurons.make(layers, number, (samples, layer.neurons)) for number, layer in computed}
    heights = {number: model.shift for number, model in neurons.items() if isinstance(model, snn_neurons.ShiftLif)}
    weights = {number: (np.zeros((0, 0)) if layer.weights is None else layer.weights).astype(np.float32)
               for number, layer in computed}
    for timestep in range(timesteps):
        for number, layer in computed:
            if layer.kind == "product":
                axons = trains[layer.sources[0]][:, timestep]
                matrix = (products or {}).get(number, np.zeros((1, axons.shape[1], layer.neurons), int))
                total = (axons[:, :, None] * matrix).sum(1)
            else:
                total = sums(layers, number, trains, timestep, weights[number], extremes, heights)
            if layer.kind == "maxpool":
                trains[number][:, timestep] = total > 0
                continue
            trains[number][:, timestep] = neurons[number].step(total)
            if extremes:
                extremes.note("sum", total)
                extremes.note("potential", neurons[number].before)
                extremes.note("potential - threshold", neurons[number].before - layer.threshold)
    return trains


def outputs(layers, trains):
    """What the last layer answers, samples x neurons: numbers of spikes, or of time codes the levels of the last whole
    or begun window."""
    layer, train = layers[-1], trains[len(layers) - 1]
    if layer.neuron not in ("ttfs", "masked_ttfs"):
        return train.sum(1)
    levels, silent = layer.attributes["levels"], layer.attributes.get("silent", 0)
    answer = np.full((train.shape[0], train.shape[2]), silent)
    for slot, timestep in enumerate(range((train.shape[1] - 1) // levels * levels, train.shape[1])):
        answer[train[:, timestep]] = snn_neurons.slot_level(levels, silent, slot)
    return answer


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
        counts = np.concatenate([outputs(trace.layers, run_trace(trace, samples))
                                 for samples in batches(len(trace.labels))])
        write_counts(sys.stdout, trace.labels, counts)
        if options.replay:
            def replayed():
                for samples in batches(len(trace.labels)):
                    trains = run_trace(trace, samples)
                    for row, sample in enumerate(samples):
                        yield trace.labels[sample], {layer: train[row] for layer, train in trains.items()}
            spk.write(options.replay, trace.timesteps, trace.layers, replayed(), trace.meta)


if __name__ == "__main__":
    main()
