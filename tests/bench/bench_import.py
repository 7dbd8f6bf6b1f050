#!/usr/bin/python3
"""A list of 1,000,000 rows, checked, rendered and stored durably: seconds, of these on the CPU, and both programs' memory.

usage: bench_import.py
"""

import os
import resource
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.sandbox import Sandbox
from harness.site import RIGHTS, Site

ROWS = 1_000_000
GOAL_SECONDS = 60


def most_memory(pid):
    """VmHWM of a running process, in KiB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


def write_list(sandbox):
    path = os.path.join(sandbox.path, "list.csv")
    with open(path, "w", encoding="ascii") as file:
        file.write("Anrede;Nachname;E-Mail;Sprache\n")
        file.writelines(f"Frau;Beispiel{n};p{n}@d{n % 5000}.example;de\n" for n in range(ROWS))
    return path


def main():
    os.environ.setdefault("POSTWELLE_DATADIR", os.path.join(HERE, "..", "..", "importer"))
    with Sandbox() as sandbox:
        site = Site(None, sandbox)
        directory, path = site.campaign("bench"), write_list(sandbox)
        began = time.monotonic()
        done = site.postwelle.command("import", directory, path, *RIGHTS)
        seconds = time.monotonic() - began
        assert f"{ROWS} new" in done.stdout, done.stdout
        command = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(f"import of {ROWS} rows, checked and stored: {seconds:.1f} s ({command.ru_utime + command.ru_stime:.1f} s of "
              f"them postwelle's on the CPU); postwelle {command.ru_maxrss // 1024} MiB, "
              f"postwelle-policyd {most_memory(site.postwelle.policyd.pid) // 1024} MiB")
        print(f"goal: at most {GOAL_SECONDS} s: {'met' if seconds <= GOAL_SECONDS else 'missed'}")


main()
