# SPDX-License-Identifier: MIT
"""Errors of piecewise-linear functions over segments: one panel a function, both ways to cut, in real numbers and in words.

    nocsim approximate --errors --format json | approximation.py OUTPUT.png      (or .pdf, .svg; needs matplotlib)
"""
import json
import os
import sys

CUTS = {"uniform": "--", "minimax": "-"}


def series(rows, cut):
    """{label: [(segments, largest error)]}"""
    result = {}
    for row in sorted((row for row in rows if row["cut"] == cut), key=lambda row: row["segments"]):
        errors = {f"{word['bits']} bits": word["most"] for word in row["words"]}
        for label, error in (("real", row["most"]), *errors.items()):
            result.setdefault(label, []).append((row["segments"], error))
    return result


def draw(panel, function, rows):
    for cut, style in CUTS.items():
        for number, (label, points) in enumerate(series(rows, cut).items()):
            panel.plot(*zip(*points), style, color=f"C{number}", marker="o", markersize=3, label=f"{label}, {cut}")
    panel.set_xscale("log", base=2)
    panel.set_yscale("log")
    panel.set_title(function)
    panel.grid(alpha=0.3)


def main(arguments):
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 1
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot
    rows = json.load(sys.stdin)
    functions = list(dict.fromkeys(row["function"] for row in rows))
    figure, panels = pyplot.subplots(2, -(-len(functions) // 2), figsize=(11, 6), squeeze=False, sharex=True)
    for panel, function in zip(panels.flat, functions):
        draw(panel, function, [row for row in rows if row["function"] == function])
    for panel in panels[-1]:
        panel.set_xlabel("segments")
    for row in panels:
        row[0].set_ylabel("largest error")
    panels[0][0].legend(fontsize=6)
    figure.tight_layout()
    os.makedirs(os.path.dirname(arguments[0]) or ".", exist_ok=True)
    figure.savefig(arguments[0], dpi=150)
    print(arguments[0])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
