# SPDX-License-Identifier: MIT
"""Points of a plot or a table: a command for each combination of a grid, and the fields to take from what it prints.

    {command: nocsim compare ... --layer timesteps={t},rate={rate} ..., grid: {t: [1, 5], rate: [0.01, 0.1]},
     x: drawn_rate, y: ratio, by: t}

x, y, by, ... are fields, or names of the grid (grid.py). A field may be a list (rows[*].ratio): then the command gives many
points. `against` is a second command, from which the field `over` is taken.
"""
import claims
import commands
import fields
import grid


def check(where, series, keys):
    """Refuses a series that lacks something."""
    missing = [key for key in ("command", *keys) if key not in series]
    if missing:
        raise claims.ClaimError("%s: no %s" % (where, ", ".join(missing)))
    for key in keys:
        if series[key] not in grid.names(series):
            fields.steps(series[key])


def points(series, keys, runner):
    """A dictionary of `keys` for each point; values that do not exist are None. Commands left out give none."""
    found = []
    for chosen in grid.combinations(series):
        command = grid.fill(series["command"], chosen)
        try:
            document = runner.document(command)
            other = runner.document(grid.fill(series["against"], chosen)) if "against" in series else document
        except commands.Skipped:
            continue
        columns = {key: chosen[series[key]] if series[key] in chosen else
                   fields.read(other if key == "over" else document, series[key]) for key in keys}
        lengths = {len(column) for column in columns.values() if isinstance(column, list)}
        if len(lengths) > 1:
            raise fields.FieldError("%s: columns of different lengths" % command)
        length = lengths.pop() if lengths else 1
        full = [column if isinstance(column, list) else [column] * length for column in columns.values()]
        found += [dict(zip(columns, values)) for values in zip(*full)]
    return found
