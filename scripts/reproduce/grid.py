# SPDX-License-Identifier: MIT
"""One command text for many commands: names in braces, and the values that they take together or each with each."""
import itertools
import re

import expression


def fill(value, names):
    """Puts the values of {name} into every text. A text that is nothing but {name} becomes the value itself."""
    if isinstance(value, str):
        whole = re.fullmatch(r"\{(\w+)\}", value)
        if whole and whole.group(1) in names:
            return names[whole.group(1)]
        return re.sub(r"\{(\w+)\}", lambda m: str(names.get(m.group(1), m.group(0))), value)
    if isinstance(value, dict):
        return {key: fill(part, names) for key, part in value.items()}
    if isinstance(value, list):
        return [fill(part, names) for part in value]
    return value


def names(part):
    """What the command of a figure or series may name in braces."""
    return [*part.get("pairs", {}), *part.get("grid", {}), *part.get("set", {})]


def combinations(part):
    """Every choice of values for these names: columns of `pairs` go together, `grid` is each with each, `set` is computed
    from the others."""
    pairs, grid = part.get("pairs", {}), part.get("grid", {})
    found = []
    for together in zip(*pairs.values()) if pairs else [()]:
        for values in itertools.product(*grid.values()):
            chosen = {**dict(zip(pairs, together)), **dict(zip(grid, values))}
            numbers = {name: value for name, value in chosen.items() if not isinstance(value, str)}
            for name, text in part.get("set", {}).items():
                chosen[name] = "%g" % expression.evaluate(text, numbers)
            found.append(chosen)
    return found


def shown(part):
    """What the commands are for a reader: the text in quotes, and what the names in it stand for."""
    values = {**part.get("pairs", {}), **part.get("grid", {}), **part.get("set", {})}
    stands = ["{%s} = %s" % (name, ", ".join(map(str, value)) if isinstance(value, list) else value)
              for name, value in values.items() if "{%s}" % name in part["command"]]
    texts = ["`%s`" % part[key] for key in ("command", "against") if key in part]
    return " over ".join(texts) + (" with " + "; ".join(stands) if stands else "")


def commands(part):
    """The commands that a figure or series stands for."""
    return [fill(part[key], chosen) for key in ("command", "against") if key in part for chosen in combinations(part)]
