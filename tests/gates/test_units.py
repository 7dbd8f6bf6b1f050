#!/usr/bin/python3
"""How much each unit lets its program do, as `systemd-analyze security` sees it, and that what runs each minute is silent. Prints TAP."""

import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = os.environ.get("G_TEST_SRCDIR", os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(SOURCE, "tests"))

from harness.tap import Tap

UNITS = os.path.join(SOURCE, "packaging", "systemd")
FOLDERS = {"bindir": "/usr/bin", "sbindir": "/usr/sbin", "sysconfdir": "/etc", "pkgdatadir": "/usr/share/postwelle"}

# At most, for every unit there is. The two above 1.0 are no daemons: they run for a moment, and say in their files what they need, and why.
EXPOSURE = {
    "postwelle-policyd.service": 1.0,
    "postwelle-milter.service": 1.0,
    "postwelle-track.service": 1.0,
    "postwelle-web.service": 1.0,
    "postwelle-backup.service": 1.0,
    "postwelle-metrics.service": 1.0,
    "postwelle.service": 1.2,
    "postwelle-guard@.service": 1.8,
}


def exposure(template, folder):
    """The unit's number; a template unit's is that of one of its instances."""
    with open(template, encoding="utf-8") as file:
        text = re.sub(r"@(\w+)@", lambda match: FOLDERS[match[1]], file.read())
    path = os.path.join(folder, os.path.basename(template).removesuffix(".in").replace("@.", "@one."))
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    done = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--no-pager", path], capture_output=True, text=True,
                          env={**os.environ, "LC_ALL": "C.UTF-8"}, check=False)
    return float(re.search(r"Overall exposure level for .*: ([0-9.]+)", done.stdout)[1]), done.stdout + done.stderr


def main():
    with Tap() as tap:
        templates = {os.path.basename(path).removesuffix(".in"): path for path in glob.glob(os.path.join(UNITS, "*.service.in"))}
        tap.equal(sorted(templates), sorted(EXPOSURE), "each unit has a number that it must keep")
        if shutil.which("systemd-analyze") is None:
            tap.skip("what the units let their programs do", "no systemd-analyze")
            return
        with tempfile.TemporaryDirectory() as folder:
            for name, most in EXPOSURE.items():
                number, words = exposure(templates[name], folder)
                tap.ok(number <= most, f"{name}: {number}, at most {most}", words)


if __name__ == "__main__":
    main()
