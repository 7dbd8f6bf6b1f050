#!/usr/bin/python3
"""What postwelle-backup.timer calls: a copy has its name only when it was found good, and only then an old one goes."""

import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.house import PROGRAM, House
from harness.tap import Tap

SOURCE = os.environ.get("G_TEST_SRCDIR", os.path.join(HERE, "..", ".."))
SCRIPT = os.path.join(SOURCE, "packaging", "systemd", "backup")
PARTS = ["ledger", "secret", "witness"]
OLD = ["20200101T000000", "20200102T000000"]
USAGE = 64


class Backups:
    """The folder, and the script beside whose policyd there is no other."""

    def __init__(self, house):
        self.folder = os.path.join(house.folder, "backups")
        programs = os.path.join(house.folder, "programs")
        os.mkdir(programs)
        wrapper = os.path.join(programs, "postwelle-policyd")
        with open(wrapper, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\nexec {shlex.quote(os.path.abspath(PROGRAM))} -c {shlex.quote(house.config)} \"$@\"\n")
        os.chmod(wrapper, 0o755)
        self.environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
        for name in ("", *OLD):
            os.mkdir(os.path.join(self.folder, name))

    def make(self, *words):
        return subprocess.run([SCRIPT, self.folder, *words], capture_output=True, text=True, check=False, env=self.environment)

    def names(self):
        return sorted(os.listdir(self.folder))


def test_backups(tap, house, backups):
    done = backups.make("2")
    names = backups.names()
    tap.ok(done.returncode == 0 and f"{backups.folder}/{names[-1]}: " in done.stdout and "good" in done.stdout, "a good backup tells its name",
           (done, names))
    tap.ok(len(names) == 2 and names[0] == OLD[1], "of three, the newest two are kept", names)
    tap.equal(sorted(os.listdir(os.path.join(backups.folder, names[1]))), PARTS, "it is whole")
    for keep in ("0", "x", "-1", ""):
        tap.ok(backups.make(keep).returncode == USAGE and backups.names() == names, f"to keep \"{keep}\" is no number of copies, and deletes none")
    house.end(signal.SIGTERM)
    os.mkdir(os.path.join(backups.folder, "unfinished"))  # what became of one at a power failure
    done = backups.make("1")
    tap.ok(done.returncode not in (0, USAGE) and [name for name in backups.names() if name != "unfinished"] == names,
           "where no backup could be made, none goes", (done, backups.names()))
    house.start()
    while time.strftime("%Y%m%dT%H%M%S") <= names[1]:  # a name for each second
        time.sleep(0.05)
    done = backups.make("1")
    tap.ok(done.returncode == 0 and len(backups.names()) == 1 and backups.names()[0] > names[1], "the next one is good, and leaves nothing unfinished",
           (done, backups.names()))
    house.end(signal.SIGTERM)


def main():
    with Tap() as tap, tempfile.TemporaryDirectory() as folder:
        house = House(folder)
        tap.equal(house.run("--init").returncode, 0, "a ledger")
        house.start()
        test_backups(tap, house, Backups(house))


if __name__ == "__main__":
    main()
