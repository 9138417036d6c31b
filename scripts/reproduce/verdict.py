# SPDX-License-Identifier: MIT
"""Judges each claim: what was published against the closed form and the simulation, and these against each other."""
import dataclasses

import claims
import commands
import expression
import fields

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

    @property
    def failed(self):
        """Something is not as the claims say."""
        return self.verdict == FAILED


def figure(quantity, runner):
    """Takes a quantity out of what its commands printed."""
    if quantity is None:
        return Figure()
    if isinstance(quantity, str):
        return Figure(reason=quantity)
    parts = quantity.get("of", {"x": quantity})
    used = tuple(dict.fromkeys(claims.commands_of(quantity)))
    values = {}
    try:
        for name, part in parts.items():
            if "field" in part:
                values[name] = fields.read(runner.document(part["command"]), part["field"])
            else:
                values[name] = fields.match(runner.text(part["command"]), part["pattern"])
            if values[name] is None or isinstance(values[name], str):
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


def judge(claim, runner):
    """The row of a claim."""
    closed, simulated = figure(claim.get("closed"), runner), figure(claim.get("simulated"), runner)
    row = Row(claim, closed, simulated, UNSPECIFIED)
    for side, found in (("closed form", closed), ("simulation", simulated)):
        if found.failed:
            row.verdict, row.complaint = FAILED, "%s: %s" % (side, found.reason)
            return row
    if closed.value is not None and simulated.value is not None and closed.value != 0:
        row.parting = simulated.value / closed.value - 1
    if row.parting is not None and "agreement" in claim:
        parts = abs(row.parting) > claims.tolerance(claim["agreement"], 1.0)
        if parts and "cause" not in claim:
            row.verdict, row.complaint = FAILED, "simulation and closed form part by %+.1f %%" % (100 * row.parting)
            return row
    if claim["status"] == "record":
        return row
    values = [found.value for found in (closed, simulated) if found.value is not None]
    if "cause" in claim and closed.value is not None:
        values = [closed.value]
    if not values:
        # No value where one was asked for is a result too: a crossover that does not exist cannot meet a published one.
        row.verdict = SKIPPED if closed.skipped or simulated.skipped else MISSED if claim["status"] == "miss" else FAILED
        row.complaint = "no value" if row.verdict == FAILED else ""
        return row
    met = [meets(claim, value) for value in values]
    if claim["status"] == "miss":
        row.verdict = FAILED if any(met) else MISSED
        row.complaint = "met, although known to be missed" if any(met) else ""
    elif all(met):
        row.verdict = EXACT if claim["status"] == "exact" else WITHIN
    else:
        row.verdict, row.complaint = FAILED, "outside of the tolerance"
    return row
