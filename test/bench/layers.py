#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How fast large networks are mapped and run: BERT-base, and one of the size of the published CIFAR-10 ResNet.

That network is 5,863 cores on 8 chips (recalled, unverified); its shape is not published in a source read so far. The one
here is a residual network of our own that takes about as many: 32 x 32 x 3, convolutions of 3 x 3 with 64, 128 and 256
channels, pooled between, two or three residual blocks at each width. Weights are drawn (zero mean, standard deviation 3,
5 bits), thresholds are set from the fan-in so that spikes do not die out, and input spikes are drawn: the time depends on
the shape and the activity alone. One image of 80 timesteps. Seconds are CPU seconds of one core.
"""
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import spk  # noqa: E402

NOCSIM = os.environ.get("NOCSIM", ROOT / "build/release/nocsim")
ARCH = ROOT / "configs/shenjing-8-chips.yaml"
TIMESTEPS, RATE = 80, 0.15


def residual_network(widths=(64, 128, 256), blocks=(3, 2, 3), seed=1):
    random = np.random.RandomState(seed)
    layers = [spk.Layer("image", "input", 3 * 32 * 32, attributes={"shape": [3, 32, 32]})]

    def weights(*shape):
        return np.clip(np.rint(random.normal(0, 3, shape)), -16, 15).astype(int)

    def conv(source, channels, shortcut=None):
        inner = spk.shape(layers, source)[0]
        shortcuts = [] if shortcut is None else [(shortcut, {"kind": "identity", "scale": 8})]
        return spk.add_layer(layers, f"conv{len(layers)}", "conv", source, round(5 * np.sqrt(9 * inner * RATE)),
                             weights=weights(channels, inner, 3, 3), channels=channels, kernel=3, padding=1,
                             shortcuts=shortcuts)

    def pool(source):
        return spk.add_layer(layers, f"pool{len(layers)}", "avgpool", source, 4, kernel=2)

    last = pool(conv(0, widths[0]))
    for stage, channels in enumerate(widths):
        if stage > 0:
            last = pool(conv(last, channels))
        for _ in range(blocks[stage]):
            last = conv(conv(last, channels), channels, last)
    last = pool(last)
    spk.add_layer(layers, "out", "dense", last, 60, weights=weights(layers[last].neurons, 10))
    return layers


def cpu(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return json.loads(output), after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def bert():
    """A sentence of 128 tokens x 16 timesteps on the linear layers of BERT-base, replayed."""
    run, seconds = cpu([NOCSIM, "--arch", ROOT / "configs/shenjing.yaml", "--trace", ROOT / "workloads/bert.spk", "-o",
                        "none", "--format", "json"])
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    print(f"BERT-base on {run['tiles_used']:,} Shenjing cores, one sentence in {run['cycles']:,} cycles")
    print(f"  simulation                    {run['sim_seconds']:8.2f} s     target: 20 s")
    print(f"  whole run                     {seconds:8.2f} s,   {peak:.2f} GiB; target: 1 GiB")


def main():
    bert()
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder) / "resnet.spk"
        layers = residual_network()
        train = np.random.RandomState(5).uniform(size=(TIMESTEPS, layers[0].neurons)) < RATE
        spk.write(trace, TIMESTEPS, layers, [(None, {0: train})])
        plan, mapping = cpu([NOCSIM, "map", "--arch", ARCH, "--trace", trace, "--format", "json"])
        run, seconds = cpu([NOCSIM, "--arch", ARCH, "--trace", trace, "-o", "none", "--format", "json"])
        neurons = sum(layer.neurons for layer in layers[1:])
        rate = run["spikes"] / neurons / (run["cycles"] / run["cycles_per_timestep"])
        print(f"Residual network on {plan['tiles_used']:,} cores of 8 Shenjing chips, {neurons:,} neurons, one image of "
              f"{TIMESTEPS} timesteps of {plan['cycles_per_timestep']} cycles, {rate:.3f} spikes a neuron and timestep")
        print(f"  layout, schedule, programs    {mapping:8.2f} s")
        print(f"  simulation                    {run['sim_seconds']:8.2f} s")
        print(f"  whole run                     {seconds:8.2f} s     target: 5 s")


if __name__ == "__main__":
    main()
