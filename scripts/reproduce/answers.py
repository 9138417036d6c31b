# SPDX-License-Identifier: MIT
"""Tables that answer a question: a figure for each row and column of a grid, closed form and simulation in one cell."""
import claims
import grid
import report
import series
import words

SIDES = ("closed", "simulated")


def check(answer):
    """Refuses a table that lacks something."""
    where = answer.get("title", "a table")
    for key in ("title", "text", "row", "column", "column_label", "label"):
        if key not in answer:
            raise claims.ClaimError("%s: no %s" % (where, key))
    if not any(side in answer for side in SIDES):
        raise claims.ClaimError("%s: neither closed form nor simulation" % where)
    for side in SIDES:
        if side in answer:
            series.check(where, answer[side], _keys(answer[side]))


def _keys(side):
    return ["row", "column", "value"] + (["otherwise"] if "otherwise" in side else [])


def commands_of(answer):
    """The commands that the cells come from."""
    return [command for side in SIDES if side in answer for command in grid.commands(answer[side])]


def _name(value):
    return value if isinstance(value, str) else words.number(float(value))


def _cell(point, answer):
    """A crossover that does not exist: the ratio is below 1 everywhere, or nowhere."""
    if point is None:
        return "—"
    if point["value"] is not None:
        return "%.*f" % (answer.get("decimals", 1), point["value"] * answer.get("times", 1)) + answer.get("unit", "")
    return "any" if point.get("otherwise", 2) < 1 else "none"


def make(answer, runner):
    """The section of the report."""
    points = {side: {(_name(p["row"]), _name(p["column"])): p
                     for p in series.points(answer[side], _keys(answer[side]), runner)}
              for side in SIDES if side in answer}
    places = [place for found in points.values() for place in found]
    rows, columns = (list(dict.fromkeys(place[axis] for place in places)) for axis in (0, 1))
    head = [answer["label"]] + [answer["column_label"].replace("{}", column) for column in columns]
    body = [["%s = %s" % (answer["row"], row)] +
            [" / ".join(_cell(found.get((row, column)), answer) for found in points.values()) for column in columns]
            for row in rows]
    shown = list(dict.fromkeys(grid.shown(answer[side]) for side in SIDES if side in answer))
    return report.Section(answer["title"], answer["text"].strip(), head, body, shown)
