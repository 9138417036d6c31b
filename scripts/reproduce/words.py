# SPDX-License-Identifier: MIT
"""Figures and verdicts as a reader wants them."""
import math

NAMES = {"closed": "closed form", "simulated": "simulated"}


def number(value, digits=5):
    """Up to five significant digits, no exponent where none is needed."""
    if value is None:
        return ""
    if value == 0:
        return "0"
    if not math.isfinite(value):
        return "none"
    if 1e-4 <= abs(value) < 1e7:
        decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
        text = "%.*f" % (decimals, value)
        return text.rstrip("0").rstrip(".") if "." in text else text
    return "%.*g" % (digits, value)


def published(claim):
    """What the source prints."""
    if "printed" in claim:
        return claim["printed"]
    value, unit = claim.get("published"), _unit(claim)
    if value is None:
        return "—"
    if isinstance(value, dict):
        if "above" in value:
            return "> %s%s" % (number(value["above"]), unit)
        if "below" in value:
            return "< %s%s" % (number(value["below"]), unit)
        return "%s – %s%s" % (number(value["from"]), number(value["to"]), unit)
    return number(value) + unit


def _unit(claim):
    return " " + claim["unit"] if claim.get("unit") else ""


def figure(claim, found):
    """A closed form or simulated value, or why there is none."""
    return number(found.value) + _unit(claim) if found.value is not None else found.reason or "—"


def percent(part, decimals=2):
    """A part of one with its sign, which nothing, and what is rounded to it, has not."""
    text = "%+.*f" % (decimals, 100 * part)
    return (text if text.strip("+-0.") else text[1:]) + " %"


def deviations(row, deviation):
    """How far closed form and simulation are from what was published, and from each other."""
    parts = []
    value = row.claim.get("published")
    for name, found in (("closed", row.closed), ("simulated", row.simulated)):
        if value is None or found.value is None:
            continue
        away = deviation(value, found.value)
        relative = isinstance(value, (int, float)) and value != 0 and row.claim.get("unit") != "%"
        parts.append("%s %s" % (NAMES[name], percent(away / value) if relative else
                                "%+.3g%s" % (away, " pp" if row.claim.get("unit") == "%" else _unit(row.claim))))
    if row.parting is not None:
        parts.append("simulated/closed " + percent(row.parting))
    return "; ".join(parts) or "—"


def remark(row):
    """What there is to say beside the verdict."""
    parts = "the simulation parts, see above" if row.parts and not row.failed else ""
    said = [row.complaint, parts, row.claim.get("inputs", ""), row.claim.get("note", "")]
    return "; ".join(text.strip() for text in said if text and text.strip())


def commands(row):
    """(what it gives, command) of a row."""
    closed, simulated = row.closed.commands, row.simulated.commands
    return [("closed form", c) for c in closed] + [("simulated", c) for c in simulated]
