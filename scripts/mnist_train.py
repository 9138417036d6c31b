# SPDX-License-Identifier: MIT
"""Trains a 784-512-10 network whose rate-coded spiking twin runs on 5-bit weights, with numpy alone.

Quantisation-aware from the first step.  The forward pass is what the spiking network counts after TIMESTEPS, were
spikes spread evenly:

    x = floor(TIMESTEPS * pixel / 255)                                 input spikes
    h = clip(floor(x . W1 / threshold1), 0, TIMESTEPS)                 hidden spikes
    z = h . W2 / threshold2                                            output spikes, not yet clipped or floored

with weights rounded and clipped to -16..15 and integer thresholds shared by a layer (no biases).  The backward pass
treats rounding as the identity (straight-through estimator).  Softmax cross-entropy on SHARPNESS * z: below 1, a lead
of one output spike is not yet a win, which leaves a margin against ties.  A constant pull on active hidden neurons
keeps hidden activity sparse.  Adam, rate falling linearly to zero; each batch is shifted by up to one pixel.

Reproducible on any processor and BLAS, whatever its order of summation: all operands of matrix products are integers
and all their sums stay below 2^24, hence exact in single precision (errors are rounded to 1/ERROR_UNIT for this);
the exponential is an integer table; everything else is elementwise IEEE arithmetic or the frozen stream of
numpy.random.RandomState.
"""
from decimal import Decimal

import numpy as np

TIMESTEPS = 20
HIDDEN = 512
THRESHOLDS = 120, 200
LOWEST, HIGHEST = -16, 15
BATCH = 128
ERROR_UNIT = 4096      # TIMESTEPS * ERROR_UNIT * BATCH < 2^24
SHARPNESS = 0.5
SPARSITY = 0.02        # pull on an active hidden neuron, in units of the output error
RATE = 0.1             # of Adam, in weight steps
SEED = 1


def quantise(latent):
    return np.rint(latent).clip(LOWEST, HIGHEST)


def softmax_table():
    """exp(-SHARPNESS * k / threshold2) in units of 2^-20 for k = 0, 1, ... down to nothing."""
    scale = Decimal(SHARPNESS) / THRESHOLDS[1]
    return np.array([int((Decimal(2) ** 20 * (-scale * k).exp()).to_integral_value())
                     for k in range(int(15 / scale))] + [0], np.int64)


class Adam:
    """Adam on a latent weight matrix, in place."""
    MEAN, SQUARE, FLOOR = np.float32(0.9), np.float32(0.999), np.float32(100)

    def __init__(self, latent):
        self.latent, self.mean, self.square = latent, np.zeros_like(latent), np.zeros_like(latent)
        self.mean_bias = self.square_bias = 1.0

    def step(self, gradient, rate):
        self.mean_bias *= 0.9
        self.square_bias *= 0.999
        self.mean *= self.MEAN
        self.mean += (1 - self.MEAN) * gradient
        self.square *= self.SQUARE
        gradient *= gradient
        self.square += (1 - self.SQUARE) * gradient
        scale = np.sqrt(self.square)
        scale *= np.float32((1 - self.square_bias) ** -0.5)
        scale += self.FLOOR
        np.divide(self.mean, scale, out=scale)
        scale *= np.float32(rate / (1 - self.mean_bias))
        self.latent -= scale
        np.clip(self.latent, LOWEST - 0.49, HIGHEST + 0.49, out=self.latent)


def gradients(x, labels, weights, table):
    """Gradients of both weight matrices (scaled by constants, which Adam does not see), for a batch of input counts."""
    s = x @ weights[0]
    h = np.floor(s / np.float32(THRESHOLDS[0])).clip(0, TIMESTEPS)
    z = (h @ weights[1]).astype(np.int64)
    behind = z.max(1, keepdims=True) - z
    odds = table[behind.clip(max=len(table) - 1)]
    error = np.rint(odds * ERROR_UNIT / odds.sum(1, keepdims=True)).astype(np.float32)
    error[np.arange(len(x)), labels] -= ERROR_UNIT
    blame = error @ weights[1].T + np.float32(SPARSITY * ERROR_UNIT)
    blame = np.rint(blame / 8).clip(-ERROR_UNIT, ERROR_UNIT)
    blame[(s <= 0) | (s >= (TIMESTEPS + 1) * THRESHOLDS[0])] = 0
    return x.T @ blame, h.T @ error


def train(images, labels, epochs, progress=print):
    """Integer weights [784 x HIDDEN, HIDDEN x 10] (float32) for bytes images x 28 x 28; `progress` is called per epoch."""
    random = np.random.RandomState(SEED)
    count = (TIMESTEPS * np.arange(256) // 255).astype(np.float32)
    table = softmax_table()
    optimisers = [Adam(random.uniform(-5, 5, shape).astype(np.float32)) for shape in ((784, HIDDEN), (HIDDEN, 10))]
    batches = len(images) // BATCH
    for epoch in range(epochs):
        order = random.permutation(len(images))
        for batch in range(batches):
            chosen = order[batch * BATCH:(batch + 1) * BATCH]
            shifted = np.roll(count[images[chosen]], random.randint(-1, 2, 2), (1, 2)).reshape(BATCH, 784)
            weights = [quantise(optimiser.latent) for optimiser in optimisers]
            rate = RATE * (1 - (epoch * batches + batch) / (epochs * batches))
            for optimiser, gradient in zip(optimisers, gradients(shifted, labels[chosen], weights, table)):
                optimiser.step(gradient, rate)
        progress(f"epoch {epoch + 1} of {epochs}")
    return [quantise(optimiser.latent) for optimiser in optimisers]
