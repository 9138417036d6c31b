# SPDX-License-Identifier: MIT
"""The report as Markdown: a table of rows for each group, then the commands."""
import words
from verdict import deviation


def _cell(text):
    return str(text).replace("|", "\\|").replace("\n", " ")


def _table(head, rows):
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(map(_cell, row)) + " |"


def render(report):
    """The whole text."""
    lines = ["# " + report.title, "", report.intro, ""]
    lines += _table(["verdict", "rows"], report.counts())
    lines += ["", report.legend, ""]
    for section in report.answers:
        lines += ["## " + section.title, "", section.text, ""]
        lines += _table(section.head, section.rows)
        lines += ["", *("* " + command for command in section.commands), ""]
    if report.plots:
        lines += ["## Plots", ""]
        for plot in report.plots:
            lines += ["### " + plot.title, "", "![%s](%s)" % (plot.title, plot.path), "", plot.caption, "",
                      *("* " + command for command in plot.commands), ""]
    if report.causes:
        lines += ["## Where simulation and closed form part", ""]
        for title, text in report.causes:
            lines += ["**%s.** %s" % (title, text), ""]
    for group in report.groups:
        lines += ["## " + group.title, "", group.text, ""]
        head = ["id", "claim", "published", "closed form", "simulated", "deviation", "verdict", "trust", "status", "remark"]
        lines += _table(head, ([row.claim["id"], row.claim["claim"], words.published(row.claim),
                                words.figure(row.claim, row.closed), words.figure(row.claim, row.simulated),
                                words.deviations(row, deviation), row.verdict, row.claim["trust"], row.claim["status"],
                                words.remark(row)] for row in group.rows))
        lines += ["", "Sources: " + "; ".join(group.sources) + ".", "", "Commands:", ""]
        for row in group.rows:
            lines += ["* %s, %s: %s" % (row.claim["id"], what, command) for what, command in words.commands(row)]
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"
