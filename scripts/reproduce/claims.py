# SPDX-License-Identifier: MIT
"""The published claims as data: reading, expanding and checking scripts/reproduce/claims/*.yaml.

A file is a group of claims. A claim says what was published, and which command gives the same figure as a closed form
and as a simulation:

    - id: A7-classical
      claim: energy of the SNN over that of the ANN
      published: 0.850                  # or {above: X}, {below: X}, {from: X, to: Y}; null: nothing is published
      tolerance: 5e-4                   # absolute, or '2 %' of what was published
      trust: code                       # paper, code, note, derived, fit, choice, recalled
      status: exact                     # see STATUSES
      closed: {command: nocsim model ..., field: 'rows[0].ratio'}
      simulated: {command: nocsim compare ..., field: ratio}
      agreement: "2 %"                  # of simulation and closed form; absolute, or of the larger
      slow: true                        # left out of fast runs
      cause: KEY                        # why they part all the same (contents.yaml); that they do is checked

A quantity may be an expression of several fields:  {of: {a: {command, field}, b: {...}}, value: a / b}. A command with a
`grid` (grid.py) gives a list, of which `value` makes a number; `{values: [1, 2]}` is a list that is not asked of a command.
`cases: {t: [1, 2], published: [3, 4]}` makes a claim of each column; {t} is put into every text. What stands at the group's
head (source, trust, status, tolerance, unit, agreement) holds for each of its claims that does not say otherwise.
"""
import os
import re

import yaml

import expression
import fields
import grid

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "claims")
TRUST = ["paper", "code", "note", "derived", "fit", "choice", "recalled"]
STATUSES = {
    "exact": "the formula is the authors' own; agreement to the published digits is demanded",
    "pred": "reproduced without having been used in any fit",
    "post": "no constant was fitted to it, but the reading of the model was chosen with this row in view",
    "fit": "a constant was fitted to this row: agreement shows nothing but arithmetic",
    "calibrated": "a unit energy was calibrated on this row",
    "miss": "known not to be reproduced; that it is missed is checked",
    "record": "what it depends on is not published: shown, not judged",
}
INHERITED = ["source", "trust", "status", "tolerance", "unit", "agreement"]
KEYS = set(INHERITED) | {"id", "claim", "published", "printed", "closed", "simulated", "cause", "note", "inputs",
                         "slow"}


class ClaimError(ValueError):
    """A claim is badly written; says which and how."""


def expand(claim):
    """The claims that one entry with `cases` stands for."""
    claim = dict(claim)
    columns = claim.pop("cases", None)
    if columns is None:
        return [claim]
    lengths = {len(column) for column in columns.values()}
    if len(lengths) != 1:
        raise ClaimError("%s: the columns of its cases are not equally long" % claim.get("id"))
    cases = [dict(zip(columns, values)) for values in zip(*columns.values())]
    return [grid.fill({**claim, **{key: value for key, value in case.items() if key in KEYS}}, case) for case in cases]


def _check_quantity(where, quantity):
    if isinstance(quantity, str):
        return
    if not isinstance(quantity, dict):
        raise ClaimError("%s: neither a quantity nor the reason why there is none" % where)
    parts = quantity.get("of", {"x": {key: quantity[key] for key in quantity if key != "value"}})
    for name, part in parts.items():
        if set(part) == {"values"}:
            continue
        extra = set(part) - {"command", "field", "pattern", "grid", "pairs", "set"}
        if "command" not in part or extra or ("field" in part) == ("pattern" in part):
            raise ClaimError("%s: '%s' takes a command, and a field or a pattern" % (where, name))
        if "field" in part:
            fields.steps(part["field"])
        else:
            re.compile(part["pattern"])
    if "of" in quantity and "value" not in quantity:
        raise ClaimError("%s: several figures, but no value made of them" % where)
    if "value" in quantity:
        unknown = expression.names(quantity["value"]) - set(parts)
        if unknown:
            raise ClaimError("%s: no figure is named %s" % (where, ", ".join(sorted(unknown))))


def _check_published(where, published):
    number = (int, float)
    if published is None or (isinstance(published, number) and not isinstance(published, bool)):
        return
    if isinstance(published, dict) and set(published) in ({"above"}, {"below"}, {"from", "to"}) and \
            all(isinstance(value, number) for value in published.values()):
        return
    raise ClaimError("%s: published is a number, {above}, {below}, {from, to} or null" % where)


def check(claim, causes):
    """Refuses a claim that is not complete or not understood."""
    where = claim.get("id", "a claim without id")
    unknown = set(claim) - KEYS
    if unknown:
        raise ClaimError("%s: unknown key %s" % (where, ", ".join(sorted(unknown))))
    for key in ("id", "claim", "source", "trust", "status"):
        if not claim.get(key):
            raise ClaimError("%s: no %s" % (where, key))
    if not re.fullmatch(r"[\w.+-]+", claim["id"]):
        raise ClaimError("%s: an id is one word" % where)
    if claim["trust"] not in TRUST:
        raise ClaimError("%s: trust is one of %s" % (where, ", ".join(TRUST)))
    if claim["status"] not in STATUSES:
        raise ClaimError("%s: status is one of %s" % (where, ", ".join(STATUSES)))
    _check_published(where, claim.get("published"))
    if claim["status"] != "record" and claim.get("published") is None:
        raise ClaimError("%s: nothing is published, so its status is record" % where)
    judged = [side for side in ("closed", "simulated") if isinstance(claim.get(side), dict)]
    if claim["status"] != "record" and not judged:
        raise ClaimError("%s: neither a closed form nor a simulation, so its status is record" % where)
    if claim["status"] == "record" and not claim.get("note"):
        raise ClaimError("%s: a record says what is not published" % where)
    for side in ("closed", "simulated"):
        if side in claim:
            _check_quantity("%s, %s" % (where, side), claim[side])
    for key in ("tolerance", "agreement"):
        if key in claim:
            tolerance(claim[key], 1.0)
    if claim["status"] != "record" and isinstance(claim["published"], (int, float)) and "tolerance" not in claim:
        raise ClaimError("%s: no tolerance" % where)
    if len(judged) == 2 and "agreement" not in claim:
        raise ClaimError("%s: how well simulation and closed form agree is not said" % where)
    if claim.get("cause") and claim["cause"] not in causes:
        raise ClaimError("%s: no cause is named '%s'" % (where, claim["cause"]))


def tolerance(text, reference):
    """A tolerance in the unit of the figure: a number, or '2 %' of the reference."""
    found = re.fullmatch(r"\s*([\d.eE+-]+)\s*%\s*", str(text))
    try:
        return float(found.group(1)) / 100 * abs(reference) if found else float(text)
    except ValueError as error:
        raise ClaimError("no tolerance: '%s'" % text) from error


def _read(path):
    with open(path, encoding="utf-8") as file:
        try:
            return yaml.safe_load(file)
        except yaml.YAMLError as error:
            raise ClaimError(" ".join(str(error).split())) from error


def load(folder=FOLDER):
    """(groups in the order of contents.yaml, each with its expanded claims; contents)."""
    contents = _read(os.path.join(folder, "contents.yaml"))
    groups, seen = [], set()
    for name in contents["groups"]:
        group = _read(os.path.join(folder, name + ".yaml"))
        group["name"] = name
        head = {key: group[key] for key in INHERITED if key in group}
        group["claims"] = [{**head, **claim} for entry in group["claims"] for claim in expand(entry)]
        for claim in group["claims"]:
            check(claim, contents.get("causes", {}))
            if claim["id"] in seen:
                raise ClaimError("%s: twice" % claim["id"])
            seen.add(claim["id"])
        groups.append(group)
    return groups, contents


def load_list(name, checker, folder=FOLDER):
    """The plots or tables of a file; none where there is no file."""
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        return []
    found = _read(path)
    for entry in found:
        checker(entry)
    return found


def commands_of(quantity):
    """The commands that a quantity needs."""
    if not isinstance(quantity, dict):
        return []
    return [command for part in quantity.get("of", {"x": quantity}).values() for command in grid.commands(part)]
