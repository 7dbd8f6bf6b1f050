"""Fuzzes every target for a few seconds, from its corpus on; for builds with --enable-fuzzing. Prints TAP.

The seed is the same each time, so that what fails is due to a change; FUZZ_SEED=0 FUZZ_SECONDS=600 looks for more.
"""

import os
import subprocess
import sys
import tempfile

SECONDS = int(os.environ.get("FUZZ_SECONDS", "6"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
SOURCE, BUILD = os.environ["G_TEST_SRCDIR"], os.environ["G_TEST_BUILDDIR"]


def fuzz(target, folder):
    """What libFuzzer said where it found something; None where it found nothing."""
    corpus = os.path.join(SOURCE, "tests", "fuzz", "corpus", target.removeprefix("fuzz_"))
    program = os.path.join(BUILD, "tests", "fuzz", target)
    done = subprocess.run([program, f"-max_total_time={SECONDS}", f"-seed={SEED}", "-timeout=10", "-rss_limit_mb=2048",
                           f"-artifact_prefix={folder}/", folder, corpus], capture_output=True, text=True, errors="replace")
    return None if done.returncode == 0 else done.stderr


def main():
    targets = sorted(name for name in os.listdir(os.path.join(BUILD, "tests", "fuzz"))
                     if name.startswith("fuzz_") and os.access(os.path.join(BUILD, "tests", "fuzz", name), os.X_OK)
                     and not os.path.isdir(os.path.join(BUILD, "tests", "fuzz", name)))
    print(f"1..{len(targets)}")
    failed = False
    for number, target in enumerate(targets, 1):
        with tempfile.TemporaryDirectory(prefix="postwelle-fuzz-") as folder:
            said = fuzz(target, folder)
        print(f"{'ok' if said is None else 'not ok'} {number} - {target}", flush=True)
        if said is not None:
            failed = True
            print("".join(f"# {line}\n" for line in said.splitlines()[-40:]))
    sys.exit(failed)


if __name__ == "__main__":
    main()
