#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Run every example, unchanged, on a target with a tender, and compare with its documented output.

Usage: examples.py spt|hvt      (prints TAP, a test per run of an image in an example's README)

What a README shows for the unix target is what the same source must print on every target: each
command that configures does so for this target, each that runs the image runs it under the tender.
The tender's banner, memory map and last line stand around it. An spt image runs here, an hvt image in
the lab (test/lab/hvt), all of them in one boot. Images that ask for devices are left to the suites
of those devices.
"""
import concurrent.futures
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

import transcript

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))

# "TZ=UTC dist/clock ARGUMENTS | FILTER"
RUN = re.compile(r"^(?:[A-Z]+=\S+ )?(?:\./)?(?:dist|_build)/[\w.-]+(?P<arguments>[^|]*)(?:\|(?P<filter>.*))?$")

BEFORE = r"""            |      ___|
  __|  _ \  |  _ \ __ \
\__ \ (   | | (   |  ) |
____/\___/ _|\___/____/
Solo5: Memory map: 512 MB addressable:
Solo5:     unused @ (ADDRESS - ADDRESS)
Solo5:       text @ (ADDRESS - ADDRESS)
Solo5:     rodata @ (ADDRESS - ADDRESS)
Solo5:       data @ (ADDRESS - ADDRESS)
Solo5:       heap >= ADDRESS < stack < ADDRESS
""".split("\n")[:-1]
AFTER = "Solo5: solo5_exit({}) called"

# Commands that change a file of the project: `echo text >file`.
EDIT = re.compile(r"^(echo|printf) [^|;]*>[^|;]*$")

# No tender knows a time zone, so times of day end in -00:00.
NORMALISE = ("sed -E -e 's/^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8} -00:00:/TIME/' "
             "-e '/^Solo5:/s/0x[0-9a-f]+/ADDRESS/g'")


def expected_output(lines, target, status):
    """What unix prints, said of another target."""
    known = {"target: unix": f"target: {target}",
             "TIME INF [application] local time is 0 min from UTC":
                 "TIME INF [application] no time zone is known"}
    lines = [transcript.TIME.sub("TIME", line.rstrip()) for line in transcript.trim(lines)]
    return BEFORE + [known.get(line, line) for line in lines] + [AFTER.format(status)]


def shell(command, folder):
    done = subprocess.run(["bash", "-ec", command], cwd=folder, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, check=False)
    return done.returncode, done.stdout


class Problem(Exception):
    pass


def configure(command, folder, target):
    """The options of a documented `mirage configure` are kept, but for the target's."""
    environment = re.match(r"(env \S+ )?", command).group()
    options = re.sub(r"^(env \S+ )?(mirage configure|mir-unix-direct \S+)", "", command)
    options = re.sub(r"-t \S+|--unix", "", options)
    status, output = shell(f"{environment}mirage configure -t {target} {options} && mirage build", folder)
    if status != 0:
        raise Missing() if "does not exist on target" in output else Problem(output)


class Missing(Exception):
    """What is configured is not there on the target, and says so."""


class Example:
    """An example's README: its runs, with the images they need in `store`."""

    def __init__(self, readme, target, store):
        self.readme, self.target, self.store = readme, target, store
        self.name = os.path.relpath(os.path.dirname(readme), os.path.join(ROOT, "examples"))
        self.runs, self.problem, self.devices, self.missing = [], None, False, False
        with open(readme, encoding="utf-8") as file:
            self.steps = [s for block in transcript.blocks(file.read()) for s in transcript.steps(block)]

    def build(self):
        with tempfile.TemporaryDirectory(prefix="examples-") as top:
            folder = os.path.join(top, os.path.basename(self.name))
            shutil.copytree(os.path.dirname(self.readme), folder, ignore=shutil.ignore_patterns(
                "mirage", "_build", "dist", "Makefile", "mirage.context", "compile_commands.json"))
            try:
                for (command, expected), following in zip(self.steps, self.steps[1:] + [("", [])]):
                    status = following[1][0] if following[0] == "echo $?" else "0"
                    self.step(command, expected, status, folder)
            except Problem as problem:
                self.problem = str(problem)

    def step(self, command, expected, status, folder):
        run = RUN.match(command)
        if re.match(r"(env \S+ )?mirage configure|mir-unix-direct", command):
            if any(": error:" in line for line in expected):
                return
            try:
                configure(command, folder, self.target)
                self.missing = False
            except Missing:
                self.missing = True
                return
            with open(os.path.join(folder, "mirage", "manifest.json"), encoding="utf-8") as manifest:
                self.devices = '"name"' in manifest.read()
        elif EDIT.match(command):
            shell(f"{command} && mirage build", folder)
        elif run and not self.devices and not self.missing:
            self.add_run(run, expected, status, folder)

    def add_run(self, run, expected, status, folder):
        images = glob.glob(os.path.join(folder, "dist", "*." + self.target))
        if len(images) != 1:
            raise Problem(f"images in dist: {images}")
        label = f"{self.name.replace('/', '-')}-{len(self.runs) + 1}"
        shutil.copy(images[0], os.path.join(self.store, f"{label}.image"))
        with open(os.path.join(self.store, f"{label}.expected"), "w", encoding="utf-8") as file:
            file.write("\n".join(expected_output(expected, self.target, status)) + "\n")
        # The tender joins its arguments with blanks: quotes have to reach the image.
        arguments = re.sub(r"(--[\w-]+=)\"([^\"]*)\"", r"""'\1"\2"'""", run["arguments"])
        self.runs.append((label, arguments.strip(), (run["filter"] or "cat").strip()))


def run_command(target, label, arguments, output_filter):
    return (f"{{ solo5-{target} {label}.image {arguments}; }} 2>&1 </dev/null | {output_filter} | "
            f"{NORMALISE} >{label}.actual; diff -u {label}.expected {label}.actual")


def run_here(runs, store, target):
    """{label: (passed, output)}; all at once, since they mostly sleep."""
    with concurrent.futures.ThreadPoolExecutor(max_workers=max(1, len(runs))) as pool:
        results = pool.map(lambda run: shell(run_command(target, *run), store), runs)
        return {run[0]: (status == 0, output) for run, (status, output) in zip(runs, results)}


def run_in_lab(runs, store):
    script = os.path.join(store, "checks.sh")
    with open(script, "w", encoding="utf-8") as file:
        for run in runs:
            file.write(f"({run_command('hvt', *run)}; echo $? >{run[0]}.status) >{run[0]}.diff 2>&1 &\n")
        file.write("wait\n")
        for run in runs:
            file.write(f"check {run[0]} 'cat {run[0]}.diff; test \"$(cat {run[0]}.status)\" = 0'\n")
    files = [word for run in runs for kind in ("image", "expected")
             for word in ("--file", os.path.join(store, f"{run[0]}.{kind}"))]
    done = subprocess.run([os.path.join(ROOT, "test", "lab", "hvt", "run.sh"), "--program",
                           os.path.join(ROOT, "build", "bin", "solo5-hvt"), "--script", script, *files],
                          text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=600, check=False)
    skipped = re.search(r"the hvt lab # SKIP (.*)", done.stdout)
    if skipped:
        return {run[0]: (skipped.group(1), "") for run in runs}
    results = {}
    for run in runs:
        line = re.search(rf"^ok \d+ - {re.escape(run[0])}$", done.stdout, re.M)
        results[run[0]] = (line is not None, "" if line else done.stdout)
    return results


def report(number, name, passed, output):
    if isinstance(passed, str):
        print(f"ok {number} {name} # SKIP {passed}", flush=True)
        return 0
    print(f"{'ok' if passed else 'not ok'} {number} {name}", flush=True)
    if not passed:
        for line in output.split("\n"):
            print(f"#   {line}")
    return 0 if passed else 1


def main():
    target = sys.argv[1]
    transcript.set_environment()
    readmes = sorted(glob.glob(os.path.join(ROOT, "examples", "**", "README.md"), recursive=True))
    readmes = [path for path in readmes if os.path.exists(os.path.join(os.path.dirname(path), "config.c"))]
    with tempfile.TemporaryDirectory(prefix="examples-") as store:
        examples = [Example(readme, target, store) for readme in readmes]
        for example in examples:
            example.build()
        runs = [run for example in examples for run in example.runs]
        results = run_here(runs, store, target) if target == "spt" else run_in_lab(runs, store)
    number = failed = 0
    for example in examples:
        if example.problem:
            number += 1
            failed += report(number, f"{example.name} on {target}", False, example.problem)
        elif example.devices:
            print(f"# {example.name} has devices, and a suite of its own")
        for label, _, _ in example.runs:
            number += 1
            failed += report(number, f"{label} on {target}", *results[label])
    print(f"1..{number}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
