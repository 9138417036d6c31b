# SPDX-License-Identifier: MIT
"""Where a figure stands in what a command printed.

    rows[0].crossover          a member of an object, an element of a list
    rows[*].ratio              that member of every element: a list
    energy_by_kind["a.b.c"]    a member whose name has dots
"""
import re

STEP = re.compile(r'\.?([A-Za-z_][\w-]*)|\[(\d+)\]|\[(\*)\]|\["([^"]+)"\]')


class FieldError(ValueError):
    """There is nothing at that place, or the place is badly written."""


def steps(path):
    """The path in parts: names, indices, and None for [*]."""
    found, at = [], 0
    while at < len(path):
        match = STEP.match(path, at)
        if match is None:
            raise FieldError("badly written field '%s'" % path)
        name, index, every, quoted = match.groups()
        found.append(None if every else int(index) if index else name or quoted)
        at = match.end()
    if not found:
        raise FieldError("an empty field")
    return found


def _follow(value, rest, path):
    for position, step in enumerate(rest):
        if step is None:
            if not isinstance(value, list):
                raise FieldError("'%s': [*] of something that is no list" % path)
            return [_follow(element, rest[position + 1:], path) for element in value]
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError) as error:
            raise FieldError("'%s': there is no '%s'" % (path, step)) from error
    return value


def read(document, path):
    """What stands there."""
    return _follow(document, steps(path), path)


def match(text, pattern):
    """The number that the first group of a regular expression finds in a text."""
    found = re.search(pattern, text, re.M)
    if found is None:
        raise FieldError("nothing in the output is like /%s/" % pattern)
    return float(found.group(1))
