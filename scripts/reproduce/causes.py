# SPDX-License-Identifier: MIT
"""Why simulation and closed form part: a paragraph for each cause, with the figures of this run.

Two kinds are told: those that the claims name (contents.yaml), and those that nocsim compare itself finds by taking one
assumption of the formula back at a time (`reasons` in what it prints).
"""
import commands
import words


def _of_claims(causes, rows):
    for key, cause in causes.items():
        parting = [row for row in rows if row.claim.get("cause") == key and row.parting is not None]
        if parting:
            figures = ", ".join("%s %s" % (row.claim["id"], words.percent(row.parting, 1)) for row in parting)
            yield cause["title"], "%s In this run (simulated over closed form): %s." % (cause["text"].strip(), figures)


def _effects(runner):
    """reason -> the effects that comparisons give for it, with the layer."""
    found = {}
    for command in runner.results:
        if not command.startswith("nocsim compare "):
            continue
        try:
            document = runner.document(command)
        except (commands.CommandError, commands.Skipped):
            continue
        for reason in document.get("reasons", []):
            found.setdefault(reason["reason"], []).append((reason["effect"], command))
    return found


def paragraphs(causes, rows, runner):
    """(title, text) of each."""
    told = list(_of_claims(causes, rows))
    compared = sum(command.startswith("nocsim compare ") for command in runner.results)
    for reason, effects in sorted(_effects(runner).items(), key=lambda item: -max(abs(effect) for effect, _ in item[1])):
        largest, command = max(effects, key=lambda item: abs(item[0]))
        told.append((reason[0].upper() + reason[1:],
                     "Found in %d of %d comparisons of this run, from %s to %s of the ratio; most (%s) in"
                     " `%s`."
                     % (len(effects), compared, words.percent(min(e for e, _ in effects)),
                        words.percent(max(e for e, _ in effects)), words.percent(largest), command)))
    return told
