# SPDX-License-Identifier: MIT
"""The plots of plots.yaml: closed forms as lines, simulation as points, shares as stacked bars. Drawn as SVG.

Colours are those of Okabe and Ito, which differ for colour-blind readers too; each curve has a marker of its own besides.
"""
import io
import math
import re

import claims
import grid
import report
import series

COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999"]
MARKERS = ["o", "s", "^", "D", "v", "P", "X", "*"]
KINDS = ("curves", "shares")


def _keys(part):
    return ["x", "y"] + [key for key in ("by", "over") if key in part]


def _parts(plot):
    """(line or points, series) of a plot of curves; either may be a list of series."""
    return [(kind, part) for kind in ("line", "points") if kind in plot
            for part in (plot[kind] if isinstance(plot[kind], list) else [plot[kind]])]


def _all(plot):
    return [part for _, part in _parts(plot)] + plot.get("bars", [])


def check(plot):
    """Refuses a plot that lacks something."""
    where = plot.get("id", "a plot without id")
    for key in ("title", "caption", "kind", "y"):
        if key not in plot:
            raise claims.ClaimError("%s: no %s" % (where, key))
    if plot["kind"] not in KINDS:
        raise claims.ClaimError("%s: kind is one of %s" % (where, ", ".join(KINDS)))
    for _, part in _parts(plot):
        series.check(where, part, _keys(part))
        if ("by" in part) == ("name" in part):
            raise claims.ClaimError("%s: a series has a name, or a field by which it falls into curves" % where)
    for bar in plot.get("bars", []):
        series.check(where, {**bar, **bar["parts"]}, ["group", "of", *bar["parts"]])
    if not _all(plot):
        raise claims.ClaimError("%s: nothing to draw" % where)


def commands_of(plot):
    """The commands that the plot comes from."""
    return [command for part in _all(plot) for command in grid.commands(part)]


def _shown(plot):
    return list(dict.fromkeys(grid.shown(part) for part in _all(plot)))


def _axis(axes, which, description):
    getattr(axes, "set_%slabel" % which)(description["label"])
    if description.get("scale") == "log":
        getattr(axes, "set_%sscale" % which)("log")
        from matplotlib.ticker import FuncFormatter, NullFormatter
        axis = getattr(axes, which + "axis")
        axis.set_major_formatter(FuncFormatter(lambda value, _: "%g" % value))
        axis.set_minor_formatter(NullFormatter())
    if "ticks" in description:
        getattr(axes, "set_%sticks" % which)(description["ticks"])
    if "from" in description or "to" in description:
        getattr(axes, "set_%slim" % which)(description.get("from"), description.get("to"))


def _curves(plot, axes, runner):
    scale_x, scale_y = plot["x"].get("times", 1), plot["y"].get("times", 1)
    drawn = [(kind, [{"by": part.get("name"), **point} for point in series.points(part, _keys(part), runner)])
             for kind, part in _parts(plot)]
    kinds = {kind for kind, _ in drawn}
    names = list(dict.fromkeys(p["by"] for _, found in drawn for p in found))
    order = sorted(names, key=lambda name: (isinstance(name, str), name if not isinstance(name, str) else 0))
    for number, name in enumerate(order):
        colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
        label = "%s%g" % (plot["by"], name) if isinstance(name, (int, float)) else plot["by"] + str(name)
        for kind, found in drawn:
            x = [p["x"] * scale_x for p in found if p["by"] == name]
            y = [math.nan if p["y"] is None else p["y"] * scale_y / p.get("over", 1) for p in found if p["by"] == name]
            style = {"linestyle": "-"} if kind == "line" else {"linestyle": "none", "marker": marker, "markersize": 4.5}
            axes.plot(x, y, color=colour, **style)
        axes.plot([], [], color=colour, marker=marker if "points" in kinds else None, markersize=4.5,
                  linestyle="-" if "line" in kinds else "none", label=label)
    if "level" in plot["y"]:
        axes.axhline(plot["y"]["level"], color="#666666", linewidth=1, linestyle="--")
    axes.legend(fontsize=8, frameon=False)
    _axis(axes, "x", plot["x"])


def _shares(plot, axes, runner):
    """A bar for each group and entry of `bars`, in parts, over the total of `of` in the same document."""
    names = list(dict.fromkeys(name for bar in plot["bars"] for name in bar["parts"]))
    width = 0.8 / len(plot["bars"])
    groups, used = [], set()
    for number, bar in enumerate(plot["bars"]):
        keys = {"group": bar["group"], "of": bar["of"], **{name: field for name, field in bar["parts"].items()}}
        found = series.points({**bar, **keys}, list(keys), runner)
        groups = groups or [p["group"] for p in found]
        bottom = [0.0] * len(found)
        at = [index + (number - (len(plot["bars"]) - 1) / 2) * width for index in range(len(found))]
        for name in bar["parts"]:
            colour = COLOURS[names.index(name) % len(COLOURS)]
            height = [p[name] / p["of"] for p in found]
            axes.bar(at, height, width * 0.92, bottom=bottom, color=colour, edgecolor="white", linewidth=0.4,
                     label=None if name in used else name)
            used.add(name)
            bottom = [low + high for low, high in zip(bottom, height)]
        for place, top in zip(at, bottom):
            axes.text(place, top, bar["name"], ha="center", va="bottom", fontsize=7)
    axes.set_xticks(range(len(groups)), ["%s%s" % (plot.get("by", ""), group) for group in groups])
    axes.legend(fontsize=8, frameon=False)


def draw(plot, runner):
    """The plot of the report."""
    import matplotlib
    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": plot["id"], "font.size": 9})
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(figsize=(6.4, 4.0), layout="constrained")
    (_curves if plot["kind"] == "curves" else _shares)(plot, axes, runner)
    _axis(axes, "y", plot["y"])
    axes.grid(True, color="#DDDDDD", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    pyplot.close(figure)
    svg = re.sub(r"^.*?(?=<svg)", "", text.getvalue(), flags=re.S)
    return report.Plot(plot["title"], plot["caption"].strip(), "plots/%s.svg" % plot["id"], svg, _shown(plot))
