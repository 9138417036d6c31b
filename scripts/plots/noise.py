# SPDX-License-Identifier: MIT
"""Accuracy over noise: one panel for each sweep database, the mean over seeds with its 95 % interval.

    noise.py OUTPUT.png DATABASE...        (or .pdf, .svg; needs matplotlib)

A database is one of `nocsim sweep configs/sweeps/noise-*.yaml`: its first axis is the noise; points that failed are
left out and named on stderr.
"""
import math
import os
import sqlite3
import sys

COLUMNS = 4
LEAST_SPAN = 100  # above this ratio of the largest to the smallest value the axis is logarithmic


def read(path):
    """(title, axis label, [(x, accuracy, half of the interval)])"""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        name, unit = db.execute("SELECT name, unit FROM axis ORDER BY id LIMIT 1").fetchone()
        title, = db.execute("SELECT value FROM sweep WHERE key = 'name'").fetchone()
        rows = db.execute(f'SELECT "{name}", accuracy, accuracy_interval FROM result ORDER BY 1').fetchall()
        failed, = db.execute("SELECT failed + missing FROM progress").fetchone()
    if failed:
        print(f"{path}: {failed} points are missing", file=sys.stderr)
    return title.removeprefix("noise-"), f"{name} ({unit})" if unit else name, [(x, a, i or 0) for x, a, i in rows]


def draw(panel, title, label, points):
    x, accuracy, interval = ([point[i] for point in points] for i in range(3))
    low = [100 * max(0, a - i) for a, i in zip(accuracy, interval)]
    high = [100 * min(1, a + i) for a, i in zip(accuracy, interval)]
    positive = [value for value in x if value > 0]
    if positive and max(positive) >= LEAST_SPAN * min(positive):
        panel.set_xscale("symlog", linthresh=10 ** math.floor(math.log10(min(positive))))
    panel.fill_between(x, low, high, alpha=0.3, linewidth=0)
    panel.plot(x, [100 * a for a in accuracy], marker="o", markersize=3)
    panel.set_title(title)
    panel.set_xlabel(label)
    panel.set_ylim(0, 102)
    panel.grid(alpha=0.3)


def main(arguments):
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 1
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot
    output, databases = arguments[0], arguments[1:]
    columns = min(COLUMNS, len(databases))
    rows = -(-len(databases) // columns)
    figure, panels = pyplot.subplots(rows, columns, figsize=(3.2 * columns, 2.6 * rows), squeeze=False, sharey=True)
    for panel in panels.flat[len(databases):]:
        panel.set_visible(False)
    for panel, path in zip(panels.flat, databases):
        draw(panel, *read(path))
    for row in panels:
        row[0].set_ylabel("accuracy, %")
    figure.tight_layout()
    os.makedirs(os.path.dirname(output) or ".", exist_ok=True)
    figure.savefig(output, dpi=150)
    print(output)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
