# SPDX-License-Identifier: MIT
"""Arithmetic that stands in the claims: numbers and lists by name, + - * / **, comparisons, and a few functions.

    evaluate("max(x) / min(x)", {"x": [1.0, 2.0]}) == 2.0

Functions take one list or several values. Nothing else of Python is reachable from there.
"""
import ast
import operator

import numpy

FUNCTIONS = {
    "abs": numpy.abs, "min": numpy.min, "max": numpy.max, "sum": numpy.sum, "mean": numpy.mean,
    "count": numpy.count_nonzero, "len": numpy.size, "log2": numpy.log2, "ceil": numpy.ceil,
}
OPERATORS = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: operator.pow, ast.USub: operator.neg, ast.UAdd: operator.pos,
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
}


class ExpressionError(ValueError):
    """The text is no such expression, or a name in it has no value."""


def _walk(node, values):
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return node.value
    if isinstance(node, ast.Name):
        if node.id not in values:
            raise ExpressionError("no value named '%s'" % node.id)
        return values[node.id]
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        return OPERATORS[type(node.op)](_walk(node.left, values), _walk(node.right, values))
    if isinstance(node, ast.UnaryOp) and type(node.op) in OPERATORS:
        return OPERATORS[type(node.op)](_walk(node.operand, values))
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in OPERATORS:
        return OPERATORS[type(node.ops[0])](_walk(node.left, values), _walk(node.comparators[0], values))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        if node.func.id not in FUNCTIONS or not node.args:
            raise ExpressionError("no function '%s'" % node.func.id)
        arguments = [_walk(argument, values) for argument in node.args]
        return FUNCTIONS[node.func.id](arguments[0] if len(arguments) == 1 else numpy.hstack(arguments))
    raise ExpressionError("not arithmetic: %s" % ast.unparse(node))


def names(text):
    """The names that an expression needs values for."""
    tree = _parse(text)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called}


def _parse(text):
    try:
        return ast.parse(str(text), mode="eval")
    except SyntaxError as error:
        raise ExpressionError("not an expression: %s" % text) from error


def evaluate(text, values):
    """The number that the expression gives. Lists are taken element by element."""
    arrays = {name: numpy.asarray(value, dtype=float) for name, value in values.items()}
    result = _walk(_parse(text).body, arrays)
    if numpy.ndim(result) != 0:
        raise ExpressionError("a list, not a number: %s" % text)
    return float(result)
