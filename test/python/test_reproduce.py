# SPDX-License-Identifier: MIT
"""make reproduce: the claims are well-formed, verdicts can fail, the report says what was found."""
import copy
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NOCSIM = os.environ.get("NOCSIM", os.path.join(ROOT, "build/release/nocsim"))
SCRIPTS = os.path.join(ROOT, "scripts/reproduce")
sys.path.insert(0, SCRIPTS)
try:
    import answers
    import claims
    import commands
    import expression
    import fields
    import plots
    import series
    import verdict
    import words
except ImportError as error:
    raise unittest.SkipTest("scripts/setup.sh reproduce has not run: %s" % error) from error

CLAIM = {"id": "X", "claim": "a thing", "source": "somebody", "trust": "paper", "status": "exact", "published": 2.0,
         "tolerance": 0.1, "closed": {"command": "one", "field": "rows[0].x"}}


def runner(**documents):
    """A runner that has already run: command -> what it printed."""
    made = commands.Runner("/nowhere")
    made.results = documents
    return made


def judged(document='{"rows": [{"x": 2.05}]}', **changes):
    return verdict.judge({**CLAIM, **changes}, runner(one=document, two='{"y": 3.0}'))


class Claims(unittest.TestCase):
    def test_shipped_claims_are_sound(self):
        groups, contents = claims.load()
        ids = [claim["id"] for group in groups for claim in group["claims"]]
        self.assertEqual(len(ids), len(set(ids)))
        self.assertGreater(len(ids), 25)
        for group in groups:
            for claim in group["claims"]:
                if claim.get("cause"):
                    self.assertIn(claim["cause"], contents["causes"])

    def test_wrong_claims_are_refused(self):
        cases = [
            ({"trust": "hearsay"}, "trust is one of"),
            ({"status": "fine"}, "status is one of"),
            ({"published": "much"}, "published is"),
            ({"published": None}, "status is record"),
            ({"closed": None, "simulated": None}, "neither"),
            ({"closed": {"command": "one"}}, "a field or a pattern"),
            ({"closed": {"command": "one", "field": "a", "value": "b"}}, "no figure is named b"),
            ({"tolerance": "some"}, "no tolerance"),
            ({"status": "record"}, "says what is not published"),
            ({"cause": "nobody"}, "no cause"),
            ({"colour": "red"}, "unknown key colour"),
            ({"id": "two words"}, "one word"),
        ]
        for change, message in cases:
            with self.subTest(change=change):
                claim = {key: value for key, value in {**copy.deepcopy(CLAIM), **change}.items()
                         if value is not None or key == "published"}
                with self.assertRaises(claims.ClaimError) as caught:
                    claims.check(claim, {})
                self.assertIn(message, str(caught.exception))

    def test_cases(self):
        made = claims.expand({"id": "A-{t}", "closed": {"command": "x {t}"}, "cases": {"t": [1, 2], "published": [3, 4]}})
        self.assertEqual([(c["id"], c["published"], c["closed"]["command"]) for c in made],
                         [("A-1", 3, "x 1"), ("A-2", 4, "x 2")])


class Verdicts(unittest.TestCase):
    def test_verdicts(self):
        self.assertEqual(judged().verdict, verdict.EXACT)
        self.assertEqual(judged(status="post").verdict, verdict.WITHIN)
        self.assertEqual(judged(status="miss").verdict, verdict.FAILED)
        self.assertEqual(judged(status="miss", published=3.0).verdict, verdict.MISSED)
        self.assertEqual(judged(status="record", note="nobody knows").verdict, verdict.UNSPECIFIED)
        self.assertEqual(judged(published={"above": 2}).verdict, verdict.EXACT)
        self.assertEqual(judged(published={"from": 1, "to": 1.5}).verdict, verdict.FAILED)

    def test_a_changed_number_flips_the_verdict(self):
        self.assertEqual(judged('{"rows": [{"x": 2.11}]}').verdict, verdict.FAILED)
        self.assertEqual(judged('{"rows": [{"x": 1.89}]}').verdict, verdict.FAILED)
        self.assertEqual(judged(published=2.2).verdict, verdict.FAILED)
        self.assertEqual(judged(tolerance="5 %").verdict, verdict.EXACT)
        self.assertEqual(judged(tolerance="2 %").verdict, verdict.FAILED)

    def test_what_is_missing_fails(self):
        self.assertEqual(judged('{"rows": []}').verdict, verdict.FAILED)
        self.assertEqual(judged("no json").verdict, verdict.FAILED)
        self.assertEqual(judged('{"rows": [{"x": null}]}').verdict, verdict.FAILED)
        self.assertEqual(judged(commands.CommandError("exit code 2")).verdict, verdict.FAILED)
        self.assertEqual(judged(commands.Skipped("long")).verdict, verdict.SKIPPED)

    def test_a_grid_of_commands_is_a_list(self):
        quantity = {"command": "run {n}", "grid": {"n": [1, 2, 3]}, "field": "v", "value": "mean(x)"}
        self.assertEqual(claims.commands_of(quantity), ["run 1", "run 2", "run 3"])
        made = runner(**{"run %d" % n: '{"v": %d}' % n for n in (1, 2, 3)})
        self.assertEqual(verdict.figure(quantity, made).value, 2)
        made.results["run 2"] = commands.CommandError("broken")
        self.assertTrue(verdict.figure(quantity, made).failed)

    def test_simulation_against_closed_form(self):
        simulated = {"command": "two", "field": "y"}
        self.assertIn("part: 3, 2.05", judged(simulated=simulated, agreement="2 %").complaint)
        self.assertIn("do not", judged(simulated=simulated, agreement="50 %", cause="contention").complaint)
        self.assertEqual(judged(simulated=simulated, agreement="50 %").verdict, verdict.EXACT)
        self.assertEqual(judged(closed="unknown", simulated=simulated).verdict, verdict.FAILED)
        self.assertEqual(judged(closed="unknown", simulated=simulated, published=3).verdict, verdict.EXACT)
        explained = judged(simulated=simulated, agreement="2 %", cause="contention")
        self.assertEqual(explained.verdict, verdict.EXACT)
        self.assertAlmostEqual(explained.parting, 3 / 2.05 - 1)


class Parts(unittest.TestCase):
    def test_fields(self):
        document = {"rows": [{"a": 1}, {"a": 2}], "by": {"x.y": 3}}
        self.assertEqual(fields.read(document, "rows[*].a"), [1, 2])
        self.assertEqual(fields.read(document, 'by["x.y"]'), 3)
        self.assertEqual(fields.match("80 of 80 equal", r"(\d+) of"), 80)
        for path in ("rows[2].a", "rows.a", "nothing", "by[*]", "a b"):
            with self.subTest(path=path), self.assertRaises(fields.FieldError):
                fields.read(document, path)

    def test_expressions(self):
        self.assertEqual(expression.evaluate("max(x) / min(x) + count(x < 2)", {"x": [1, 2]}), 3)
        for text in ("x", "__import__('os')", "x.y", "max(x", "z + 1", "lambda: 1"):
            with self.subTest(text=text), self.assertRaises(expression.ExpressionError):
                expression.evaluate(text, {"x": [1, 2]})


class Words(unittest.TestCase):
    def test_percentages(self):
        for part, decimals, text in ((0.0125, 2, "+1.25 %"), (-0.005, 2, "-0.50 %"), (-1e-9, 2, "0.00 %"), (0, 2, "0.00 %"),
                                     (-0.0004, 1, "0.0 %"), (1.0, 2, "+100.00 %"), (-0.0006, 1, "-0.1 %")):
            self.assertEqual(words.percent(part, decimals), text)


class Run(unittest.TestCase):
    def setUp(self):
        if not os.access(NOCSIM, os.X_OK) and "NOCSIM" not in os.environ:
            self.skipTest("nocsim is not built")

    def run_main(self, folder, *arguments):
        return subprocess.run([sys.executable, os.path.join(SCRIPTS, "main.py"), "--nocsim", NOCSIM, "--output", folder,
                               "--fast", *arguments], capture_output=True, text=True, check=False)

    def test_every_command_exists(self):
        groups, _ = claims.load()
        wanted = [command for group in groups for claim in group["claims"] for side in ("closed", "simulated")
                  for command in claims.commands_of(claim.get(side))]
        wanted += [command for plot in claims.load_list("plots.yaml", plots.check) for command in plots.commands_of(plot)]
        wanted += [command for answer in claims.load_list("answers.yaml", answers.check)
                   for command in answers.commands_of(answer)]
        usage = subprocess.run([NOCSIM, "--help"], capture_output=True, text=True, check=True).stdout
        known = set(re.findall(r"^  (\w+) +\w", usage, re.M))
        for command in sorted(set(wanted)):
            with self.subTest(command=command):
                self.assertNotIn("{t}", command)
                for part in command.split("&&"):
                    words = part.split()
                    self.assertIn(words[0], ("nocsim", "make", "sqlite3", "${PYTHON:-python3}"))
                    if words[0] == "nocsim" and words[1] != "--arch":
                        self.assertIn(words[1], known)
                for file in re.findall(r"(?:configs|scripts|workloads)/[\w./-]+", command):
                    self.assertTrue(os.path.exists(os.path.join(ROOT, file)), file)

    def test_plot(self):
        made = commands.Runner(NOCSIM)
        command = "nocsim model snn-vs-qnn --version v4 --over timesteps=1,5 --over spike_rate=0.01,0.1 --format json"
        line = {"command": command, "x": "rows[*].spike_rate", "y": "rows[*].ratio", "by": "rows[*].timesteps"}
        plot = {"id": "p", "title": "A title", "caption": "c", "kind": "curves", "by": "T = ", "line": line,
                "x": {"label": "rate"}, "y": {"label": "ratio", "level": 1}}
        plots.check(plot)
        made.run(plots.commands_of(plot))
        self.assertEqual(len(series.points(line, ["x", "y", "by"], made)), 4)
        drawn = plots.draw(plot, made)
        self.assertTrue(drawn.svg.startswith("<svg"))
        self.assertIn("T = 5", drawn.svg)
        with self.assertRaises(claims.ClaimError):
            plots.check({**plot, "kind": "pie"})

    def test_table(self):
        made = commands.Runner(NOCSIM)
        command = "nocsim model snn-vs-qnn --version v4 --over timesteps=1,5 --over hops=1 --format json"
        answer = {"title": "t", "text": "", "label": "l", "row": "T", "column": "hops", "column_label": "{} hops",
                  "times": 100,
                  "closed": {"command": command,
                             "row": "rows[*].timesteps", "column": "rows[*].hops", "value": "rows[*].crossover",
                             "otherwise": "rows[*].ratio"}}
        answers.check(answer)
        made.run(answers.commands_of(answer))
        section = answers.make(answer, made)
        self.assertEqual(section.head, ["l", "1 hops"])
        self.assertEqual(section.rows, [["T = 1", "any"], ["T = 5", "5.7"]])

    def test_the_table_of_the_readme(self):
        with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
            lines = [[cell.strip() for cell in line.strip().strip("|").split("|")]
                     for line in file if re.match(r"\|( \| 0 hops| T = )", line)]
        shown = {(row[0], column): cell for row in lines[1:] for column, cell in zip(lines[0][1:], row[1:])}
        self.assertGreater(len(shown), 20)
        answer = claims.load_list("answers.yaml", answers.check)[0]
        made = commands.Runner(NOCSIM)
        made.run(answers.commands_of(answer))
        section = answers.make({key: value for key, value in answer.items() if key != "closed"}, made)
        found = {(row[0], column.removesuffix(" hops")): cell for row in section.rows
                 for column, cell in zip(section.head[1:], row[1:])}
        for (row, column), cell in shown.items():
            with self.subTest(row=row, column=column):
                self.assertEqual(found[row, column.removesuffix(" hops")], cell)

    def test_report(self):
        with tempfile.TemporaryDirectory() as folder:
            done = self.run_main(folder, "--only", "v1")
            self.assertEqual(done.returncode, 0, done.stderr)
            with open(os.path.join(folder, "reproduction.md"), encoding="utf-8") as file:
                text = file.read()
            with open(os.path.join(folder, "reproduction.html"), encoding="utf-8") as file:
                page = file.read()
            with open(os.path.join(folder, "reproduction.json"), encoding="utf-8") as file:
                rows = {row["id"]: row for row in json.load(file)}
        self.assertAlmostEqual(rows["A7-spatial"]["closed_form"], 0.778, 3)
        self.assertIn("| A7-spatial |", text)
        self.assertIn("0.77803", text)
        self.assertIn("0.77803", page)
        self.assertNotIn("src=", page)
        self.assertIsNone(re.search(r'(href|src)="?(http|/)', page))
        self.assertIn("--set hardware=spatial --set timesteps=6 --set spike_rate=0.0581", text)

    def test_a_program_that_fails_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            broken = os.path.join(folder, "nocsim")
            with open(broken, "w", encoding="utf-8") as file:
                file.write("#!/bin/sh\necho 'nocsim: no model today' >&2\nexit 2\n")
            os.chmod(broken, 0o755)
            done = self.run_main(folder, "--only", "v1", "--nocsim", broken)
            self.assertEqual(done.returncode, 3)
            self.assertIn("FAILED     A1-1: closed form: exit code 2: nocsim: no model today", done.stderr)
            self.assertTrue(os.path.exists(os.path.join(folder, "reproduction.html")))

    def test_a_wrong_claim_fails_the_run(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("contents.yaml", "v1.yaml"):  # without plots and tables
                with open(os.path.join(claims.FOLDER, name), encoding="utf-8") as file:
                    text = file.read()
                text = text.replace("0.778]", "0.787]") if name == "v1.yaml" else "title: x\ngroups: [v1]\n"
                with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                    file.write(text)
            done = self.run_main(folder, "--claims", folder)
            self.assertEqual(done.returncode, 3)
            self.assertIn("FAILED     A7-spatial: outside of the tolerance", done.stderr)


if __name__ == "__main__":
    unittest.main()
