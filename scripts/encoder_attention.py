# SPDX-License-Identifier: MIT
"""Attention on cores, for encoder_convert.py: scores and weighted values as products of spikes with loaded counts.

    q, k, v     dense layers, each a pair
    late        host: q again when every key is loaded; per head in units that its range asks for
    scores      product of late with k: a pair for each head and token
    shares      host: softmax, sent as positive counts
    attention   product of the shares with v: a pair for each value

A weight is a bare count, so what a count of a key's channel means is folded into the query, and what one of a value's
means goes to who reads the result.  Two things cost nothing: softmax does not see what all keys have in common, and
shares add up to 1, so the means of keys and values over the calibration sentences are taken off (their biases) and
the values' given back behind (the bias of who reads it).  Counts then have more to say, and shares whose sum is not
quite 1 do less harm.

Neurons have a threshold for each head or channel, or, for tiles that have only one, all the same.
"""
import numpy as np

from encoder_model import HEADS
from encoder_spiking import Host, Product, counts, send, short
from tfjs_graph import softmax

PARTS = (0.25, 0.35, 0.5, 0.7, 1.0)  # of a largest value: what a full window may mean


def by_head(values):
    """Tokens x values as tokens x heads x values of a head."""
    return values.reshape(len(values), HEADS, -1)


def late_queries(made, number):
    """The host that sends the queries when the keys are loaded, with the keys' scales folded in."""
    name, query, key = f"late{number}", f"q{number}", f"k{number}"
    target = made.target[name] = made.target[query] * made.scale[key]
    top = np.repeat(np.abs(by_head(target)).max((0, 2)), target.shape[1] // HEADS)

    def loss(part):
        scale = part * top / made.window
        return np.square(by_head(counts(send(target, scale, made.window)) * scale - target) / top.max()).sum((0, 2))

    losses = np.array([loss(part) for part in PARTS])
    unit = top * np.repeat(np.array(PARTS)[losses.argmin(0)], target.shape[1] // HEADS)
    made.add(Host(name, "map", [query], [short(made.scale[query] * made.scale[key] / unit)], 1 / made.window,
                  {"function": "identity"}))
    return unit.reshape(HEADS, -1)[:, 0] / made.window  # of a count, by head


def shares_of(made, scores):
    """Softmax of tokens x heads x tokens within each sentence."""
    result = np.zeros_like(scores)
    for rows, into, length in zip(made.batch.split(scores), made.batch.split(result), made.batch.lengths):
        into[:, :, :length] = softmax(rows[:, :, :length])
    return result


def true_scores(made, number):
    """Of the original, keys without their mean: tokens x heads x tokens."""
    query, key = made.target[f"q{number}"], made.target[f"k{number}"]
    result = np.zeros((len(query), HEADS, made.batch.tokens))
    for q, k, into in zip(made.batch.split(query), made.batch.split(key), made.batch.split(result)):
        into[:, :, :len(k)] = np.einsum("ihd,jhd->ihj", by_head(q), by_head(k)) / np.sqrt(q.shape[1] // HEADS)
    return result


def scores(made, number, single):
    """The product of queries with keys: for each head the threshold that leaves the shares' least squared error, or a
    `single` one."""
    target = true_scores(made, number)
    wanted = shares_of(made, target)
    layer = Product(f"scores{number}", "scores", f"late{number}", f"k{number}", HEADS, np.ones(HEADS), np.ones(HEADS))
    top = np.abs(layer.drive(made.seen, made.batch).sum(0)).reshape(len(target), HEADS, -1).max((0, 2))

    def evaluate(part):
        layer.threshold = np.maximum(np.rint(part * (np.full(HEADS, top.max()) if single else top) / made.window), 1)
        found = counts(made.evaluate(layer)).reshape(target.shape)
        scale = short((found * target).sum((0, 2)) / np.maximum(np.square(found).sum((0, 2)), 1))
        error = np.square(shares_of(made, found * scale[:, None]) - wanted).sum((0, 2))
        error = np.full(HEADS, error.sum()) if single else error
        return error, layer.threshold, scale

    tried = [evaluate(part) for part in PARTS]
    best = np.argmin([error for error, _, _ in tried], 0)
    layer.threshold = np.array([tried[choice][1][head] for head, choice in enumerate(best)])
    layer.scale = np.array([tried[choice][2][head] for head, choice in enumerate(best)])
    layer.reach = 0, 0
    made.add(layer)


def values(made, number, single):
    """Softmax of the scores, and its product with the values; the largest share and the thresholds that leave the least
    squared error."""
    target = made.target[f"attention{number}"]
    channels = np.ones(target.shape[1])
    product = Product(f"attention{number}", "values", f"shares{number}", f"v{number}", HEADS, channels, channels)
    score = made.network.layers[-1]
    best = None
    for share in PARTS:
        host = Host(f"shares{number}", "softmax", [score.name], [score.scale], share / made.window)
        made.seen[host.name] = made.evaluate(host)
        top = np.abs(product.drive(made.seen, made.batch).sum(0)).max(0)
        for part in PARTS:
            reach = np.full(len(top), top.max()) if single else np.maximum(top, np.median(top))
            product.threshold = np.maximum(np.rint(part * reach / made.window), 1)
            product.scale = product.threshold * share / made.window * made.scale[f"v{number}"]
            error = made.regress(product, target)
            if best is None or error < best[0]:
                best = error, host, product.threshold, product.scale
    _, host, product.threshold, product.scale = best
    product.reach = 0, 0
    made.add(host)
    made.add(product)
    made.scale[product.name], made.unit[product.name] = product.scale, product.scale * made.window


def attention_on_cores(made, number, block, source, single=False):
    """Append the layers of one attention, with a threshold for each head or channel or a `single` one; the bias of what
    reads the result."""
    target, (weights, bias), (out, out_bias) = made.target, block.qkv, block.out
    means = {}
    for part, name in enumerate("qkv"):
        means[name] = 0 * bias if name == "q" else target[f"qkv{number}"].mean(0)
        columns = slice(part * len(bias) // 3, (part + 1) * len(bias) // 3)
        mean = means[name] = means[name][columns]
        target[f"{name}{number}"] = target[f"qkv{number}"][:, columns] - mean
        made.dense(f"{name}{number}", source, weights[:, columns], bias[columns] - mean)
    target[f"attention{number}"] = target[f"attention{number}"] - means["v"]
    late_queries(made, number)
    scores(made, number, single)
    values(made, number, single)
    return out_bias + means["v"] @ out
