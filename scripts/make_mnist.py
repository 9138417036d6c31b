#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the MNIST workload: trained weights, spike traces and reference counts (recipe: workloads/README.md).

Trains (or reads the committed weights with --from-weights), converts to a spiking network, checks on every image that
the hardware's widths hold, prints the accuracy of the integer reference, and writes

    workloads/mnist-mlp.npz                  weights and thresholds                       (only after training)
    workloads/mnist-mlp.spk                  the first 1,000 test images
    test/golden/mnist-mlp-counts.csv.gz      the reference's output spike counts for them
    workloads/mnist-mlp-10k.spk              all 10,000 test images                       (only with --all)
"""
import argparse
import gzip
import io
from pathlib import Path

import numpy as np

import mnist_data
import mnist_train
import snn_reference
import spk

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = 1000
WEIGHT_BITS = 5


def encode(images, timesteps):
    """Deterministic rate code, images x timesteps x pixels: each pixel accumulates its value p (0..255) and spikes
    when 255 is reached, keeping the rest."""
    pixels = images.reshape(len(images), -1).astype(np.int32)
    accumulated = np.zeros_like(pixels)
    train = np.zeros((len(images), timesteps, pixels.shape[1]), bool)
    for timestep in range(timesteps):
        accumulated += pixels
        train[:, timestep] = accumulated >= 255
        accumulated -= 255 * train[:, timestep]
    return train


def network(weights, thresholds):
    """The graph as .spk layers."""
    layers = [spk.Layer("image", "input", 784, attributes={"shape": [28, 28]})]
    for number, (name, matrix, threshold) in enumerate(zip(("hidden", "output"), weights, thresholds), 1):
        layers.append(spk.Layer(name, "dense", matrix.shape[1], [number - 1], "if", "soft", int(threshold), WEIGHT_BITS,
                                weights=matrix.astype(np.int8)))
    return layers


def simulate(layers, images, extremes):
    """Output spike counts, images x 10, and the mean spike rate of each layer."""
    counts, rates = [], []
    for chosen in snn_reference.batches(len(images)):
        trains = snn_reference.run(layers, {0: encode(images[chosen.start:chosen.stop], mnist_train.TIMESTEPS)}, extremes)
        counts.append(trains[len(layers) - 1].sum(1))
        rates.append([trains[number].mean() for number in range(len(layers))])
    return np.concatenate(counts), np.mean(rates, 0)


def report(name, labels, counts, rates, extremes):
    best = np.sort(counts, 1)
    print(f"{name}: {(counts.argmax(1) == labels).mean():.2%} of {len(labels)} images right,"
          f" {(best[:, -1] == best[:, -2]).mean():.2%} decided by a tie; spikes per neuron and timestep:",
          ", ".join(f"{rate:.4f}" for rate in rates))
    for what, (low, high) in extremes.seen.items():
        print(f"    {what}: {low}..{high}")


def write_trace(path, layers, images, labels):
    meta = {"name": "mnist-mlp", "created-by": "scripts/make_mnist.py",
            "description": f"784-512-10 perceptron on the first {len(images)} MNIST test images, rate code",
            "source": f"MNIST test set, npm package {mnist_data.PACKAGE}"}
    spk.write(path, mnist_train.TIMESTEPS, layers,
              ((label, {0: encode(image[None], mnist_train.TIMESTEPS)[0]}) for image, label in zip(images, labels)), meta)
    print(f"{path}: {path.stat().st_size:,} bytes")


def write_golden(path, labels, counts):
    text = io.StringIO()
    snn_reference.write_counts(text, labels, counts)
    path.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))
    print(f"{path}: {path.stat().st_size:,} bytes")


def main():
    parser = argparse.ArgumentParser(description="Make the MNIST workload (see workloads/README.md).")
    parser.add_argument("--data", type=Path, default=ROOT / "build" / "mnist-data", metavar="DIR",
                        help="folder of the four MNIST files; fetched with npm when missing (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=ROOT, metavar="DIR",
                        help="where workloads/ and test/ are (default: this project)")
    parser.add_argument("--from-weights", action="store_true", help="read workloads/mnist-mlp.npz instead of training")
    parser.add_argument("--epochs", type=int, default=30, help="passes over the training set (default: %(default)s)")
    parser.add_argument("--all", action="store_true", help="also write workloads/mnist-mlp-10k.spk")
    options = parser.parse_args()
    data, workloads, golden = mnist_data.fetch(options.data), options.out / "workloads", options.out / "test" / "golden"
    workloads.mkdir(parents=True, exist_ok=True)
    golden.mkdir(parents=True, exist_ok=True)

    if options.from_weights:
        with np.load(workloads / "mnist-mlp.npz") as stored:
            weights, thresholds = [stored["hidden"], stored["output"]], stored["thresholds"]
        layers = network(weights, thresholds)
    else:
        images, labels = (mnist_data.load(data, f"train-{part}-ubyte") for part in ("images-idx3", "labels-idx1"))
        weights, thresholds = mnist_train.train(images, labels, options.epochs), mnist_train.THRESHOLDS
        layers, extremes = network(weights, thresholds), snn_reference.Extremes()
        report("training set", labels, *simulate(layers, images, extremes), extremes)
        extremes.check()
        np.savez_compressed(workloads / "mnist-mlp.npz", hidden=layers[1].weights, output=layers[2].weights,
                            thresholds=np.array(thresholds, np.int16))

    images, labels = (mnist_data.load(data, f"t10k-{part}-ubyte") for part in ("images-idx3", "labels-idx1"))
    extremes = snn_reference.Extremes()
    counts, rates = simulate(layers, images, extremes)
    report("test set", labels, counts, rates, extremes)
    extremes.check()
    write_trace(workloads / "mnist-mlp.spk", layers, images[:SHIPPED], labels[:SHIPPED])
    write_golden(golden / "mnist-mlp-counts.csv.gz", labels[:SHIPPED], counts[:SHIPPED])
    if options.all:
        write_trace(workloads / "mnist-mlp-10k.spk", layers, images, labels)


if __name__ == "__main__":
    main()
