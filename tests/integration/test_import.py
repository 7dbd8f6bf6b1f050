"""Importing when things go wrong: the command and policyd are killed at any moment, and each time all rows are in or none."""

import json
import os
import pty
import random
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.sandbox import Sandbox, wait_for
from harness.site import RIGHTS, Site
from harness.tap import Tap

SOURCE = os.environ.get("G_TEST_SRCDIR", os.path.join(HERE, "..", ".."))
ROWS = 6000
KILLS = 12  # of each
DATA, TEMPORARY = 65, 75


class Importing:
    """A campaign and a list, imported again and again."""

    def __init__(self, site, name):
        self.site = site
        self.directory = site.campaign(name)
        rows = "".join(f"Frau;Beispiel{n};p{n}@{name}.example\n" for n in range(ROWS))
        self.list = site.sandbox.write(f"{name}.csv", "Anrede;Nachname;E-Mail\n" + rows)
        began = time.monotonic()
        site.postwelle.command("import", self.directory, self.list, *RIGHTS)
        self.seconds = time.monotonic() - began
        self.undo()

    def start(self):
        return subprocess.Popen(self.site.postwelle.argv("import", self.directory, self.list, *RIGHTS),
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def some_time(self):
        time.sleep(random.uniform(0, self.seconds))

    def participants(self):
        done = self.site.postwelle.command("status", self.directory, "--json", check=False)
        if done.returncode == DATA and "import a list for it first" in done.stderr:
            return 0
        return sum(wave["total"] for wave in json.loads(done.stdout)["waves"])

    def undo(self):
        self.site.postwelle.command("import", "--undo", self.directory)


def killed(tap, site, name, kill, revive):
    """Twelve imports, each with a kill at a random moment; kill and revive do it. Then one that is left alone."""
    importing = Importing(site, name)
    outcomes = []
    for _ in range(KILLS):
        process = importing.start()
        importing.some_time()
        kill(process)
        process.communicate(timeout=60)
        revive()
        outcomes.append((importing.participants(), process.returncode == 0))
        if outcomes[-1][0] == ROWS:
            importing.undo()
    wrong = [outcome for outcome in outcomes if outcome not in ((0, False), (ROWS, True), (ROWS, False))]
    tap.equal(wrong, [], f"{name} killed: each time all rows or none, and no success without them")
    tap.ok((0, False) in outcomes, "most were killed before the end", str(outcomes))
    done = site.postwelle.command("import", importing.directory, importing.list, *RIGHTS)
    tap.ok(f"{ROWS} new, 0 known already" in done.stdout, "left alone, it imports all: nothing was left over", done.stdout)
    wait_for(lambda: leftovers(site, importing.directory) == ROWS, "the rows of dead imports are swept")
    tap.ok(True, "and policyd has removed what the dead imports wrote")


def leftovers(site, directory):
    """How many rows of participants of this campaign the ledger holds, invisible ones included."""
    site.postwelle.policyd.stop()
    dump = subprocess.run([f"{site.postwelle.build}/postwelle-policyd", "-c", site.postwelle.config, "--dump"],
                          capture_output=True, text=True, check=True).stdout
    site.postwelle.start_policyd()
    return dump.count(f"@{os.path.basename(directory)}.example")


def test_killed(tap, site):
    killed(tap, site, "import", lambda process: process.kill(), lambda: None)
    killed(tap, site, "policyd", lambda _: site.postwelle.kill("policyd"), site.postwelle.start_policyd)


def test_interrupted(tap, site):
    """Ctrl-C: a sentence, 75, nothing imported."""
    importing = Importing(site, "interrupt")
    for left in range(100, 0, -1):
        process = importing.start()
        time.sleep(importing.seconds * left / 200)  # sooner each time: how long it takes was measured on another load
        process.send_signal(signal.SIGINT)
        text = process.communicate(timeout=60)[0]
        if process.returncode != 0:
            break
        importing.undo()
    tap.ok(process.returncode == TEMPORARY and "nothing was imported" in text, "interrupted: it says so", text)
    tap.equal(importing.participants(), 0, "and nothing was")


def test_bar(tap, site):
    """On a terminal, what takes longer than a second shows how far it is."""
    directory = site.campaign("bar")
    rows = "".join(f"Frau;Beispiel{n};p{n}@bar.example\n" for n in range(40 * ROWS))
    path = site.sandbox.write("bar.csv", "Anrede;Nachname;E-Mail\n" + rows)
    mine, theirs = pty.openpty()
    process = subprocess.Popen(site.postwelle.argv("import", directory, path, *RIGHTS), stdout=subprocess.DEVNULL,
                               stderr=theirs)
    os.close(theirs)
    screen = b""
    while True:
        try:
            screen += os.read(mine, 4096)
        except OSError:  # the other end is closed
            break
    os.close(mine)
    tap.equal(process.wait(), 0, "imported on a terminal")
    tap.ok(b"checking  " in screen and b"importing  [#" in screen and screen.endswith(b"\r\033[K"),
           "with a bar, which is gone at the end", repr(screen[-400:]))


def main():
    os.environ.setdefault("POSTWELLE_DATADIR", os.path.join(SOURCE, "importer"))
    with Tap() as tap, Sandbox() as sandbox:
        site = Site(tap, sandbox)
        for test in (test_killed, test_interrupted, test_bar):
            test(tap, site)


if __name__ == "__main__":
    main()
