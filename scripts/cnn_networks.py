# SPDX-License-Identifier: MIT
"""The convolutional networks among the workloads, as data: shapes only, no weights.

A network is a list of stages; each reads the stage before it, a residual stage also an earlier one:

    ("conv", channels, residual)   3 x 3, stride 1, padding 1; `residual` is None, or how many stages back the identity is
                                   taken from, whose spikes are added with the weight RESIDUAL_WEIGHT
    ("pool",)                      mean of 2 x 2: weights 1, threshold 4
    ("dense", neurons)

mnist-cnn is the network that fits the core count of the published MNIST CNN (705): on cores of 256 axons and 256
neurons, 4 patches x 16 channels convolve and 64 pool, 16 x 32 convolve, 32 pool, 32 hold the hidden layer, one the output:
64 + 64 + 512 + 32 + 32 + 1 = 705.  The channel counts of the two CIFAR-10 networks are ours.
"""
RESIDUAL_WEIGHT = 15

NETWORKS = {
    "mnist-cnn": {
        "input": (1, 28, 28), "timesteps": 20,
        "stages": [("conv", 16, None), ("pool",), ("conv", 32, None), ("pool",), ("dense", 128), ("dense", 10)],
    },
    "cifar10-cnn": {
        "input": (3, 32, 32), "timesteps": 80,
        "stages": [("conv", 24, None), ("pool",), ("conv", 48, None), ("pool",), ("conv", 96, None), ("conv", 96, None),
                   ("pool",), ("dense", 256), ("dense", 10)],
    },
    "cifar10-resnet": {
        "input": (3, 32, 32), "timesteps": 80,
        "stages": [("conv", 24, None), ("pool",),
                   ("conv", 24, None), ("conv", 24, 2),
                   ("conv", 48, None), ("pool",),
                   ("conv", 48, None), ("conv", 48, 2),
                   ("conv", 96, None),
                   ("conv", 96, None), ("conv", 96, 2),
                   ("pool",), ("dense", 10)],
    },
}


def shapes(network):
    """Channels, height, width before the first and after each stage; a dense stage has height and width 1."""
    result = [network["input"]]
    for stage in network["stages"]:
        channels, height, width = result[-1]
        result.append({"conv": lambda: (stage[1], height, width), "pool": lambda: (channels, height // 2, width // 2),
                       "dense": lambda: (stage[1], 1, 1)}[stage[0]]())
    return result
