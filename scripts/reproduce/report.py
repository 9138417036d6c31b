# SPDX-License-Identifier: MIT
"""What the report says, before it becomes Markdown or HTML."""
import collections
import dataclasses

import claims
import verdict

ORDER = [verdict.EXACT, verdict.WITHIN, verdict.MISSED, verdict.UNSPECIFIED, verdict.SKIPPED, verdict.FAILED]


@dataclasses.dataclass
class Group:
    """A table of rows."""
    title: str
    text: str
    rows: list

    @property
    def sources(self):
        """Each source once."""
        return list(dict.fromkeys(row.claim["source"] for row in self.rows))


@dataclasses.dataclass
class Section:
    """A table that is an answer: how it came about stands in its commands."""
    title: str
    text: str
    head: list
    rows: list
    commands: list


@dataclasses.dataclass
class Plot:
    """A picture, drawn."""
    title: str
    caption: str
    path: str
    svg: str
    commands: list


@dataclasses.dataclass
class Report:
    """Everything."""
    title: str
    intro: str
    groups: list
    answers: list = dataclasses.field(default_factory=list)
    plots: list = dataclasses.field(default_factory=list)
    causes: list = dataclasses.field(default_factory=list)
    broken: list = dataclasses.field(default_factory=list)  # (plot or table that could not be made, why)

    @property
    def rows(self):
        """All rows of all groups."""
        return [row for group in self.groups for row in group.rows]

    @property
    def failed(self):
        """The rows in which something is not as the claims say."""
        return [row for row in self.rows if row.failed]

    def data(self):
        """The rows for other programs."""
        return [{"id": row.claim["id"], "claim": row.claim["claim"], "unit": row.claim.get("unit", ""),
                 "published": row.claim.get("published"), "closed_form": row.closed.value,
                 "simulated": row.simulated.value, "verdict": row.verdict, "trust": row.claim["trust"],
                 "status": row.claim["status"],
                 "commands": [text.replace("`", "") for text in (*row.closed.commands, *row.simulated.commands)]}
                for row in self.rows]

    def counts(self):
        """(verdict, how many rows)"""
        found = collections.Counter(row.verdict for row in self.rows)
        return [(name, found[name]) for name in ORDER if found[name]]

    legend = "Status of a row: " + "; ".join("%s: %s" % item for item in claims.STATUSES.items()) + ". Trust: paper, the " \
        "authors' own text; code, their public code; note, a third party's digest; derived, arithmetic on these; fit, " \
        "inferred by fitting; choice, ours; recalled, remembered and unverified, never a reference."


def judge(groups, runner):
    """The groups with every row judged."""
    return [Group(group["title"], group.get("text", ""), [verdict.judge(claim, runner) for claim in group["claims"]])
            for group in groups]
