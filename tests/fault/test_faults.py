"""Faults on the real programs with real Postfix, three sandboxes at a time: single ones (cases.py), those of disks and
clocks (test_machine.py), and a short storm of kills. Most of the time they wait for Postfix to try again."""

import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

from harness.sandbox import Sandbox  # noqa: E402
from harness.tap import Tap  # noqa: E402

import cases  # noqa: E402
from scene import Scene  # noqa: E402

STORM_ROWS, STORM_KILLS, OTHERS_SECONDS = 300, 12, 900


def start(script, *words):
    argv = [sys.executable, os.path.join(HERE, script), *map(str, words)]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def repeat(tap, process):
    """The checks of a test that was run as a process of its own."""
    output = process.communicate(timeout=OTHERS_SECONDS)[0]
    for line in output.splitlines():
        check = re.fullmatch(r"(not )?ok \d+ - (.*)", line)
        if check:
            tap.ok(not check.group(1), check.group(2))
        elif not re.fullmatch(r"1\.\.\d+", line):
            tap.note(line.removeprefix("# "))
    tap.equal(process.returncode, 0, f"{os.path.basename(process.args[1])}: exit status")


def play_cases(tap):
    with Sandbox() as sandbox:
        scene = Scene(sandbox, cases.receivers)
        scene.start()
        play = cases.Play(tap, scene)
        for case in cases.ORDINARY:
            begun = time.monotonic()
            case(play)
            tap.note(f"{case.__name__}: {time.monotonic() - begun:.0f} s. {case.__doc__}")
        play.finish()


def main():
    seed = os.environ.get("POSTWELLE_FAULT_SEED", "1")  # to play a storm again
    with Tap() as tap:
        others = [start("test_machine.py"),
                  start("storm.py", "--seed", seed, "--rows", STORM_ROWS, "--kills", STORM_KILLS)]
        try:
            play_cases(tap)
            for process in others:
                repeat(tap, process)
        finally:
            for process in others:
                process.terminate()


if __name__ == "__main__":
    main()
