#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sets every published claim beside its closed form and its simulation: out/reproduction.md, .html and .json.

Usage: main.py [--nocsim PROGRAM] [--output FOLDER] [--fast] [--jobs N] [--only GROUP]...

The claims stand in scripts/reproduce/claims/*.yaml, with the command that each figure comes from.
Exit code 0: each row is as its claim says (missed ones included); 1: wrong claims; 2: wrong command line;
3: some row is not as it should be, or a plot or table could not be made; 4: a file could not be written.
"""
import argparse
import json
import os
import sys
import time

import answers
import causes
import claims
import commands
import fields
import plots
import report
import report_html
import report_markdown
import verdict

FAST_LIMIT_SECONDS = 5


def parse(arguments):
    """The command line."""
    parser = argparse.ArgumentParser(description="published claims beside closed forms and simulation")
    parser.add_argument("--nocsim", default=os.path.join(commands.ROOT, "build/release/nocsim"))
    parser.add_argument("--output", default=os.path.join(commands.ROOT, "out"))
    parser.add_argument("--claims", default=claims.FOLDER, help=argparse.SUPPRESS)
    parser.add_argument("--fast", action="store_true", help="leave out commands that take long")
    parser.add_argument("--jobs", type=int, help="commands at a time (default: processors)")
    parser.add_argument("--only", action="append", help="these groups of claims only")
    return parser.parse_args(arguments)


def write(folder, name, text):
    """A file of the report."""
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def make(options):
    """Runs, judges, and returns the report."""
    groups, contents = claims.load(options.claims)
    if options.only:
        groups = [group for group in groups if group["name"] in options.only]
    runner = commands.Runner(options.nocsim, contents.get("costs"), options.jobs,
                             FAST_LIMIT_SECONDS if options.fast else None)
    drawn = [] if options.only else claims.load_list("plots.yaml", plots.check, options.claims)
    asked = [] if options.only else claims.load_list("answers.yaml", answers.check, options.claims)
    needed = {slow: [command for group in groups for claim in group["claims"] for side in ("closed", "simulated")
                     for command in claims.commands_of(claim.get(side)) if bool(claim.get("slow")) == slow]
              for slow in (False, True)}
    wanted = needed[False] + ([] if options.fast else needed[True])
    wanted += [command for plot in drawn for command in plots.commands_of(plot)]
    wanted += [command for answer in asked for command in answers.commands_of(answer)]
    runner.run(wanted, commands.show_progress)
    runner.skip(needed[True])
    made = report.Report(contents["title"], contents.get("intro", ""), report.judge(groups, runner))
    for entries, kind, maker in ((asked, made.answers, answers.make), (drawn, made.plots, plots.draw)):
        for entry in entries:
            try:
                kind.append(maker(entry, runner))
            except (commands.CommandError, fields.FieldError) as error:
                made.broken.append((entry["title"], str(error)))
    made.causes = causes.paragraphs(contents.get("causes", {}), made.rows, runner)
    return made


def main(arguments):
    """The program."""
    began = time.monotonic()
    options = parse(arguments)
    try:
        made = make(options)
    except (claims.ClaimError, fields.FieldError, OSError) as error:
        print("reproduce: %s" % error, file=sys.stderr)
        return 1
    try:
        for plot in made.plots:
            write(options.output, plot.path, plot.svg)
        write(options.output, "reproduction.md", report_markdown.render(made))
        write(options.output, "reproduction.json", json.dumps(made.data(), indent=1) + "\n")
        print("Report     %s" % write(options.output, "reproduction.html", report_html.render(made)))
    except OSError as error:
        print("reproduce: %s" % error, file=sys.stderr)
        return 4
    print("Rows       " + ", ".join("%d %s" % (count, name) for name, count in made.counts()))
    print("Time       %.0f s" % (time.monotonic() - began))
    failed = [(row.claim["id"], row.complaint) for row in made.failed] + made.broken
    for what, complaint in failed:
        print("FAILED     %s: %s" % (what, complaint), file=sys.stderr)
    sound = sum(row.verdict in (verdict.EXACT, verdict.WITHIN, verdict.MISSED) for row in made.rows)
    print("%d passed, %d failed" % (sound, len(failed)), flush=True)
    return 3 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
