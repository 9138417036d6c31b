# SPDX-License-Identifier: MIT
"""Evaluates a TensorFlow.js graph model (model.json and its weight shards) with numpy, in single precision.

Only the operators that a sentence encoder uses are here; another one ends the program by its name. Single precision
follows TensorFlow; sums are in numpy's order, so results agree to rounding, not to the bit.
"""
import json
import sys

import numpy as np

DTYPES = {1: np.float32, 3: np.int32, 9: np.int64, 10: np.bool_}


def softmax(x):
    """Softmax over the last axis."""
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def conv2d(x, kernel):
    """A convolution whose kernel is 1 x 1, channels last."""
    assert kernel.shape[:2] == (1, 1)
    return x @ kernel[0, 0]


def scatter(index, updates, shape):
    """Rows of `updates` at the places `index` of an array of zeros."""
    result = np.zeros(shape, updates.dtype)
    np.add.at(result, tuple(np.moveaxis(index, -1, 0)), updates)
    return result


def sparse_to_dense(index, shape, values, default):
    """`values` at the places `index` of an array of `default`."""
    result = np.full(shape, default, np.asarray(values).dtype)
    result[tuple(np.moveaxis(index, -1, 0))] = values
    return result


def strided_slice(attributes, x, begin, end, strides):
    """Python's slices, with TensorFlow's bit masks."""
    mask = {name: int(attributes[f"{name}_mask"]["i"]) for name in ("begin", "end", "shrink_axis", "new_axis", "ellipsis")}
    assert not mask["new_axis"] and not mask["ellipsis"]
    index = []
    for axis, (first, last, step) in enumerate(zip(begin, end, strides)):
        bit = 1 << axis
        index.append(first if mask["shrink_axis"] & bit else
                     slice(None if mask["begin"] & bit else first, None if mask["end"] & bit else last, step))
    return x[tuple(index)]


def reduction(function):
    """An operator that reduces axes."""
    return lambda a, x, axes: function(x, axis=tuple(np.atleast_1d(axes)), keepdims=bool(a["keep_dims"]["b"]))


def squeeze(attributes, x):
    """Axes of one element removed."""
    return np.squeeze(x, axis=tuple(int(axis) for axis in attributes["squeeze_dims"]["list"]["i"]))


def matmul(first, second):
    """A product of matrices, either transposed by an attribute."""
    def apply(a, x, y):
        return (np.swapaxes(x, -1, -2) if a[first]["b"] else x) @ (np.swapaxes(y, -1, -2) if a[second]["b"] else y)
    return apply


def same(function):
    """An operator without attributes."""
    return lambda a, *operands: function(*operands)


OPERATORS = {
    "Add": same(np.add), "Sub": same(np.subtract), "Mul": same(np.multiply), "RealDiv": same(np.divide),
    "BiasAdd": same(np.add), "Maximum": same(np.maximum), "Less": same(np.less), "Greater": same(np.greater),
    "LogicalNot": same(np.logical_not), "Sin": same(np.sin), "Cos": same(np.cos), "Tanh": same(np.tanh),
    "Square": same(np.square), "Rsqrt": same(lambda x: np.float32(1) / np.sqrt(x)),
    "Relu": same(lambda x: np.maximum(x, np.float32(0))), "Softmax": same(softmax),
    "Mean": reduction(np.mean), "Sum": reduction(np.sum), "Max": reduction(np.max), "Prod": reduction(np.prod),
    "Cast": lambda a, x: x.astype(DTYPES[a["DstT"]["type"]]),
    "Shape": same(lambda x: np.array(x.shape, np.int32)), "Reshape": same(lambda x, shape: x.reshape(shape)),
    "ExpandDims": same(lambda x, axis: np.expand_dims(x, int(axis))), "Squeeze": squeeze,
    "Transpose": same(np.transpose), "Pack": same(lambda *parts: np.stack(parts)),
    "ConcatV2": same(lambda *parts: np.concatenate(parts[:-1], axis=int(parts[-1]))),
    "SplitV": same(lambda x, sizes, axis: np.split(x, np.cumsum(sizes)[:-1], axis=int(axis))),
    "Range": same(lambda first, last, step: np.arange(first, last, step)),
    "Slice": same(lambda x, begin, size: x[tuple(slice(b, None if s < 0 else b + s) for b, s in zip(begin, size))]),
    "StridedSlice": strided_slice, "Where": same(lambda x: np.argwhere(x)),
    "GatherV2": same(lambda x, index, axis: np.take(x, index, axis=int(axis))),
    "GatherNd": same(lambda x, index: x[tuple(np.moveaxis(index, -1, 0))]),
    "ScatterNd": same(scatter), "SparseToDense": same(sparse_to_dense),
    "MatMul": matmul("transpose_a", "transpose_b"), "BatchMatMul": matmul("adj_x", "adj_y"), "Conv2D": same(conv2d),
}


class Graph:
    """`Graph(description, shards)`; `weights` by name; `run(output, inputs)` evaluates the node named `output`."""

    def __init__(self, description, shards):
        self.weights = {}
        content, place = b"".join(shards), 0
        for weight in (weight for group in description["weightsManifest"] for weight in group["weights"]):
            count = int(np.prod(weight["shape"]))
            values = np.frombuffer(content, np.dtype(weight["dtype"]), count, place)
            self.weights[weight["name"]] = values.reshape(weight["shape"])
            place += 4 * count
        assert place == len(content)
        self.nodes = {node["name"]: node for node in description["modelTopology"]["node"]}

    @classmethod
    def parse(cls, text, shards):
        """From the text of model.json and the bytes of its shards, in order."""
        return cls(json.loads(text), shards)

    def run(self, output, inputs):
        """The value of a node, given those of the placeholders."""
        values = {**self.weights, **inputs}
        stack = [output]
        while stack:
            name = stack[-1]
            node = self.nodes[name]
            needed = [source.split(":")[0] for source in node["input"]]
            missing = [source for source in needed if source not in values]
            if name not in values and not missing:
                if node["op"] not in OPERATORS:
                    sys.exit(f"{name}: no operator {node['op']}")
                operands = [values[source.split(":")[0]] for source in node["input"]]
                operands = [value[int(source.partition(":")[2] or 0)] if isinstance(value, list) else value
                            for value, source in zip(operands, node["input"])]
                values[name] = OPERATORS[node["op"]](node["attr"], *operands)
            if name in values:
                stack.pop()
            stack += missing
        return values[output]
