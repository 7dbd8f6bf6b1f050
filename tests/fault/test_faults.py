"""Faults on the real programs with real Postfix: single ones (cases.py), and beside them a short storm of kills."""

import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

from harness.sandbox import Sandbox  # noqa: E402
from harness.tap import Tap  # noqa: E402

import cases  # noqa: E402
from scene import Scene  # noqa: E402

STORM_ROWS, STORM_KILLS, STORM_SECONDS = 300, 12, 900


def start_storm():
    """A storm in a sandbox of its own. The seed can be given, to play one again."""
    seed = os.environ.get("POSTWELLE_FAULT_SEED", "1")
    argv = [sys.executable, os.path.join(HERE, "storm.py"), "--seed", seed, "--rows", str(STORM_ROWS), "--kills",
            str(STORM_KILLS)]
    return seed, subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


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
    with Tap() as tap:
        seed, storm = start_storm()
        try:
            play_cases(tap)
            output = storm.communicate(timeout=STORM_SECONDS)[0]
        finally:
            storm.terminate()
        tap.note(output)
        tap.equal(storm.returncode, 0, f"storm with seed {seed}: {STORM_KILLS} kills, and the invariant holds")


if __name__ == "__main__":
    main()
