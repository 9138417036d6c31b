# SPDX-License-Identifier: MIT
"""Judges each claim: the closed form against what was published, the simulation against the closed form.

Where there is no closed form, the simulation is held against what was published.
"""
import dataclasses

import claims
import commands
import expression
import fields
import grid

EXACT, WITHIN, MISSED, UNSPECIFIED, SKIPPED = "exact", "within tolerance", "miss as expected", "not specified", "not run"
FAILED = "FAILED"


@dataclasses.dataclass
class Figure:
    """A closed form or a simulated value, or why there is none."""
    value: float = None
    reason: str = ""
    commands: tuple = ()
    failed: bool = False
    skipped: bool = False


@dataclasses.dataclass
class Row:
    """A claim and what became of it."""
    claim: dict
    closed: Figure
    simulated: Figure
    verdict: str
    complaint: str = ""      # why the verdict is FAILED
    parting: float = None    # simulated / closed - 1
    parts: bool = False      # by more than was agreed

    @property
    def failed(self):
        """Something is not as the claims say."""
        return self.verdict == FAILED


def read(part, runner):
    """The number of a command, or the list of a grid of commands; None where one has no value."""
    if "values" in part:
        return part["values"]
    found = []
    for command in grid.commands(part):
        if "field" in part:
            found.append(fields.read(runner.document(command), part["field"]))
        else:
            found.append(fields.match(runner.text(command), part["pattern"]))
    if any(value is None or isinstance(value, str) for value in found):
        return None
    return found if grid.names(part) else found[0]


def figure(quantity, runner):
    """Takes a quantity out of what its commands printed."""
    if quantity is None:
        return Figure()
    if isinstance(quantity, str):
        return Figure(reason=quantity)
    parts = quantity.get("of", {"x": quantity})
    used = tuple(dict.fromkeys(grid.shown(part) for part in parts.values() if "command" in part))
    try:
        values = {name: read(part, runner) for name, part in parts.items()}
        if None in values.values():
            return Figure(reason="none", commands=used)
        return Figure(expression.evaluate(quantity.get("value", "x"), values), commands=used)
    except commands.Skipped as error:
        return Figure(reason=str(error), commands=used, skipped=True)
    except (commands.CommandError, fields.FieldError, expression.ExpressionError, TypeError) as error:
        return Figure(reason=str(error), commands=used, failed=True)


def deviation(published, value):
    """Distance from what was published; 0 inside a published bound or range."""
    if isinstance(published, dict):
        low = published.get("from", published.get("above", value))
        high = published.get("to", published.get("below", value))
        return min(value - low, 0.0) or max(value - high, 0.0)
    return value - published


def meets(claim, value):
    """Whether a value lies within the tolerance of what was published."""
    published = claim["published"]
    reference = max(map(abs, published.values())) if isinstance(published, dict) else published
    allowed = claims.tolerance(claim.get("tolerance", 0), reference)
    return abs(deviation(published, value)) <= allowed * (1 + 1e-9)


def compare(row):
    """Holds the simulation against the closed form; what is wrong, or nothing."""
    claim = row.claim
    if row.closed.value is None or row.simulated.value is None:
        return ""
    agreed = claims.tolerance(claim["agreement"], max(abs(row.closed.value), abs(row.simulated.value)))
    if row.closed.value != 0:
        row.parting = row.simulated.value / row.closed.value - 1
    row.parts = abs(row.simulated.value - row.closed.value) > agreed
    if row.parts and not claim.get("cause"):
        return "simulation and closed form part: %.6g, %.6g" % (row.simulated.value, row.closed.value)
    if claim.get("cause") and not row.parts:
        return "simulation and closed form are said to part, but do not"
    return ""


def judge(claim, runner):
    """The row of a claim: its closed form, or else its simulation, against what was published."""
    row = Row(claim, figure(claim.get("closed"), runner), figure(claim.get("simulated"), runner), UNSPECIFIED)
    for side, found in (("closed form", row.closed), ("simulation", row.simulated)):
        if found.failed:
            row.verdict, row.complaint = FAILED, "%s: %s" % (side, found.reason)
            return row
    row.complaint = compare(row)
    if row.complaint:
        row.verdict = FAILED
        return row
    if claim["status"] == "record":
        return row
    value = row.simulated.value if row.closed.value is None else row.closed.value
    missing = claim["status"] == "miss"
    if value is None and (row.closed.skipped or row.simulated.skipped):
        row.verdict = SKIPPED
    elif value is None:
        # A crossover that does not exist cannot meet a published one.
        row.verdict, row.complaint = (MISSED, "") if missing else (FAILED, "no value")
    elif missing:
        row.verdict, row.complaint = (FAILED, "met, although known to be missed") if meets(claim, value) else (MISSED, "")
    elif meets(claim, value):
        row.verdict = EXACT if claim["status"] == "exact" else WITHIN
    else:
        row.verdict, row.complaint = FAILED, "outside of the tolerance"
    return row
