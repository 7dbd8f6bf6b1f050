"""Faults of the machine (machine.py) on the real programs with real Postfix, in a mount namespace of its own."""

import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

from harness.sandbox import build_directory  # noqa: E402
from harness.sandbox import Sandbox  # noqa: E402
from harness.tap import Tap  # noqa: E402

import cases  # noqa: E402
import machine  # noqa: E402

NAMESPACE = "POSTWELLE_FAULT_NAMESPACE"


def enter_namespace():
    """This program again, where its mounts are nobody else's and end with it."""
    if NAMESPACE not in os.environ:
        os.environ[NAMESPACE] = "entered"
        program = [sys.executable, os.path.abspath(__file__), *sys.argv[1:]]
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", *program])


def main():
    enter_namespace()
    wanted = set(sys.argv[1:])
    library = os.path.join(build_directory(), "tests", "fault", "faults.so")
    with Tap() as tap, Sandbox() as sandbox:
        scene = machine.Machine(sandbox, cases.receivers, library)
        scene.set_clock(machine.EDGE)
        scene.start()
        play = cases.Play(tap, scene)
        for case in machine.CASES:
            if not wanted or case.__name__ in wanted:
                begun = time.monotonic()
                case(play)
                tap.note(f"{case.__name__}: {time.monotonic() - begun:.0f} s. {case.__doc__}")
        play.finish()


if __name__ == "__main__":
    main()
