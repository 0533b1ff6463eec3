#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Run the commands that a README shows, and compare what they print with what it says.

Usage: transcript.py README.md...      (prints TAP, a test per README)

A ```console block is a transcript: lines that begin with "$ " are commands, what follows is their
output (both streams). All blocks of a README run in one shell, in a copy of its folder if that is an
example (it has a config.c), else in an empty one. Times of log lines are not compared, and a line
"..." stands for any lines.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d:")
STEP = re.compile(r"  (CC|NOTE|RULE) ")
MARK = "--transcript-mark--"


def blocks(text):
    return re.findall(r"^```console\n(.*?)^```$", text, re.M | re.S)


def steps(block):
    """[(command, expected lines)]; a command goes on after a backslash, and through a here-document."""
    result, lines = [], block.split("\n")[:-1]
    while lines:
        line = lines.pop(0)
        if line.startswith("$ "):
            command = line[2:]
            while command.endswith("\\") and lines:
                command += "\n" + lines.pop(0)
            here = re.search(r"<<'(\w+)'", command)
            while here and lines:
                command += "\n" + lines.pop(0)
                if command.endswith("\n" + here.group(1)):
                    break
            result.append((command, []))
        elif result:
            result[-1][1].append(line)
    return result


def sort_parallel(lines):
    """Steps of a parallel build but its last come in any order: put each run of them in one."""
    result, run = [], []
    for line in lines + [None]:
        if line is not None and STEP.match(line):
            run.append(line)
            continue
        result += sorted(run)
        run = []
        if line is not None:
            result.append(line)
    return result


def same(expected, actual):
    expected = sort_parallel([TIME.sub("TIME", line.rstrip()) for line in expected])
    actual = sort_parallel([TIME.sub("TIME", line.rstrip()) for line in actual])

    def match(e, a):
        if not e:
            return not a
        if e[0] == "...":
            return any(match(e[1:], a[i:]) for i in range(len(a) + 1))
        return bool(a) and e[0] == a[0] and match(e[1:], a[1:])

    return match(expected, actual)


def run(commands, folder):
    """The output of each command, run in one shell."""
    # $? must survive the mark, for transcripts that ask for it.
    script = "".join(
        f"{command}\n__status=$?; echo; echo '{MARK}'; (exit $__status)\n" for command, _ in commands)
    done = subprocess.run(["bash", "-c", "exec 2>&1\n" + script], cwd=folder, text=True,
                          stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=300, check=False)
    outputs = done.stdout.split(MARK + "\n")
    return [output.split("\n") for output in outputs]


def trim(lines):
    while lines and lines[-1].strip() == "":
        lines = lines[:-1]
    return lines


def check(readme):
    with open(readme, encoding="utf-8") as file:
        commands = [step for block in blocks(file.read()) for step in steps(block)]
    if not commands:
        return ["no transcript in it"]
    top = tempfile.mkdtemp(prefix="transcript-")
    folder = os.path.join(top, os.path.basename(os.path.dirname(os.path.abspath(readme))))
    try:
        if os.path.exists(os.path.join(os.path.dirname(os.path.abspath(readme)), "config.c")):
            shutil.copytree(os.path.dirname(os.path.abspath(readme)), folder,
                            ignore=shutil.ignore_patterns("mirage", "_build", "dist", "Makefile",
                                                          "mirage.context",
                                                          "compile_commands.json"))
        else:
            os.mkdir(folder)
        outputs = run(commands, folder)
    finally:
        shutil.rmtree(top, ignore_errors=True)
    for (command, expected), actual in zip(commands, outputs):
        if not same(trim(expected), trim(actual)):
            return [f"$ {command}", "expected:", *expected, "but it printed:", *trim(actual)]
    return []


def set_environment():
    """The tool of this tree, and nothing of a make that may have called us."""
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    os.environ["PATH"] = os.path.realpath(os.path.join(root, "build", "bin")) + ":" + os.environ["PATH"]
    for name in ("MODE", "MIRAGE_DEFAULT_TARGET", "MAKEFLAGS", "MFLAGS", "MAKELEVEL"):
        os.environ.pop(name, None)


def main():
    failed = 0
    set_environment()
    print(f"1..{len(sys.argv) - 1}")
    for number, readme in enumerate(sys.argv[1:], 1):
        problem = check(readme)
        name = os.path.relpath(readme)
        print(f"{'not ok' if problem else 'ok'} {number} transcript of {name}", flush=True)
        for line in problem:
            print(f"#   {line}")
        failed += bool(problem)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
