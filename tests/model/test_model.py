#!/usr/bin/python3
"""Checks the models of an invitation's life with spin: the protocol holds, each broken variant is found. Prints TAP."""

import os
import re
import subprocess
import sys
import tempfile

FOLDER = os.path.dirname(os.path.abspath(__file__))
MODELS = {
    "invitation": ("FREE_ON_451", "FREE_ON_ABSENT", "FREE_ON_GAP", "NO_GUARD", "EARLY_RESERVE"),
    "sending": ("NO_QUESTION", "FORGETFUL", "ANY_DEFERRAL", "REFUSED_IS_OVER"),
}


def explore(model, variant):
    """Searches all schedules; returns (number of errors, number of states, what spin said)."""
    with tempfile.TemporaryDirectory(prefix="postwelle-model-") as folder:
        def run(*command):
            return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout
        run("spin", *([f"-D{variant}"] if variant else []), "-a", os.path.join(FOLDER, f"{model}.pml"))
        run("cc", "-O2", "-w", "-DSAFETY", "-DCOLLAPSE", "-o", "pan", "pan.c")
        said = run("./pan", "-m200000", "-w25")
    if "error: max search depth too small" in said:
        return None, 0, said
    errors = int(re.search(r"errors: (\d+)", said).group(1))
    states = int(float(re.search(r"([\d.e+]+) states, stored", said).group(1)))
    return errors, states, said


def main():
    cases = [(model, variant) for model, broken in MODELS.items() for variant in (None, *broken)]
    print(f"1..{len(cases)}")
    failed = False
    for number, (model, variant) in enumerate(cases, 1):
        errors, states, said = explore(model, variant)
        good = errors == 0 if variant is None else bool(errors)
        name = f"{model}: " + ("the protocol holds" if variant is None else f"{variant} is found to break it")
        broken = re.search(r"^pan:1: (.*) \(at depth", said, re.M)
        name += f": {broken.group(1)}" if variant and broken else ""
        print(f"{'ok' if good else 'not ok'} {number} - {name} ({states} states)")
        if not good:
            failed = True
            print("".join(f"# {line}\n" for line in said.splitlines()[:20]), end="")
    sys.exit(failed)


if __name__ == "__main__":
    main()
