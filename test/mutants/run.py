#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Plants one-line faults and proves that the named test case notices each of them.

A mutant is a section of a .ini file in this folder: `find` occurs exactly once in `file` (white space apart)
and becomes `put`; then test case `case` of the program `test` must fail. The mutated file lives in
build/mutants/NAME; only what depends on it is compiled again, and the rest comes from the libraries of
the ordinary build, so that the project's own tree is never touched.

Faults of the SystemC engine (C++) are planted like the others: tests in test/systemc are linked against
libnocsim-systemc.a. Where COMPILE_CXX is empty there is no SystemC, and such mutants are left out.

Usage: COMPILE="cc FLAGS" COMPILE_CXX="c++ FLAGS" run.py BUILD_FOLDER [NAME ...]
       (after the libraries of BUILD_FOLDER were built)
"""
import concurrent.futures
import configparser
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys

SEEDS = (3, 25, 100)  # seeds of a law: first a few, which suffice for most mutants
TIME_LIMIT_S = 120
HERE = pathlib.Path(__file__).parent
TREE = pathlib.Path("build/mutants")


def load():
    mutants = []
    for path in sorted(HERE.glob("*.ini")):
        sections = configparser.ConfigParser(interpolation=None, comment_prefixes="#", inline_comment_prefixes=None)
        sections.optionxform = str
        sections.read(path)
        for name in sections.sections():
            mutants.append({"name": name, **sections[name]})
    return mutants


class Build:
    """The ordinary build: its compiler command, who depends on what, which objects a test links."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        command = shlex.split(os.environ["COMPILE"])
        self.command = {".c": command + ["-w"], ".cpp": shlex.split(os.environ.get("COMPILE_CXX", "")) + ["-w"]}
        self.libraries = run(["pkg-config", "--libs", "yaml-0.1", "sqlite3", "jansson", "libxxhash", "liblzma",
                              "check"]).stdout.split()
        self.flags = [word for word in command if word.startswith("-fsanitize") or word == "-pthread"]
        self.archives = [str(self.folder / "libtest.a"), str(self.folder / "libnocsim.a")]
        self.systemc = len(self.command[".cpp"]) > 1
        if self.systemc:
            self.libraries += run(["pkg-config", "--libs", "systemc"]).stdout.split()
            self.archives.insert(1, str(self.folder / "libnocsim-systemc.a"))
            self.no_main = [str(self.folder / "sim/sc/no_main.o")]
        self.readers = {}  # file -> sources that read it
        for record in self.folder.rglob("*.d"):
            words = record.read_text().replace("\\\n", " ").split(":", 1)[1].split("\n")[0].split()
            for word in words:
                self.readers.setdefault(os.path.normpath(word), set()).add(os.path.normpath(words[0]))
        self.members = {}

    def compile(self, source, output, include=None):
        output.parent.mkdir(parents=True, exist_ok=True)
        vector = []
        for name, text in (("_avx2.c", "-mavx2 -mbmi2 -mpopcnt"),
                           ("_avx512.c", "-mavx512f -mavx512bw -mavx512vl -mavx512vpopcntdq -mavx512bitalg "
                                         "-mbmi2 -mpopcnt")):
            if source.endswith(name):
                vector = text.split()
        first = ["-I", str(include)] if include else []
        command = self.command[pathlib.Path(source).suffix]
        return run([command[0], *first, *command[1:], *vector, "-c", "-o", str(output), source])

    def link(self, objects, program, test, trace=False):
        extra = ["-Wl,--trace,--trace"] if trace else []
        if needs_systemc(test):
            extra += self.no_main
        linker = self.command[".cpp" if needs_systemc(test) else ".c"][0]
        return run([linker, *self.flags, *extra, "-o", str(program), *map(str, objects), *self.archives,
                    *self.libraries, "-lm"])

    def prepare(self, test):
        """Compiles and links the test as it stands; notes which members of the libraries it needs."""
        base = TREE / "unchanged" / test
        self.compile(test + ".c", base.with_suffix(".o")).check_returncode()
        linked = self.link([base.with_suffix(".o")], base, test, trace=True)
        linked.check_returncode()
        self.members[test] = set(re.findall(r"lib(?:test|nocsim|nocsim-systemc)\.a\)?\(?([\w.]+\.o)", linked.stdout))
        return base

    def affected(self, path, test):
        """Sources of `test` that have to be compiled again when `path` changes."""
        names = self.members[test]
        return sorted(source for source in self.readers.get(path, set()) | {path}
                      if source.endswith((".c", ".cpp")) and (source == test + ".c"
                                                    or pathlib.Path(source).with_suffix(".o").name in names))


def needs_systemc(test):
    return test.startswith("test/systemc/")


def run(command, env=None):
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace",
                          start_new_session=True) as process:
        try:
            output, errors = process.communicate(timeout=TIME_LIMIT_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # Check runs every test in a process of its own
            output, errors = "", "takes longer than %d s" % TIME_LIMIT_S
        process.wait()
        return subprocess.CompletedProcess(command, process.returncode, output, errors)


def run_case(program, case, seeds):
    env = {**os.environ, "CK_RUN_CASE": case, "LAW_SEEDS": str(seeds)}
    env.pop("LAW_SEED", None)
    return run([str(program)], env)


def plant(mutant):
    """Writes the mutated file; returns its folder, or None when `find` is not there exactly once."""
    text = pathlib.Path(mutant["file"]).read_text()
    pattern = r"\s+".join(re.escape(word) for word in mutant["find"].split())
    if len(re.findall(pattern, text)) != 1:
        return None
    folder = TREE / mutant["name"]
    target = folder / mutant["file"]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(re.sub(pattern, lambda _: mutant["put"], text))
    return folder


def judge(build, mutant):
    """None when the mutant is caught, with the message that caught it; else why not."""
    folder = plant(mutant)
    if folder is None:
        return False, "'find' does not occur exactly once in " + mutant["file"]
    test = mutant["test"]
    objects = {}
    for source in build.affected(mutant["file"], test):
        output = (folder / source).with_suffix(".o")
        where = folder / source
        compiled = build.compile(str(where if where.exists() else source), output, folder)
        if compiled.returncode != 0:
            return False, "does not compile: " + compiled.stderr.strip().split("\n")[0]
        objects[source] = output
    if not objects:
        return False, "no object of the test depends on the file"
    main = objects.pop(test + ".c", (TREE / "unchanged" / test).with_suffix(".o"))
    program = folder / "program"
    linked = build.link([main, *objects.values()], program, test)
    if linked.returncode != 0:
        return False, "does not link: " + linked.stderr.strip()[:700]
    for seeds in SEEDS:
        result = run_case(program, mutant["case"], seeds)
        named = re.compile(r":[FES]:%s:" % re.escape(mutant["case"]))
        lines = [line for line in result.stdout.split("\n") if named.search(line)]
        if result.returncode != 0 and lines:
            return True, lines[0].split(":", 5)[-1].strip()
    return False, "survives" if result.returncode == 0 else "ends without naming the case: " + result.stderr[-200:]


def main():
    build = Build(sys.argv[1])
    mutants = [m for m in load() if len(sys.argv) == 2 or m["name"] in sys.argv[2:]]
    mutants = [m for m in mutants if build.systemc or not needs_systemc(m["test"])]
    failures = 0
    sound = {}
    for test, case in sorted({(m["test"], m["case"]) for m in mutants}):
        if test not in build.members:
            program = build.prepare(test)
        result = run_case(program, case, SEEDS[0])
        ran = re.search(r"Checks: (\d+), Failures: 0, Errors: 0", result.stdout)
        sound[test, case] = result.returncode == 0 and ran is not None and int(ran.group(1)) > 0
        if not sound[test, case]:
            print("%s, case %s, does not pass (or is missing) without a mutant" % (test, case))
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("MUTANT_JOBS", os.cpu_count() or 1))) as pool:
        for mutant, (caught, text) in zip(mutants, pool.map(lambda m: judge(build, m), mutants)):
            caught = caught and sound[mutant["test"], mutant["case"]]
            failures += not caught
            print("%-8s %-26s %s %s: %s" % ("caught" if caught else "MISSED", mutant["name"],
                                            os.path.basename(mutant["test"]), mutant["case"], text[:600]), flush=True)
    print("%d passed, %d failed" % (len(mutants) - failures, failures))
    return 1 if failures or not mutants else 0


if __name__ == "__main__":
    sys.exit(main())
