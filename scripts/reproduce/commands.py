# SPDX-License-Identifier: MIT
"""Runs each command of the claims once, several at a time, and keeps what it printed.

A shell runs a command at the root of the project, where `nocsim` is the program under test. A command that takes longer
than others says so in contents.yaml (`costs`, seconds of one core); that is for the time left, and for FAST, which leaves
the long ones out. Files that a command needs only for itself go to out/runs.
"""
import concurrent.futures
import json
import os
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
USUAL_COST = 0.1


class CommandError(RuntimeError):
    """The command could not be run, or failed."""


class Skipped(RuntimeError):
    """The command was left out of this run."""


class Runner:
    """The commands of a run: `output(command)` once `run` has returned."""

    def __init__(self, nocsim, costs=None, jobs=None, limit=None, timeout=900):
        self.nocsim, self.timeout, self.limit = os.path.abspath(nocsim), timeout, limit
        self.costs, self.jobs = costs or {}, jobs or os.cpu_count() or 1
        self.results, self.seconds = {}, {}

    def cost(self, command):
        """Expected seconds: those of the longest beginning that is listed."""
        found = [start for start in self.costs if command.startswith(start)]
        return self.costs[max(found, key=len)] if found else USUAL_COST

    def _execute(self, command):
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
        environment["PATH"] = os.path.dirname(self.nocsim) + ":" + environment.get("PATH", "")
        environment.setdefault("PYTHON", sys.executable)
        began = time.monotonic()
        try:
            done = subprocess.run(["sh", "-c", command], cwd=ROOT, env=environment, capture_output=True, text=True,
                                  check=False, timeout=self.timeout)
        except (OSError, subprocess.TimeoutExpired) as error:
            return CommandError(str(error)), time.monotonic() - began
        seconds = time.monotonic() - began
        if done.returncode != 0:
            last = (done.stderr.strip() or done.stdout.strip()).split("\n")[-1]
            return CommandError("exit code %d: %s" % (done.returncode, last)), seconds
        return done.stdout, seconds

    def skip(self, commands):
        """Leaves out what has not run."""
        for command in commands:
            self.results.setdefault(command, Skipped("takes too long for a fast run"))

    def run(self, commands, progress=None):
        """Runs what has not run yet, the longest first."""
        os.makedirs(os.path.join(ROOT, "out", "runs"), exist_ok=True)
        wanted = [command for command in dict.fromkeys(commands) if command not in self.results]
        if self.limit is not None:
            self.skip(command for command in wanted if self.cost(command) > self.limit)
        wanted = sorted((c for c in wanted if c not in self.results), key=self.cost, reverse=True)
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            running = {pool.submit(self._execute, command): command for command in wanted}
            left = sum(map(self.cost, wanted))
            for number, future in enumerate(concurrent.futures.as_completed(running), 1):
                command = running[future]
                self.results[command], self.seconds[command] = future.result()
                left -= self.cost(command)
                if progress:
                    progress(number, len(wanted), left / self.jobs)

    def text(self, command):
        """What the command printed; raises what kept it from printing."""
        result = self.results[command]
        if isinstance(result, Exception):
            raise result
        return result

    def document(self, command):
        """The JSON document that it printed."""
        try:
            return json.loads(self.text(command))
        except json.JSONDecodeError as error:
            raise CommandError("printed no JSON: %s" % error) from error


def show_progress(done, total, left):
    """One line on a terminal, nothing elsewhere."""
    if sys.stderr.isatty():
        sys.stderr.write("\r  %d of %d commands, %.0f s left \033[K%s" % (done, total, left, "\n" if done == total else ""))
        sys.stderr.flush()
