#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The written rules of the code base, checked: layers, headers, names, lengths, licence lines, plain paths.

Usage: lint.py BUILD_FOLDER      (its libraries are built; their symbols are looked at)

Each rule is a function `rule_...` that yields (file, line, message). Every rule counts as one test.
"""
import concurrent.futures
import fnmatch
import os
import pathlib
import re
import shlex
import subprocess
import sys

C_COLUMNS = 110
PYTHON_COLUMNS = 124
FILE_LINES = 600

# Layers, lowest first: a file may include its own layer and those below. sim/cli and sim/sc compose all.
LAYERS = ["sim", "noc", "arch"]
COMPOSERS = ["sim/cli/*", "sim/sc/*", "test/*"]
CXX_ONLY = ["sim/sc/*", "test/systemc/*"]

# A model does not know who runs, describes or records it.
MODEL_FORBIDS = re.compile(r"sim/kernel/(kernel|log)\.h|sim/config/(yaml|node|effective|override)\.h|sim/record/record\.h"
                           r"|sim/base/(sql|rows|heap)\.h|sim/trace/\w+\.h|yaml\.h|sqlite3\.h|jansson\.h|lzma\.h")
# These files put models together and are no models: chips, networks, the mapper, and what feeds them.
ASSEMBLY = ["arch/*chip*", "arch/*/host*", "arch/*map*", "arch/packet/*", "arch/host/*", "arch/core/packet_*", "*print*",
            "*tree*", "*assembly*", "noc/*/mesh*", "noc/network/network*", "noc/network/static*", "noc/watch/*",
            "noc/traffic/replay*", "noc/traffic/run*"]

# Inside the program, which nobody links, the file's own word will do: sweep_ in sim/cli/sweep_work.c.
PROGRAM_PREFIXES = ("cli_", "cmd_", "run_", "main")

ROOTS = ["sim", "noc", "arch", "test", "scripts", "configs", "workloads", ".ci"]
SPDX = "SPDX-License-Identifier: MIT"
SPDX_SUFFIXES = (".c", ".h", ".cc", ".cpp", ".py", ".sh", ".mk", ".ini", ".sql", "Makefile", ".ci/run")


def tracked():
    """Files under version control or about to be; everything but build trees where there is no git."""
    git = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                         capture_output=True, text=True, check=False)
    if git.returncode == 0:
        names = [name for name in git.stdout.split("\0") if name]
    else:
        names = [str(path) for path in pathlib.Path(".").rglob("*") if path.parts[0] not in ("build", "out", ".git")]
    return sorted(name for name in set(names) if os.path.isfile(name))


FILES = tracked()
TEXT = {}
for NAME in FILES:
    try:
        TEXT[NAME] = pathlib.Path(NAME).read_text()
    except UnicodeDecodeError:
        pass
C_FILES = [name for name in TEXT if name.endswith((".c", ".h"))]
HEADERS = [name for name in TEXT if name.endswith(".h")]
SOURCES = [name for name in TEXT if name.endswith((".c", ".h", ".py", ".sh", ".cpp", ".cc"))]


def matches(name, patterns):
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def lines(name):
    return enumerate(TEXT[name].split("\n"), 1)


def includes(name):
    for number, line in lines(name):
        found = re.match(r'\s*#\s*include\s+["<]([^">]+)[">]', line)
        if found:
            yield number, found.group(1)


def rule_layers():
    """sim/ includes nothing above it, noc/ never sees arch/"""
    for name in C_FILES:
        layer = name.split("/")[0]
        if layer not in LAYERS or matches(name, COMPOSERS):
            continue
        above = LAYERS[LAYERS.index(layer) + 1:] + ["sim/cli", "sim/sc", "test"]
        for number, included in includes(name):
            if included.startswith(tuple(folder + "/" for folder in above)):
                yield name, number, "includes %s, which lies above it" % included


def rule_cycles():
    """folders of a layer include each other without a cycle"""
    uses, example = {}, {}
    for name in C_FILES:
        folder = os.path.dirname(name)
        if name.split("/")[0] not in LAYERS or matches(name, COMPOSERS):
            continue
        for number, included in includes(name):
            other = os.path.dirname(included)
            if other.split("/")[0] in LAYERS and other != folder:
                uses.setdefault(folder, set()).add(other)
                example.setdefault((folder, other), (name, number))
    reached = {}
    for folder in uses:
        seen, todo = set(), [folder]
        while todo:
            new = uses.get(todo.pop(), set()) - seen
            seen |= new
            todo += new
        reached[folder] = seen
    for (folder, other), (name, number) in example.items():
        if folder in reached.get(other, ()):
            yield name, number, "%s includes %s, which includes it" % (folder, other)


def rule_models():
    """models include neither the kernel nor YAML nor database headers"""
    for name in C_FILES:
        if name.split("/")[0] in ("noc", "arch") and not matches(name, ASSEMBLY):
            for number, included in includes(name):
                if MODEL_FORBIDS.fullmatch(included):
                    yield name, number, "a model includes %s" % included


def rule_includes():
    """project headers are included by their path from the root"""
    for name in C_FILES:
        for number, line in lines(name):
            found = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if found and not os.path.exists(found.group(1)):
                yield name, number, 'no "%s" from the root' % found.group(1)


def rule_guards():
    """headers are guarded by their path, and open to C++"""
    for name in HEADERS:
        guard = re.sub(r"[/.]", "_", name).upper()
        if "#ifndef %s\n#define %s\n" % (guard, guard) not in TEXT[name]:
            yield name, 1, "no guard %s" % guard
        declares = re.search(r"^(?!static|typedef|#|extern)\w[^;{}=]*\)[^;{}=]*;", TEXT[name], re.M)
        if declares and not matches(name, COMPOSERS) and 'extern "C"' not in TEXT[name]:
            yield name, 1, 'declares functions without extern "C"'


def compile_header(job):
    name, compiler, standard = job
    language = "c" if standard == "c11" else "c++"
    flags = subprocess.run(["pkg-config", "--cflags", "yaml-0.1", "sqlite3", "jansson", "libxxhash", "liblzma", "check"],
                           capture_output=True, text=True, check=True).stdout
    run = subprocess.run([compiler, "-x", language, "-std=" + standard, "-fsyntax-only", "-I.", "-D_DEFAULT_SOURCE",
                          *(["-Wall", "-Wextra", "-Wpedantic", "-Werror"] if language == "c" else []),
                          *shlex.split(flags), "-include", name, "/dev/null"],
                         capture_output=True, text=True, check=False)
    if run.returncode != 0:
        return name, 1, "does not compile alone as %s: %s" % (standard, run.stderr.strip().split("\n")[0])
    return None


def rule_headers_alone():
    """every header compiles alone, as C11 and as C++17 (test headers: C11)"""
    jobs = [(name, "gcc", "c11") for name in HEADERS if not matches(name, CXX_ONLY)]
    jobs += [(name, "g++", "c++17") for name in HEADERS if not name.startswith("test/")]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        yield from filter(None, pool.map(compile_header, jobs))


def rule_lengths():
    """lines and files are short, without tabs and trailing blanks"""
    for name in SOURCES:
        limit = PYTHON_COLUMNS if name.endswith(".py") else C_COLUMNS
        for number, line in lines(name):
            if len(line) > limit and not name.endswith(".sh"):
                yield name, number, "%d columns, limit %d" % (len(line), limit)
            if line != line.rstrip():
                yield name, number, "blanks at the end"
            if "\t" in line and name in C_FILES:
                yield name, number, "a tab"
        if TEXT[name].count("\n") > FILE_LINES:
            yield name, FILE_LINES, "%d lines, limit %d" % (TEXT[name].count("\n"), FILE_LINES)
        if not TEXT[name].endswith("\n") or TEXT[name].endswith("\n\n"):
            yield name, TEXT[name].count("\n"), "does not end with one newline"


def rule_prefixes():
    """what a file exports carries the prefix of its folder"""
    build = pathlib.Path(sys.argv[1])
    objects = [path for layer in LAYERS for path in (build / layer).rglob("*.o")]
    if not objects:
        yield str(build), 1, "no objects: build first"
        return
    for path in sorted(objects):
        name = str(path.relative_to(build))
        source = name.removesuffix(".o") + ".c"
        if source not in TEXT:
            continue
        listing = subprocess.run(["nm", "--defined-only", "--extern-only", path], capture_output=True, text=True,
                                 check=True).stdout
        for symbol in re.findall(r"^[0-9a-f]* [A-TV-Z] (\w+)$", listing, re.M):
            prefixes = (name.split("/")[0] + "_",)
            if name.startswith("sim/cli/"):
                prefixes += PROGRAM_PREFIXES + (path.stem.split("_")[0] + "_",)
            if not symbol.startswith(prefixes):
                yield source, 1, "exports %s without the prefix %s" % (symbol, " or ".join(prefixes))


def rule_licence():
    """every source says its licence"""
    for name in TEXT:
        if name.endswith(SPDX_SUFFIXES) and SPDX not in "\n".join(TEXT[name].split("\n")[:4]):
            yield name, 1, "no line '%s'" % SPDX


def rule_exits():
    """only the command line ends the program (_exit ends a forked child); memory that is not there: sim/base"""
    for name in C_FILES:
        if name.split("/")[0] not in LAYERS or name.startswith("sim/sc/"):
            continue
        ends = [] if name.startswith("sim/cli/") else ["exit", "quick_exit", "_Exit"]
        calls = "|".join(ends if name.startswith("sim/base/") else [*ends, "abort"])
        for number, line in lines(name):
            if re.search(r"(?<![\w.>])(?:%s)\s*\(" % calls, re.sub(r"/\*.*?\*/|^\s*\*.*", "", line)):
                yield name, number, "exit() outside sim/cli, or abort() in place of sim_memory_exhausted()"


def rule_places():
    """no path of one machine, no host of a package registry"""
    folders = ["home", "root", "work", "Users"]
    hosts = [r"registry\.npm", r"deb\.debian", r"pypi\.org", r"npmjs\.", r"crates\.io"]
    foreign = re.compile(r"(?<![\w.])/(?:%s)/\w|(?:%s)" % ("|".join(folders), "|".join(hosts)))
    for name in TEXT:
        if name.split("/")[0] in ROOTS or name.endswith(".md") or name == "Makefile":
            for number, line in lines(name):
                found = foreign.search(line)
                if found and name != "scripts/lint.py":
                    yield name, number, "names the place '%s'" % found.group(0)


def rule_scripts():
    """scripts parse"""
    for name in TEXT:
        if name.endswith(".py"):
            try:
                compile(TEXT[name], name, "exec")
            except SyntaxError as error:
                yield name, error.lineno, error.msg
        elif TEXT[name].startswith(("#!/bin/sh", "#!/bin/bash")):
            shell = TEXT[name].split("\n")[0][2:]
            run = subprocess.run([shell, "-n", name], capture_output=True, text=True, check=False)
            if run.returncode != 0:
                yield name, 1, run.stderr.strip()


def main():
    if len(sys.argv) != 2:
        print("usage: lint.py BUILD_FOLDER", file=sys.stderr)
        return 1
    passed = failed = 0
    for rule in [value for name, value in globals().items() if name.startswith("rule_")]:
        faults = sorted(set(rule()))
        print("%-4s %s" % ("FAIL" if faults else "ok", rule.__doc__))
        for name, line, message in faults:
            print("    %s:%s: %s" % (name, line, message))
        passed += not faults
        failed += bool(faults)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
