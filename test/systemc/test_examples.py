# SPDX-License-Identifier: MIT
"""The example platforms, built against the installed library: what they print is what nocsim says."""
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NOCSIM = os.environ.get("NOCSIM", os.path.join(ROOT, "build/release/nocsim"))
BUILD = os.environ.get("BUILD", "build/release")
VARIANT = os.environ.get("VARIANT", "release")
FLAGS = os.environ.get("EXAMPLE_FLAGS", "-O2")
SHENJING = os.path.join(ROOT, "configs/shenjing.yaml")
MNIST = os.path.join(ROOT, "workloads/mnist-mlp.spk")
SAMPLES = "20"

# SystemC protects a page at the end of each thread's stack. A build with sanitizers still looks for everything but leaks:
# at the end of the program the leak checker reads these stacks, and now and then one of those pages (SIGSEGV).
PLATFORM = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}


def run(command, **options):
    result = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if result.returncode != 0:
        raise AssertionError(f"{command}: exit code {result.returncode}\n{result.stdout}\n{result.stderr}")
    return result.stdout


class Examples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        prefix = os.path.join(cls.folder.name, "installed")
        run(["make", "-C", ROOT, f"B={BUILD}", f"VARIANT={VARIANT}", f"PREFIX={prefix}", "DESTDIR=", "install-systemc"])
        cls.env = {**os.environ, "PKG_CONFIG_PATH": os.path.join(prefix, "lib/pkgconfig")}
        for name in ("MAKEFLAGS", "MFLAGS", "CXXFLAGS", "LDFLAGS"):
            cls.env.pop(name, None)
        reference = run([NOCSIM, "--arch", SHENJING, "--trace", MNIST, "-n", SAMPLES, "-o", "none", "--format", "json"])
        cls.reference = json.loads(reference)

    def build(self, name):
        """A copy of the example outside the project: nothing but the installed files is at hand."""
        folder = os.path.join(self.folder.name, name)
        shutil.copytree(os.path.join(ROOT, "scripts/examples", name), folder)
        run(["make", "-C", folder, f"CXXFLAGS={FLAGS}"], env=self.env)
        return os.path.join(folder, name)

    def test_tlm_host(self):
        host = self.build("tlm-host")
        for style in ("lt", "at"):
            with self.subTest(style=style):
                output = run([host, SHENJING, MNIST, SAMPLES, style], env=PLATFORM)
                accuracy = re.search(r"Accuracy +([\d.]+) %", output)
                cycles = re.search(r"Cycles +(\d+)", output)
                self.assertEqual(float(accuracy.group(1)), round(100 * self.reference["accuracy"], 2))
                self.assertEqual(int(cycles.group(1)), self.reference["cycles"])
        for arguments, code in (([], 1), ([SHENJING, MNIST, "0"], 1), ([SHENJING, MNIST, "1", "xt"], 1),
                                ([SHENJING, "none.spk"], 1)):
            result = subprocess.run([host, *arguments], capture_output=True, text=True, check=False, env=PLATFORM)
            self.assertEqual(result.returncode, code, result.stderr)

    @unittest.skipUnless(shutil.which("verilator"), "Verilator is not installed")
    def test_rtl_at_the_edge(self):
        output = run([self.build("rtl-at-the-edge"), SHENJING, MNIST, SAMPLES], env=PLATFORM)
        counted = re.search(r"(\d+) samples, (\d+) spikes counted by the RTL block, (\d+) counts differ", output)
        self.assertEqual((counted.group(1), counted.group(3)), (SAMPLES, "0"))
        self.assertGreater(int(counted.group(2)), 0)


if __name__ == "__main__":
    unittest.main()
