"""Faults of the machine: disks that are full, read-only or broken, and clocks that are wrong. A scene of its own:
ledger, witness and queue lie on small disks, and faults.c is preloaded into every program."""

import contextlib
import datetime
import os
import struct
import subprocess
import time
import zoneinfo

from harness.sandbox import SandboxError, wait_for

from cases import people
from scene import Scene

DISKS = {"sender/queue": "320m", "postwelle/state": "48m", "postwelle/witness": "16m"}
KEEP_FREE = "256K"       # less than a filled disk leaves between two looks of policyd
EIO, ENOSPC = 5, 28
CLIENT_ZONE = zoneinfo.ZoneInfo("Europe/Berlin")
# The last day of a quarter, on which summer time begins.
EDGE = datetime.datetime(2030, 3, 31, 23, 58, 30, tzinfo=CLIENT_ZONE)
DAY = 86400
FEED_SECONDS = 90


class Machine(Scene):
    """library: the built faults.c."""

    def __init__(self, sandbox, script, library):
        for folder, size in DISKS.items():
            self._mount(sandbox, folder, size)
        self.faults = sandbox.mkdir("sender", "queue", "faults", mode=0o777)
        self._clock = os.open(os.path.join(self.faults, "clock"), os.O_RDWR | os.O_CREAT, 0o644)
        os.pwrite(self._clock, bytes(8), 0)
        os.environ.update({"LD_PRELOAD": library, "POSTWELLE_FAULTS": self.faults})
        super().__init__(sandbox, script, changes={"policyd": {"keep-free": KEEP_FREE}}, pace={
            # Postfix's daemons may be chrooted to the queue.
            "import_environment": f"{Machine._imported()} LD_PRELOAD={library} POSTWELLE_FAULTS=faults"})
        self.path = sandbox.path

    @staticmethod
    def _imported():
        return subprocess.run(["postconf", "-dhx", "import_environment"], capture_output=True, text=True,
                              check=True).stdout.strip()

    @staticmethod
    def _mount(sandbox, folder, size):
        path = sandbox.mkdir(*folder.split("/"))
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", path], check=True)
        sandbox.stop_at_end(lambda: subprocess.run(["umount", "-l", path], check=False))

    # --- faults

    def fail(self, program, call, code):
        """The next such call of that program fails with this errno. False where one waits to fail already."""
        with contextlib.suppress(FileExistsError):
            os.symlink(str(code), os.path.join(self.faults, f"{program}.{call}"))
            return True
        return False

    def waits_to_fail(self, program, call):
        return os.path.islink(os.path.join(self.faults, f"{program}.{call}"))

    def calm(self):
        """What waits to fail does not; the clock stays as it is."""
        for name in os.listdir(self.faults):
            if name != "clock":
                os.unlink(os.path.join(self.faults, name))

    def set_clock(self, when):
        """Another time for all programs, from now on."""
        self.clock_offset = round(when.timestamp() - time.time())
        os.pwrite(self._clock, struct.pack("=q", self.clock_offset), 0)

    def step_clock(self, seconds):
        self.set_clock(datetime.datetime.fromtimestamp(time.time() + self.clock_offset + seconds, CLIENT_ZONE))

    @contextlib.contextmanager
    def full_disk(self, folder):
        """Not an octet is free, in there."""
        path = os.path.join(self.path, folder, "ballast")
        with open(path, "wb", buffering=0) as file:
            size = 1 << 20
            while size:
                try:
                    file.write(b"x" * size)
                except OSError:
                    size //= 2
        try:
            yield
        finally:
            os.unlink(path)

    def remount(self, folder, how):
        subprocess.run(["mount", "-o", f"remount,{how}", os.path.join(self.path, folder)], check=True)


def feed_under(play, directory, harm):
    """Feed that campaign while harm() is done again and again; returns how often something had to be revived."""
    scene, revived = play.scene, 0
    feeder = scene.start_feeder(directory, wait=0)
    end = time.monotonic() + FEED_SECONDS
    while feeder.is_running() and time.monotonic() < end:
        harm()
        revived += scene.revive()
        time.sleep(0.05)
    feeder.stop()
    return revived


# --- disks -------------------------------------------------------------------------------------------


def fail_calls(play, program, calls):
    """Feed a campaign a call; all the while it fails again and again. Returns how often it did, and how often something
    had to be revived."""
    scene, failed, revived = play.scene, 0, 0
    for call, code in calls:
        name = f"{program}-{call}-{code}"
        directory = play.campaign(name, people(name, 150))

        def harm():
            nonlocal failed
            failed += scene.fail(program, call, code)
        revived += feed_under(play, directory, harm)
        failed -= scene.waits_to_fail(program, call)
        scene.calm()
        revived += scene.revive() + start_again(scene)
    return failed, revived


def start_again(scene):
    """A call that fails while policyd starts keeps it out of service until it is started once more, as its log asks for."""
    out_of_service = "NOT IN SERVICE" in scene.postwelle.policyd.last_words(1)
    if out_of_service:
        scene.postwelle.restart("policyd")
    return out_of_service


def broken_ledger_disk(play):
    """Writes of the ledger and its witness fail: policyd says 451 or ends, and never says yes for nothing."""
    failed, revived = fail_calls(play, "postwelle-policyd",
                                 (("fdatasync", EIO), ("fsync", EIO), ("write", EIO), ("write", ENOSPC)))
    play.tap.ok(failed >= 3, "a broken disk of the ledger: calls failed", failed)
    play.tap.note(f"{failed} calls failed, {revived} times policyd or track ended")


def broken_queue_disk(play):
    """cleanup(8) can't write its file, or can't sync it, after the milter has said yes."""
    failed, _ = fail_calls(play, "cleanup", (("fsync", EIO), ("write", ENOSPC)))
    play.tap.ok(failed >= 2, "a broken disk of the queue: calls failed", failed)
    play.tap.note(f"{failed} calls failed")


def full_disks(play):
    """Ledger, witness and queue are full for a while."""
    scene = play.scene
    for folder in DISKS:
        name = folder.replace("/", "-")
        directory = play.campaign(f"full-{name}", people(f"full{name}", 150))
        feeder = scene.start_feeder(directory, wait=0)
        with scene.full_disk(folder):
            wait_for(lambda: not feeder.is_running(), f"{folder}: the feeder's end", FEED_SECONDS)
        scene.revive()
        # What the ledger's log has room for already can be taken.
        play.tap.ok(feeder.returncode in (0, 69, 75), f"{folder} full: the feeder leaves mails for later",
                    feeder.last_words())
        wait_for(lambda: play.feed(directory).returncode == 0, f"{folder}: room again", FEED_SECONDS, 0.5)


def read_only_ledger(play):
    """The ledger's disk is read-only at a start: no service, and everything goes on once it is writable."""
    scene = play.scene
    directory = play.campaign("read-only", people("readonly", 20))
    scene.postwelle.policyd.stop()
    scene.remount("postwelle/state", "ro")
    try:
        with contextlib.suppress(SandboxError):
            scene.postwelle.start_policyd()
        done = play.feed(directory)
        play.tap.ok(done.returncode not in (0, 1) and not any(map(scene.sink.copies, people("readonly", 20))),
                    "read-only ledger: nothing is fed", done.stdout + done.stderr)
    finally:
        scene.postwelle.policyd.stop()
        scene.remount("postwelle/state", "rw")
        scene.revive()


# --- clocks ------------------------------------------------------------------------------------------


def quarter_edge(play):
    """Reserved in one quarter and delivered in the next, on a day that began summer time: takes both."""
    scene, addresses = play.scene, people("once", 8)
    scene.set_clock(EDGE)
    directory = play.campaign("edge", addresses)
    scene.set_clock(EDGE.replace(minute=59, second=52))
    play.feed(directory)
    wait_for(lambda: scene.states(directory)["greylisted"] == len(addresses), "greylisted in the ledger", 20)
    play.tap.equal(sum(map(scene.sink.copies, addresses)), 0, "quarter edge: greylisted before it")
    scene.set_clock(EDGE + datetime.timedelta(seconds=95))  # 00:00:05 of the first of April
    meanwhile = play.campaign("edge-meanwhile", addresses, capped=True)
    play.feed(meanwhile)
    wait_for(lambda: scene.states(directory)["sent"] == len(addresses), "sent in the ledger", 60)
    after = play.campaign("edge-after", addresses, capped=True)
    play.tap.equal(set(scene.states(after)), {"capped"}, "quarter edge: the quarter that it was sent in is taken, too")
    scene.set_clock(EDGE.replace(minute=59, second=40))
    before = play.campaign("edge-before", addresses, capped=True)
    play.tap.equal(set(scene.states(before)), {"capped"}, "quarter edge: and the one that it was reserved in")
    scene.set_clock(EDGE + datetime.timedelta(days=1))


def clock_steps(play):
    """The clock is set forward and back, in the middle of a wave."""
    scene = play.scene
    steps = [DAY, -DAY, 3600, -3600, 600, -600]
    directory = play.campaign("steps", people("steps", 300))

    def harm():
        if steps:
            scene.step_clock(steps.pop(0))
    feed_under(play, directory, harm)
    play.tap.ok(not steps, "clock steps: all in the middle of a wave", steps)


def earlier_quarter(play):
    """The clock goes back into an earlier quarter: who has had an invitation in a later one gets none."""
    scene, addresses = play.scene, people("earlier", 8)
    directory = play.campaign("today", addresses)
    play.feed(directory)
    wait_for(lambda: sum(map(scene.sink.copies, addresses)) == len(addresses), "the invitations", 60)
    offset = scene.clock_offset
    scene.step_clock(-100 * DAY)
    try:
        again = play.campaign("earlier", addresses, capped=True)
        play.feed(again)
        play.tap.equal(set(scene.states(again)), {"capped"}, "an earlier quarter by the clock: capped")
    finally:
        scene.step_clock(offset - scene.clock_offset)


CASES = [quarter_edge, earlier_quarter, clock_steps, broken_ledger_disk, broken_queue_disk, full_disks,
         read_only_ledger]
