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
OURS = ("policyd", "milter", "feeder", "track")
KILLED = OURS + ("cleanup", "smtpd", "smtp", "qmgr", "bounce", "master")
STOPPED = ("stop policyd", "stop milter", "stop feeder", "stop track")
VICTIMS = dict(zip(KILLED + STOPPED, (5, 4, 3, 2, 5, 3, 4, 2, 1, 1) + (1,) * len(STOPPED)))
# One line of the table a storm.
COLUMNS = ("seed", "rows", "mails", "doubt", *KILLED, "kills", "stops", "violations", "seconds")
KILLS = 30               # of a storm
MEAN_PAUSE = 0.35        # seconds between two blows
PATIENCE = 3             # seconds a blow waits for a process of that name to be there
SUPERVISOR_PAUSE = 0.3   # seconds until something that ended is started again
POSTFIX_SECONDS = 40     # until a Postfix whose master was killed runs again: its old children hold the sockets
FEED_SECONDS = 420       # from the first feeding to the last: an abandoned attempt rests for a minute
SETTLE_SECONDS = 600
FLUSH_SECONDS = 15       # between two flushes: after its kills Postfix leaves some mails alone for five minutes
CALM_SECONDS = 5         # after the last flush nothing more may arrive


class Storm:
    """One seeded run in a sandbox."""

    def __init__(self, sandbox, seed, rows, kills):
        self.seed, self.kills_wanted = seed, kills
        self.random = random.Random(f"storm {seed}")
        self.receivers = Receivers(seed)
        self.people = addresses(rows)
        self.scene = Scene(sandbox, self.receivers)
        self.feeder = None
        self.fed = False     # the feeder has said that nothing is left
        self.blows = collections.Counter()  # victim → how often
        self.stopped = []    # (process, when it goes on)
        self.flushed = 0     # when the queue was flushed last
        self.ended = {}      # what the supervisor saw to have ended → when
        self.trouble = []
        self.twice = set()   # who got more than one mail, and after which blow it was seen first

    @property
    def kills(self):
        return sum(self.blows[victim] for victim in KILLED)

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
        self.blows[victim] += 1
        self._look_at_sink(victim)
        return True

    def _look_at_sink(self, victim):
        """The first half of the invariant, after each blow."""
        twice = {to for (to, _), count in self.scene.sink.all_taken().items() if count > 1} - self.twice
        self.twice |= twice
        for recipient in sorted(twice):
            print(f"seed {self.seed}: {recipient} has two mails after blow {self.blows.total()} ({victim})", flush=True)

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

    def flush(self, now=False):
        """As an operator would, without a thought for what Postfix may send twice by that."""
        if now or time.monotonic() > self.flushed + FLUSH_SECONDS:
            self.flushed = time.monotonic()
            with contextlib.suppress(SandboxError):
                self.scene.sender.flush()

    def is_settled(self):
        """Has every row its end? What is open is resolved, and what is free again is fed anew."""
        if not self.fed:
            return False
        self.flush()
        self.scene.postwelle.command("resolve", check=False, timeout=60)
        states = self.scene.look(self.directory)
        if states is not None and {"new", "begun"} & set(states):
            self.fed = False
            self._start_feeder()
        return states is not None and not set(states) - ENDS

    def run(self):
        """Returns the line of the table, and what is wrong, a sentence each."""
        begun = time.monotonic()
        self.scene.start()
        self.directory = self.scene.ready_campaign("spring", self.people)
        self._start_feeder()
        self.rage()
        self.wait(lambda: self.fed, "feeding", FEED_SECONDS)
        self.wait(self.is_settled, "an end for each row", SETTLE_SECONDS)
        self.flush(now=True)
        self._idle(CALM_SECONDS)
        participants = self.scene.participants(self.directory)
        wrong = self.trouble + violations(self.people, participants, self.scene.sink.copies)
        states = collections.Counter(row["state"] for row in participants.values())
        kinds = self.receivers.kinds(self.people)
        print(f"seed {self.seed}: " + ", ".join(f"{count} {state}" for state, count in sorted(states.items())) +
                 f"; {sum(kinds[kind] for kind in OBSCURING)} receivers broke off after the "
                 "dot, or stalled", flush=True)
        line = {**{victim: self.blows[victim] for victim in KILLED}, "seed": self.seed, "rows": len(self.people),
                "mails": sum(map(self.scene.sink.copies, self.people)), "doubt": states["uncertain"],
                "kills": self.kills, "stops": self.blows.total() - self.kills, "violations": len(wrong),
                "seconds": round(time.monotonic() - begun)}
        return line, wrong


def table_line(line):
    """A line of the table; without one, its heading."""
    return "# " + " ".join(str(line[name] if line else name).rjust(max(len(name), 4)) for name in COLUMNS)


def run_storm(seed, rows, kills, keep=False):
    """One storm in a sandbox of its own; returns its line, and what is wrong."""
    with Sandbox(keep=keep) as sandbox:
        storm = Storm(sandbox, seed, rows, kills)
        try:
            return storm.run()
        finally:
            storm.wake(all_of_them=True)


def run_one(arguments):
    """A storm as a process of its own, so that several run at a time; returns its line, or None where it has ended
    without one."""
    seed, rows, kills, keep = arguments
    argv = [sys.executable, os.path.abspath(__file__), "--seed", str(seed), "--rows", str(rows), "--kills", str(kills)]
    done = subprocess.run(argv + ["--keep"] * keep, stdout=subprocess.PIPE, text=True)
    print(done.stdout, end="", flush=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith("# ")]
    return dict(zip(COLUMNS, map(int, lines[-1].split()[1:]))) if lines else None


def run_many(options):
    """options.seeds storms; returns whether all was well."""
    share, rest = divmod(options.kills, options.seeds)
    jobs = [(options.first + number, options.rows, share + (number < rest), options.keep)
            for number in range(options.seeds)]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        lines = list(pool.map(run_one, jobs))
    broken = [job[0] for job, line in zip(jobs, lines) if line is None or line["violations"]]
    lines = [line for line in lines if line is not None]
    print(table_line(None), *map(table_line, lines), sep="\n")
    total = {name: sum(line[name] for line in lines) for name in COLUMNS} | {"seed": "all"}
    print(table_line(total))
    print(f"{len(jobs)} storms, {total['kills']} kills, {total['violations']} violations"
          + (f"; broken: seeds {' '.join(map(str, broken))}" if broken else ""))
    return not broken


def main():
    parser = argparse.ArgumentParser(description="A campaign under random kills, with real Postfix.")
    parser.add_argument("--seed", type=int, help="one storm with this seed (default: many)")
    parser.add_argument("--seeds", type=int, default=20, help="how many storms")
    parser.add_argument("--first", type=int, default=1, help="the first seed of many")
    parser.add_argument("--rows", type=int, default=2000, help="participants of each storm")
    parser.add_argument("--kills", type=int, help="kills, shared among the storms (default: 30 a storm)")
    parser.add_argument("--jobs", type=int, default=2, help="storms at a time")
    parser.add_argument("--keep", action="store_true", help="leave the sandbox's folder behind")
    options = parser.parse_args()
    if options.seed is None:
        options.kills = options.kills or KILLS * options.seeds
        sys.exit(0 if run_many(options) else 1)
    line, wrong = run_storm(options.seed, options.rows, options.kills or KILLS, options.keep)
    for sentence in wrong:
        print(f"seed {options.seed}: BROKEN: {sentence}", flush=True)
    print(table_line(None), table_line(line), sep="\n", flush=True)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
