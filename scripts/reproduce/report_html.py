# SPDX-License-Identifier: MIT
"""The report as one HTML page that needs nothing else: plots inside, commands folded away below each table."""
import html
import re

import verdict
import words

CLASSES = {verdict.EXACT: "good", verdict.WITHIN: "good", verdict.MISSED: "miss", verdict.UNSPECIFIED: "none",
           verdict.SKIPPED: "none", verdict.FAILED: "bad"}

STYLE = """
:root { color-scheme: light dark; }
:root { --line: #ccc; --soft: #f4f4f4; --good: #0072b2; --miss: #b35900; --bad: #c00000; --dim: #666; }
@media (prefers-color-scheme: dark) {
  :root { --line: #444; --soft: #222; --good: #6cb8ea; --miss: #f0a050; --bad: #ff7070; --dim: #aaa; }
}
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 84rem; padding: 0 1rem; }
nav { columns: 3 16rem; margin: 1rem 0; } nav a { display: block; }
p { max-width: 54rem; }
table { border-collapse: collapse; margin: 1rem 0; font-size: 13px; }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .55rem; text-align: left; vertical-align: top; }
th { position: sticky; top: 0; background: var(--soft); }
td.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
td.reason, td.remark { color: var(--dim); max-width: 22rem; } td.claim { max-width: 22rem; }
.good { color: var(--good); } .miss { color: var(--miss); } .none { color: var(--dim); }
.bad { color: var(--bad); font-weight: bold; }
figure { margin: 1.5rem 0; max-width: 46rem; } figure svg { width: 100%; height: auto; background: white; }
figcaption { font-size: 14px; }
code { font-size: 12px; overflow-wrap: anywhere; }
details { margin: .4rem 0; } summary { cursor: pointer; color: var(--dim); }
"""


def _text(value):
    """Text with `code`."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(str(value), quote=False))


def _commands(shown, title="commands"):
    if not shown:
        return ""
    lines = "".join("<li>%s</li>" % _text(line) for line in shown)
    return "<details><summary>%s</summary><ul>%s</ul></details>" % (title, lines)


def _plain_table(head, rows):
    return "<table><tr>%s</tr>%s</table>" % (
        "".join("<th>%s</th>" % _text(cell) for cell in head),
        "".join("<tr>%s</tr>" % "".join("<td class=number>%s</td>" % _text(cell) for cell in row) for row in rows))


def _figure(claim, found):
    return '<td class="%s">%s</td>' % ("number" if found.value is not None else "reason", _text(words.figure(claim, found)))


def _row(row):
    claim = row.claim
    return "".join([
        "<tr id='%s'>" % claim["id"], "<td>%s</td>" % _text(claim["id"]),
        "<td class=claim>%s</td>" % _text(claim["claim"]), "<td class=number>%s</td>" % _text(words.published(claim)),
        _figure(claim, row.closed), _figure(claim, row.simulated),
        "<td>%s</td>" % "<br>".join(map(_text, words.deviations(row, verdict.deviation).split("; "))),
        "<td class=%s>%s</td>" % (CLASSES[row.verdict], row.verdict),
        "<td>%s</td><td>%s</td>" % (claim["trust"], claim["status"]),
        "<td class=remark>%s</td></tr>" % _text(words.remark(row))])


def _group(group, number):
    head = ["id", "claim", "published", "closed form", "simulated", "deviation", "verdict", "trust", "status", "remark"]
    shown = ["%s, %s: %s" % (row.claim["id"], what, command)
             for row in group.rows for what, command in words.commands(row)]
    return "".join([
        "<h2 id=group%d>%s</h2><p>%s</p>" % (number, _text(group.title), _text(group.text)),
        "<table><tr>%s</tr>" % "".join("<th>%s</th>" % name for name in head), *map(_row, group.rows), "</table>",
        "<p>Sources: %s.</p>" % _text("; ".join(group.sources)), _commands(shown)])


def render(report):
    """The whole page."""
    parts = ["<h1>%s</h1><p>%s</p>" % (_text(report.title), _text(report.intro)),
             _plain_table(["verdict", "rows"], report.counts()), "<p>%s</p>" % _text(report.legend), "<nav>"]
    parts += ["<a href=#group%d>%s</a>" % (number, _text(group.title)) for number, group in enumerate(report.groups)]
    parts.append("</nav>")
    for section in report.answers:
        parts += ["<h2>%s</h2><p>%s</p>" % (_text(section.title), _text(section.text)),
                  _plain_table(section.head, section.rows), _commands(section.commands)]
    if report.plots:
        parts.append("<h2>Plots</h2>")
    for plot in report.plots:
        parts.append("<figure><h3>%s</h3>%s<figcaption>%s</figcaption>%s</figure>" % (
            _text(plot.title), _own_names(plot), _text(plot.caption), _commands(plot.commands)))
    if report.causes:
        parts.append("<h2>Where simulation and closed form part</h2>")
        parts += ["<p><b>%s.</b> %s</p>" % (_text(title), _text(text)) for title, text in report.causes]
    parts += [_group(group, number) for number, group in enumerate(report.groups)]
    return "<!DOCTYPE html>\n<html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>" \
        "<title>%s</title><style>%s</style>\n%s</html>\n" % (_text(report.title), STYLE, "\n".join(parts))


def _own_names(plot):
    """The picture with names that no other picture on the page has."""
    prefix = re.sub(r"\W", "-", plot.path)
    svg = re.sub(r'\bid="([^"]+)"', r'id="%s-\1"' % prefix, plot.svg)
    return re.sub(r'(url\(#|href="#)', r"\1%s-" % prefix, svg)
