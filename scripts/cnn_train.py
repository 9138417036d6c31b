# SPDX-License-Identifier: MIT
"""Trains the networks of cnn_networks.py with PyTorch so that their rate-coded spiking twins run on 5-bit weights.

Quantisation-aware: the forward pass is what integrate-and-fire neurons with soft reset count in T timesteps, were
spikes spread evenly: x = clip(floor(T * u) / T, 0, 1) with u = sum(w x) / threshold, integer weights in -16..15, one
integer threshold a layer and no bias.  The backward pass takes rounding for the identity.  The thresholds are fixed
before training, such that weights drawn in Kaiming's way fill a third of the range.  Adam, cosine rate; images are
shifted by up to 1/8 and, in CIFAR-10, mirrored.

Training in floating point is not reproducible to the bit on another machine; the weights it gave are committed.
"""
import math
import sys
import time

import torch
from torch import nn
from torch.nn import functional

from cnn_networks import NETWORKS, RESIDUAL_WEIGHT, shapes

LOWEST, HIGHEST = -16, 15
SPREAD = 5.0        # standard deviation of the initial integer weights
GAIN = 1.6
SHARPNESS = 0.5     # of the softmax, for each output spike
POTENTIAL = 0.75 * (1 << 15)  # magnitude that no potential should come to; the hardware's have 16 bits


class Floor(torch.autograd.Function):
    """floor(x), passed straight through backwards."""

    @staticmethod
    def forward(context, x):
        return torch.floor(x)

    @staticmethod
    def backward(context, gradient):
        return gradient


def integers(latent):
    return latent + (latent.round().clamp(LOWEST, HIGHEST) - latent).detach()


class Network(nn.Module):
    """The counting twin: activations are spike counts divided by T."""

    def __init__(self, name):
        super().__init__()
        self.description = NETWORKS[name]
        self.timesteps = self.description["timesteps"]
        self.weights, self.thresholds = nn.ParameterList(), []
        self.dropout = 0.0
        self.excess = 0.0   # of potentials over POTENTIAL, in the last forward pass, where it is asked for
        self.judge_potentials = False
        known = shapes(self.description)
        for stage, (channels, height, width) in zip(self.description["stages"], known):
            if stage[0] == "pool":
                self.thresholds.append(4)
                continue
            fan_in = channels * (9 if stage[0] == "conv" else height * width)
            shape = (stage[1], channels, 3, 3) if stage[0] == "conv" else (stage[1], fan_in)
            self.thresholds.append(round(SPREAD * math.sqrt(fan_in) / GAIN))
            self.weights.append(nn.Parameter(torch.randn(shape) * SPREAD))

    def forward(self, x):
        """Images as floor(T * pixel) / T to the inputs of the output neurons, in spikes."""
        stages, weights, states = self.description["stages"], iter(self.weights), [x]
        self.excess = 0.0
        for number, (stage, threshold) in enumerate(zip(stages, self.thresholds)):
            x = states[-1]
            if stage[0] == "conv":
                u = functional.conv2d(x, integers(next(weights)), padding=1)
                if stage[2] is not None:
                    u = u + RESIDUAL_WEIGHT * states[-stage[2]]
            elif stage[0] == "pool":
                u = 4 * functional.avg_pool2d(x, 2)
            else:
                x = functional.dropout(x.flatten(1), self.dropout, self.training)
                u = functional.linear(x, integers(next(weights)))
            if self.judge_potentials:  # what never fires ends at -T |u|
                self.excess = self.excess + (-u * (self.timesteps / POTENTIAL) - 1).clamp(min=0).square().sum() / len(u)
            u = u / threshold
            if number == len(stages) - 1:
                return u * self.timesteps
            states.append(Floor.apply((u * self.timesteps).clamp(0, self.timesteps)) / self.timesteps)


def encode(pixels, timesteps):
    """Bytes to the counts of a deterministic rate code, divided by T."""
    return torch.floor(pixels.float() * (timesteps / 255)) / timesteps


def augment(pixels, mirror):
    """Each image shifted by up to 1/8 of its size, and mirrored or not."""
    reach = pixels.shape[-1] // 8
    padded = functional.pad(pixels, (reach,) * 4)
    size = pixels.shape[-1]
    rows, columns = (torch.randint(0, 2 * reach + 1, (len(pixels),)) for _ in range(2))
    flips = torch.rand(len(pixels)) < 0.5
    result = torch.empty_like(pixels)
    for number in range(len(pixels)):
        patch = padded[number, :, rows[number]:rows[number] + size, columns[number]:columns[number] + size]
        result[number] = patch.flip(-1) if mirror and flips[number] else patch
    return result


@torch.no_grad()
def accuracy(network, images, labels):
    network.eval()
    right = 0
    for first in range(0, len(images), 500):
        found = network(encode(images[first:first + 500], network.timesteps)).argmax(1)
        right += (found == labels[first:first + 500]).sum().item()
    network.train()
    return right / len(images)


def train(name, images, labels, check, epochs, batch=100, rate=0.15, dropout=0.0, mirror=True, seed=1, settle=0):
    """Integer weights and thresholds after training on bytes `images`; `check` (images, labels) is only reported. After
    `epochs`, `settle` more at a tenth of the rate, in which potentials beyond POTENTIAL are punished."""
    torch.manual_seed(seed)
    network = Network(name)
    network.dropout = dropout
    run_epochs(network, name, images, labels, check, epochs, batch, rate, mirror)
    if settle:
        network.dropout, network.judge_potentials = 0.0, True
        run_epochs(network, name, images, labels, check, settle, batch, rate / 10, mirror)
    final = [weights.detach().round().clamp(LOWEST, HIGHEST).to(torch.int8).numpy() for weights in network.weights]
    return final, network.thresholds


def run_epochs(network, name, images, labels, check, epochs, batch, rate, mirror):
    optimiser = torch.optim.Adam(network.parameters(), rate)
    steps = epochs * (len(images) // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps, pct_start=0.1)
    begin, done = time.monotonic(), 0
    for epoch in range(epochs):
        order, losses = torch.randperm(len(images)), []
        for first in range(0, len(images) - batch + 1, batch):
            chosen = order[first:first + batch]
            x = encode(augment(images[chosen], mirror), network.timesteps).contiguous(memory_format=torch.channels_last)
            scores = network(x) * (SHARPNESS * 20 / network.timesteps)
            loss = functional.cross_entropy(scores, labels[chosen], label_smoothing=0.05) + network.excess
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            with torch.no_grad():
                for weights in network.weights:
                    weights.clamp_(LOWEST - 0.5, HIGHEST + 0.5)
            losses.append(loss.item())
            done += 1
        left = (time.monotonic() - begin) / done * (steps - done)
        print(f"{name}: epoch {epoch + 1} of {epochs}, loss {sum(losses) / len(losses):.3f},"
              f" counting twin {accuracy(network, *check):.2%}, {left / 60:.0f} min left", file=sys.stderr, flush=True)
