# SPDX-License-Identifier: MIT
"""The spiking networks of cnn_networks.py in PyTorch, step by step: integer weights, integrate and fire, soft reset.

All sums are integers below 2^24 and hence exact in single precision.  `widest` tells the largest magnitudes met, for
comparison with the hardware's widths.
"""
import torch
from torch.nn import functional

from cnn_networks import NETWORKS, RESIDUAL_WEIGHT

POOL = torch.ones(1, 1, 2, 2)


def currents(stage, weights, states):
    """What the neurons of a stage receive in one timestep from the spikes of the stages before."""
    x = states[-1]
    if stage[0] == "conv":
        current = functional.conv2d(x, next(weights), padding=1)
        return current if stage[2] is None else current + RESIDUAL_WEIGHT * states[-stage[2]]
    if stage[0] == "pool":
        channels = x.shape[1]
        return functional.conv2d(x, POOL.expand(channels, 1, 2, 2), stride=2, groups=channels)
    return functional.linear(x.flatten(1), next(weights))


@torch.no_grad()
def run(name, weights, thresholds, pixels, widest=None):
    """Output spike counts (images x 10) and the mean spike rate of the input and of each stage."""
    description = NETWORKS[name]
    timesteps, stages = description["timesteps"], description["stages"]
    weights = [torch.as_tensor(matrix).float() for matrix in weights]
    image = pixels.float()
    accumulated, potential, counts = torch.zeros_like(image), [0] * len(stages), 0
    rates = torch.zeros(len(stages) + 1)
    for _ in range(timesteps):
        accumulated += image
        spikes = (accumulated >= 255).float()
        accumulated -= 255 * spikes
        states, supply = [spikes], iter(weights)
        rates[0] += spikes.mean()
        for number, (stage, threshold) in enumerate(zip(stages, thresholds)):
            current = currents(stage, supply, states)
            v = potential[number] + current
            fires = (v >= threshold).float()
            potential[number] = v - threshold * fires
            states.append(fires)
            rates[number + 1] += fires.mean()
            if widest is not None:
                low, high = widest.get(number, (0, 0))
                widest[number] = min(low, int(v.min())), max(high, int(v.max()))
        counts = counts + states[-1]
    return counts, rates / timesteps
