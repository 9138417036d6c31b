# SPDX-License-Identifier: MIT
"""Every command of the documents runs and prints what the page says; links between the documents lead somewhere.

In a ```console block a line "$ COMMAND" is run by a shell and the lines after it are its output, where "..." stands for
anything (as in Python's doctest).
"""
import doctest
import glob
import os
import re
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NOCSIM = os.environ.get("NOCSIM", os.path.join(ROOT, "build/release/nocsim"))
PAGES = sorted(glob.glob(os.path.join(ROOT, "*.md")) + glob.glob(os.path.join(ROOT, "docs/*.md")) +
               glob.glob(os.path.join(ROOT, "configs/*.md")) + glob.glob(os.path.join(ROOT, "workloads/*.md")))


def examples(text):
    """(command, expected output) of every console block."""
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, expected = part.partition("\n")
            yield command, expected


class Documents(unittest.TestCase):
    def test_commands(self):
        if not os.access(NOCSIM, os.X_OK) and "NOCSIM" not in os.environ:
            self.skipTest("nocsim is not built")
        checker = doctest.OutputChecker()
        path = os.path.dirname(NOCSIM) + ":" + "/usr/bin:" + os.environ["PATH"]
        for page in PAGES:
            with open(page, encoding="utf-8") as file:
                text = file.read()
            with tempfile.TemporaryDirectory() as folder:
                for name in ("configs", "workloads", "scripts"):
                    os.symlink(os.path.join(ROOT, name), os.path.join(folder, name))
                for command, expected in examples(text):
                    with self.subTest(page=os.path.basename(page), command=command):
                        run = subprocess.run(command, shell=True, cwd=folder, env={**os.environ, "PATH": path},
                                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
                        fits = checker.check_output(expected, run.stdout, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
                        self.assertTrue(fits, f"expected:\n{expected}\ngot:\n{run.stdout}")
                        if "nocsim: " not in expected:
                            self.assertEqual(run.returncode, 0)

    def test_floor_plan(self):
        with tempfile.TemporaryDirectory() as folder:
            drawn = os.path.join(folder, "floor-plan.svg")
            subprocess.run([NOCSIM, "map", "--arch", "configs/shenjing.yaml", "--trace", "workloads/mnist-cnn.spk",
                            "--svg", drawn], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
            with open(drawn, encoding="utf-8") as new, \
                 open(os.path.join(ROOT, "docs/pictures/floor-plan.svg"), encoding="utf-8") as shown:
                self.assertTrue(new.read() == shown.read(), "make pictures draws it anew")

    def test_links(self):
        for page in PAGES:
            with open(page, encoding="utf-8") as file:
                text = file.read()
            for target in re.findall(r"\]\(([^)#:]+)\)", text):
                with self.subTest(page=os.path.basename(page), target=target):
                    self.assertTrue(os.path.exists(os.path.join(os.path.dirname(page), target)))


if __name__ == "__main__":
    unittest.main()
