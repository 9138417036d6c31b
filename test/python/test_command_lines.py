#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every command's options from outside: what is wrong is refused with the option's name, the value, and what it takes."""
import re
import unittest

from simulator import built, call

COMMANDS = ["run", "traffic", "map", "evaluate", "compare", "approximate", "trace info", "trace dump", "trace check",
            "trace import", "config", "describe", "energy", "query", "sweep", "merge", "model", "hash"]
# A wrong value, and what the message says of it.
WRONG = [
    ("run --log all", "--log takes summary, steps or events, not 'all'"),
    ("run --as ann", "--as takes snn or qnn, not 'ann'"),
    ("run --order random", "--order takes sparse, dense or shuffled, not 'random'"),
    ("run --timesteps 0", "--timesteps takes a number from 1 to 65536, not '0'"),
    ("run --timesteps 65537", "--timesteps takes a number from 1 to 65536, not '65537'"),
    ("run --seed -1", "--seed takes a number, not '-1'"),
    ("run --seed 18446744073709551616", "--seed takes a number, not '18446744073709551616'"),
    ("run --samples 4:4", "--samples takes N or a:b, not '4:4'"),
    ("run --engine verilator", "--engine takes native or systemc, not 'verilator'"),
    ("run --arch a.yaml --trace a.spk --vcd-scope chip", "--vcd-scope needs --vcd"),
    ("map --format csv", "--format takes text or json, not 'csv'"),
    ("map --arch a.yaml b.yaml", "'b.yaml' is no option"),
    ("config --format xml", "--format takes text or json, not 'xml'"),
    ("describe noc.router noc.line", "one TYPE at a time"),
    ("evaluate --seeds 1001", "--seeds takes a number from 1 to 1000, not '1001'"),
    ("evaluate --samples 0", "--samples takes a number from 1, not '0'"),
    ("approximate --waves 0", "--waves takes a number from 1 to 1000000, not '0'"),
    ("compare --network a.yaml", "--arch is needed"),
    ("sweep --shard 3/2 a.yaml", "--shard takes I/N with I from 1 to N, not '3/2'"),
    ("sweep --jobs x a.yaml", "--jobs takes a number from 1 to"),
    ("sweep", "which sweep?"),
    ("sweep a.yaml b.yaml", "one sweep at a time"),
    ("merge out.db", "an output and at least one input are needed"),
    ("model --set =4", "--set takes KEY=VALUE, not '=4'"),
    ("model snn-vs-qnn --format xml", "--format takes text, json or csv, not 'xml'"),
    ("model", "which model?"),
    ("model snn-vs-qnn", "--version is needed"),
    ("energy --by day a.db", "--by takes total, kind, component, layer or trust, not 'day'"),
    ("energy --voltage 1 a.db", "--voltage: "),
    ("query a.db a b", "one query at a time"),
    ("hash", "which run database?"),
    ("trace import --timesteps 0 a.csv", "--timesteps takes a number from 1 to 65536, not '0'"),
    ("trace import --meta x a.csv", "--meta takes KEY=VALUE"),
    ("trace dump --format xml a.spk", "--format takes text, json or csv, not 'xml'"),
]


@built
class CommandLines(unittest.TestCase):
    def test_help(self):
        for command in COMMANDS:
            with self.subTest(command=command):
                done = call(*command.split(), "--help")
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertRegex(done.stdout, r"\AUsage: nocsim ")
                self.assertRegex(done.stdout, r"\n  -h, --help +this text\n")

    def test_short_names(self):
        for command in COMMANDS:
            done = call(*command.split(), "--help")
            shorts = re.findall(r"^  -(\w), --", done.stdout, re.M)
            self.assertEqual(len(shorts), len(set(shorts)), command)

    def test_unknown_options_and_missing_values(self):
        for command in COMMANDS:
            for option, words in (("--bogus", "unknown option '--bogus'"), ("-z", "unknown option '-z'"),
                                  ("--help=yes", "option '--help=yes' takes no value")):
                with self.subTest(command=command, option=option):
                    done = call(*command.split(), option)
                    self.assertEqual((done.returncode, done.stdout), (1, ""))
                    self.assertEqual(done.stderr, f"nocsim {command}: {words}\nTry 'nocsim {command} --help'.\n")
        for option in ("--arch", "-a", "--set"):
            self.assertIn(f"option '{option}' needs a value", call("config", option).stderr)

    def test_wrong_values(self):
        for line, words in WRONG:
            with self.subTest(line=line):
                done = call(*line.split())
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertIn(words, done.stderr)

    def test_lists_are_bounded(self):
        many = ["--set", "chip.rows=8"] * 257
        self.assertIn("more than 256 --set", call("config", "--arch", "a.yaml", *many).stderr)


if __name__ == "__main__":
    unittest.main()
