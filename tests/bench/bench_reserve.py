#!/usr/bin/python3
"""Durable reserves a second, witness included, as a multiple of the same disk's serial fdatasync rate.

usage: bench_reserve.py [FOLDER]      FOLDER (default /var/tmp) says which disk
"""

import os
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from harness.house import BUILD, House

LOAD = os.path.join(BUILD, "tests", "bench", "reserve_load")
SECONDS = 4
GOALS = {1: None, 8: None, 64: 8, 256: 15}


def run(*words):
    return subprocess.run([LOAD, *map(str, words)], capture_output=True, text=True, check=True).stdout.split()


def main():
    with tempfile.TemporaryDirectory(prefix="postwelle-bench-", dir=sys.argv[1] if sys.argv[1:] else "/var/tmp") as folder:
        house = House(folder)
        house.run("--init")
        house.start()
        first = 1
        try:
            print("connections  fdatasync/s  reserves/s  ratio  goal")
            for connections, goal in GOALS.items():
                before = float(run("--fdatasync", os.path.join(folder, "sync"), SECONDS / 2)[0])
                rate, first = run(house.socket("reserve"), connections, SECONDS, first)
                after = float(run("--fdatasync", os.path.join(folder, "sync"), SECONDS / 2)[0])
                serial = (before + after) / 2
                print(f"{connections:11}  {serial:11.0f}  {rate:>10}  {float(rate) / serial:5.1f}  {goal or '':>4}", flush=True)
            witness = sum(entry.stat().st_size for entry in os.scandir(os.path.join(folder, "witness")))
            print(f"witness: {witness / int(first):.0f} octets a reserve")
        finally:
            house.end(signal.SIGTERM)


main()
