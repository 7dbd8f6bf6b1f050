#!/usr/bin/python3
"""A storm: a campaign runs through real Postfix to receivers of every kind, and everything is killed at random.

    tests/fault/storm.py --seed 7 --rows 600 --kills 25     one storm
    tests/fault/storm.py --seeds 20 --kills 500             twenty, --kills shared among them (make fault-long)

The seed decides who the receivers are and what is killed in which order after which pause; it is printed, and --seed
plays it again. (Which instruction a kill meets is up to the machine.) At the end of each storm the invariant must hold:
invariant.py. Exit status 0 if it did in all.
"""

import argparse
import collections
import concurrent.futures
import contextlib
import os
import random
import re
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

from harness.sandbox import Sandbox, SandboxError  # noqa: E402

from invariant import ENDS, violations  # noqa: E402
from receivers import OBSCURING, Receivers  # noqa: E402
from scene import Scene, addresses  # noqa: E402

# What is hit how often. Postfix's are killed one process at a time.
VICTIMS = {"policyd": 5, "milter": 4, "feeder": 3, "track": 2, "cleanup": 5, "smtpd": 3, "smtp": 4, "qmgr": 2,
           "master": 1, "bounce": 1, "stop policyd": 1, "stop milter": 1}
OURS = ("policyd", "milter", "feeder", "track")
MEAN_PAUSE = 0.35        # seconds between two blows
PATIENCE = 3             # seconds a blow waits for a process of that name to be there
SUPERVISOR_PAUSE = 0.3   # seconds until something that ended is started again
POSTFIX_SECONDS = 40     # until a Postfix whose master was killed runs again: its old children hold the sockets
FEED_SECONDS = 420       # from the first feeding to the last: an abandoned attempt rests for a minute
DELIVER_SECONDS = 150
SETTLE_SECONDS = 240


class Storm:
    """One seeded run in a sandbox."""

    def __init__(self, sandbox, seed, rows, kills, say=print):
        self.seed, self.kills_wanted, self.say = seed, kills, say
        self.random = random.Random(f"storm {seed}")
        self.receivers = Receivers(seed)
        self.people = addresses(rows)
        self.scene = Scene(sandbox, self.receivers)
        self.feeder = None
        self.fed = False     # the feeder has said that nothing is left
        self.kills = 0
        self.blows = {}      # victim → how often
        self.stopped = []    # (process, when it goes on)
        self.ended = {}      # what the supervisor saw to have ended → when
        self.trouble = []

    # --- the supervisor

    def supervise(self):
        """Start again what has ended, as systemd would."""
        self.wake()
        for name in ("policyd", "milter"):
            self._keep(name, getattr(self.scene.postwelle, name), getattr(self.scene.postwelle, f"start_{name}"))
        self._keep("track", self.scene.track, self.scene.start_track)
        self._keep("master", self.scene.sender, self._start_postfix)
        if self.feeder.returncode == 0:
            self.fed = True
        elif not self.fed:
            self._keep("feeder", self.feeder, self._start_feeder)

    def _keep(self, name, process, start):
        if process.is_running():
            return
        now = time.monotonic()
        if now - self.ended.setdefault(name, now) < SUPERVISOR_PAUSE:
            return
        del self.ended[name]
        start()

    def _start_feeder(self):
        self.feeder = self.scene.start_feeder(self.directory)

    def _start_postfix(self):
        end = time.monotonic() + POSTFIX_SECONDS
        while True:
            try:
                self.scene.sender.start()
                return
            except SandboxError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.5)

    def wake(self, all_of_them=False):
        now = time.monotonic()
        for process, when in self.stopped[:]:
            if all_of_them or now >= when:
                process.signal(signal.SIGCONT)
                self.stopped.remove((process, when))

    # --- the blows

    def _process(self, name):
        return {"feeder": self.feeder, "track": self.scene.track}.get(name) or getattr(self.scene.postwelle, name)

    def strike(self, victim, luck):
        """One blow; False if nobody of that name is there now. luck (0 to 1) chooses among several."""
        stop, _, stopped = victim.partition(" ")
        if stopped:
            process = self._process(stopped)
            process.signal(signal.SIGSTOP)
            self.stopped.append((process, time.monotonic() + 0.3 + 6 * luck))
        elif victim in OURS:
            process = self._process(victim)
            if not process.is_running():
                return False
            process.kill()
        elif victim == "master":
            if not self.scene.sender.is_running():
                return False
            self.scene.sender.kill_master()
        else:
            pids = self.scene.sender.pids(victim)
            if not pids:
                return False
            with contextlib.suppress(ProcessLookupError):
                os.kill(pids[int(luck * len(pids))], signal.SIGKILL)
        self.kills += not stopped
        self.blows[victim] = self.blows.get(victim, 0) + 1
        return True

    def rage(self):
        """Kill until enough are killed; the supervisor works all the while."""
        while self.kills < self.kills_wanted:
            pause = self.random.expovariate(1 / MEAN_PAUSE)
            victim = self.random.choices(list(VICTIMS), list(VICTIMS.values()))[0]
            luck = self.random.random()
            self._idle(pause)
            end = time.monotonic() + PATIENCE
            while not self.strike(victim, luck) and time.monotonic() < end:
                self._idle(0.02)
        self.wake(all_of_them=True)

    def _idle(self, seconds):
        end = time.monotonic() + seconds
        while True:
            self.supervise()
            left = end - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, 0.05))

    # --- the calm

    def wait(self, condition, what, seconds):
        """Supervise until condition(); what isn't done in time is trouble, and the invariant tells the rest."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                self.trouble.append(f"{what}: not within {seconds} seconds")
                return
            self._idle(0.5)

    def queue_is_empty(self):
        with contextlib.suppress(SandboxError):
            return not [mail for mail in self.scene.sender.queued() if mail["queue_name"] != "hold"]
        return False

    def is_settled(self):
        """Has every row its end? What is open is resolved, and what is free again is fed anew."""
        if not self.fed:
            return False
        self.scene.postwelle.command("resolve", check=False, timeout=60)
        states = self.scene.look(self.directory)
        if states is not None and {"new", "begun"} & set(states):
            self.fed = False
            self._start_feeder()
        return states is not None and not set(states) - ENDS

    def run(self):
        """Returns what is wrong, a sentence each."""
        begun = time.monotonic()
        self.scene.start()
        self.directory = self.scene.ready_campaign("spring", self.people)
        self._start_feeder()
        self.rage()
        raged = time.monotonic()
        self.wait(lambda: self.fed, "feeding", FEED_SECONDS)
        self.wait(self.queue_is_empty, "an empty queue", DELIVER_SECONDS)
        self.wait(self.is_settled, "an end for each row", SETTLE_SECONDS)
        participants = self.scene.participants(self.directory)
        wrong = self.trouble + violations(self.people, participants, self.scene.sink.copies)
        self._tell(participants, raged - begun, time.monotonic() - begun)
        return wrong

    def _tell(self, participants, raged, seconds):
        def counted(counts):
            return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
        states = collections.Counter(row["state"] for row in participants.values())
        kinds = self.receivers.kinds(self.people)
        self.say(f"seed {self.seed}: {len(self.people)} rows, {self.kills} kills in {raged:.0f} s, settled after "
                 f"{seconds:.0f} s; blows: {counted(self.blows)}; states: {counted(states)}; "
                 f"{sum(kinds[kind] for kind in OBSCURING)} receivers left us in doubt", flush=True)


def run_storm(seed, rows, kills, keep=False, say=print):
    """One storm in a sandbox of its own; returns (kills, what is wrong)."""
    with Sandbox(keep=keep) as sandbox:
        storm = Storm(sandbox, seed, rows, kills, say)
        try:
            wrong = storm.run()
            return storm.kills, wrong
        finally:
            storm.wake(all_of_them=True)


def run_one(arguments):
    """A storm as a process of its own, so that several run at a time; returns (seed, kills, exit status)."""
    seed, rows, kills, keep = arguments
    argv = [sys.executable, os.path.abspath(__file__), "--seed", str(seed), "--rows", str(rows), "--kills", str(kills)]
    done = subprocess.run(argv + ["--keep"] * keep, stdout=subprocess.PIPE, text=True)
    print(done.stdout, end="", flush=True)
    counted = re.search(r" (\d+) kills in", done.stdout)
    return seed, int(counted.group(1)) if counted else 0, done.returncode


def run_many(options):
    """options.seeds storms; returns whether all was well."""
    share, rest = divmod(options.kills, options.seeds)
    jobs = [(options.first + number, options.rows, share + (number < rest), options.keep)
            for number in range(options.seeds)]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = list(pool.map(run_one, jobs))
    bad = [seed for seed, _, status in results if status]
    print(f"{len(results)} runs, {sum(kills for _, kills, _ in results)} kills, {len(results) - len(bad)} runs held"
          + (f"; broken: seeds {' '.join(map(str, bad))}" if bad else ""))
    return not bad


def main():
    parser = argparse.ArgumentParser(description="A campaign under random kills, with real Postfix.")
    parser.add_argument("--seed", type=int, help="one storm with this seed (default: many)")
    parser.add_argument("--seeds", type=int, default=20, help="how many storms")
    parser.add_argument("--first", type=int, default=1, help="the first seed of many")
    parser.add_argument("--rows", type=int, default=1500, help="participants of each storm")
    parser.add_argument("--kills", type=int, default=500, help="kills, shared among the storms")
    parser.add_argument("--jobs", type=int, default=2, help="storms at a time")
    parser.add_argument("--keep", action="store_true", help="leave the sandbox's folder behind")
    options = parser.parse_args()
    if options.seed is None:
        sys.exit(0 if run_many(options) else 1)
    _, wrong = run_storm(options.seed, options.rows, options.kills, options.keep)
    for sentence in wrong:
        print(f"seed {options.seed}: BROKEN: {sentence}", flush=True)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
