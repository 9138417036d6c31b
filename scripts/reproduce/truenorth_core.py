#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the trace of one TrueNorth core under the load of its published power law (Merolla et al. 2014, supplement).

Usage: truenorth_core.py RATE_HZ FILE

256 axons whose spikes are drawn at RATE_HZ (a tick is 1 ms), each with synapses on 128 of the core's 256 neurons. The chip
has 4096 such cores; the thresholds are so high that no neuron fires, because what a spike costs on its way is contained in
the law's energy of a synaptic event.
"""
import os
import sys

import numpy

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import spk

AXONS, NEURONS, SYNAPSES, TICKS, TICK_S, SEED = 256, 256, 128, 4000, 1e-3, 1


def main(rate_hz, path):
    """Writes the trace."""
    weights = numpy.zeros((AXONS, NEURONS), numpy.int8)
    for axon in range(AXONS):
        weights[axon, (axon + 2 * numpy.arange(SYNAPSES)) % NEURONS] = 1
    rate_ppm = round(1e6 * rate_hz * TICK_S)
    layers = [spk.Layer("axons", "input", AXONS, generator=(SEED, rate_ppm)),
              spk.Layer("neurons", "dense", NEURONS, [0], "if", "soft", 2 ** 18, 8, weights=weights)]
    spk.write(path, TICKS, layers, [(None, {})], {"name": "truenorth core", "description": "synthetic, %g Hz" % rate_hz})


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: truenorth_core.py RATE_HZ FILE")
    main(float(sys.argv[1]), sys.argv[2])
