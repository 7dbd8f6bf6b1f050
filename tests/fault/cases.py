"""Single faults, each with what must come of it. A case plays its fault on a campaign of its own; what is left open is
fed, delivered and settled for all of them together at the end (Play.finish), because an attempt that was given up rests
for a minute.
"""

import contextlib
import os
import signal
import socket
import subprocess
import time

from harness.postfix import run
from harness.sandbox import wait_for
from harness.sink import DROP, Reply, Stall

from invariant import ENDS, violations
from scene import RECEIVING_DOMAINS

ROWS = 20
SETTLE_SECONDS = 260
# What a receiver does is the first word of its address: stall-7@…
ACTIONS = {
    ("stall", "dot"): Stall(2.5),
    ("never", "rcpt"): Reply("450 4.2.0 Not now"),
    ("gone", "dot"): DROP,
    ("once", "rcpt"): lambda step: Reply("450 4.2.0 Greylisted") if step.attempt == 1 else None,
}


def receivers(step):
    """The sink's script."""
    action = ACTIONS.get((step.recipient.partition("-")[0], step.stage))
    return action(step) if callable(action) else action


def people(word, count=ROWS):
    """Addresses whose receivers act on that word; any other word is a receiver that takes all."""
    return [f"{word}-{number}@{RECEIVING_DOMAINS[number % len(RECEIVING_DOMAINS)]}" for number in range(count)]


class Play:
    """A scene, and the campaigns that cases have left to be finished."""

    def __init__(self, tap, scene):
        self.tap, self.scene = tap, scene
        self._open = []
        self._not_before = 0

    def campaign(self, name, addresses, capped=False):
        """An approved campaign of these people, whose invariant is checked at the end. capped: they have had their
        mail from another one."""
        directory = self.scene.ready_campaign(name, addresses)
        self._open.append((name, directory, addresses, capped))
        return directory

    def add(self, name, directory, addresses):
        """As campaign, where there is one."""
        self._open.append((name, directory, addresses, False))

    def feed(self, directory, wait=0):
        """`postwelle wave open`, to its end."""
        return self.scene.postwelle.command(*self.scene.feed_words(directory, wait), check=False, timeout=120)

    def look_again_after(self, seconds):
        """The invariant must hold that much later, too: nothing is looked at earlier."""
        self._not_before = max(self._not_before, time.monotonic() + seconds)

    def finish(self):
        """Feed, deliver and settle all that is open, then hold it against the invariant."""
        end = time.monotonic() + SETTLE_SECONDS
        left = dict.fromkeys(name for name, *_ in self._open)
        while left and time.monotonic() < end:
            self.scene.revive()
            self.scene.sender.flush()  # as an operator would, who knows nothing of what Postfix may send twice by that
            for name, directory, *_ in self._open:
                if name in left and self.feed(directory).returncode == 0 and self._has_ended(directory):
                    del left[name]
            time.sleep(1)
        time.sleep(max(0, self._not_before - time.monotonic()))
        for name, directory, addresses, capped in self._open:
            participants = self.scene.participants(directory)
            wrong = violations(addresses, participants, (lambda _: 0) if capped else self.scene.sink.copies,
                               {"capped"} if capped else set())
            self.tap.ok(not wrong, f"{name}: at most one mail each, every row accounted for",
                        "\n".join(wrong) + f"\n{self.scene.states(directory)}")

    def _has_ended(self, directory):
        self.scene.postwelle.command("resolve", check=False, timeout=60)
        return not set(self.scene.states(directory)) - ENDS


# --- receivers and Postfix ----------------------------------------------------------------------------


def killed_smtp(play):
    """smtp(8) is killed while the receiver, who has the mail, thinks about its reply: never a second one."""
    scene, addresses = play.scene, people("stall", 6)
    directory = play.campaign("killed-smtp", addresses)
    dots = scene.sink.steps["dot"]
    play.feed(directory)
    wait_for(lambda: scene.sink.steps["dot"] - dots >= len(addresses), "all receivers thinking")
    # Not all: Postfix's master stops a service for a minute when a process of it dies at its very first mail.
    mark = scene.sender.log_size()
    for pid in scene.sender.pids("smtp")[:2]:
        os.kill(pid, signal.SIGKILL)
    held = scene.sender.wait_for_log(r"postsuper\[\d+\]: Placed on hold: (\d+)", 15, mark)
    play.tap.ok(held, "killed smtp(8): its mail is put on hold before it is sent again", scene.sender.read_log(mark))

    def uncertain():
        return scene.states(directory)["uncertain"]
    wait_for(lambda: uncertain() >= 1, "the ledger's word on the held mail", 15)
    play.look_again_after(25)  # longer than Postfix's next retry, as PACE sets it


def forever_later(play):
    """A receiver that never stops saying "later": the mail expires, and the slot stays taken."""
    scene, addresses = play.scene, people("never", 4)
    directory = play.campaign("forever-later", addresses)
    scene.sender.set(maximal_queue_lifetime="6s")
    scene.sender.reload()
    try:
        play.feed(directory)
        wait_for(lambda: scene.states(directory)["expired"] == len(addresses), "expired in the ledger", 60, 0.5)
        play.tap.ok(True, "4yz for ever: expired")
    finally:
        scene.sender.set(maximal_queue_lifetime="3d")
        scene.sender.reload()
    second = scene.new_campaign("forever-later-again", addresses)
    play.tap.equal(set(scene.states(second)), {"capped"}, "4yz for ever: the slot is kept")


def requeued(play):
    """`postsuper -r` gives deferred mail another queue ID and leads it past the milter."""
    scene, addresses = play.scene, people("once", 4)
    directory = play.campaign("requeued", addresses)
    play.feed(directory)
    wait_for(lambda: scene.states(directory)["greylisted"] == len(addresses), "greylisted in the ledger", 20)
    scene.sender.postsuper("-r", "ALL", "deferred")
    run(["postkick", "-c", scene.sender.config, "public", "pickup", "W"])  # it looks each minute otherwise
    wait_for(lambda: sum(map(scene.sink.copies, addresses)) == len(addresses), "delivery under the new queue ID", 40)
    play.tap.equal({scene.sink.copies(one) for one in addresses}, {1}, "postsuper -r: delivered once")


def dropped(play):
    """The receiver breaks off after the dot: uncertain, no second try."""
    addresses = people("gone", 4)
    directory = play.campaign("dropped", addresses)
    play.feed(directory)
    wait_for(lambda: play.scene.states(directory)["uncertain"] == len(addresses), "uncertain in the ledger", 30)
    play.tap.equal({play.scene.sink.copies(one) for one in addresses}, {1}, "dropped after the dot: no second try")


# --- our own programs --------------------------------------------------------------------------------


def stopped_policyd(play):
    """policyd stands still while mails are being taken: Postfix answers 4yz in time, and nothing is counted twice."""
    scene, addresses = play.scene, people("stopped", 300)
    directory = play.campaign("stopped-policyd", addresses)
    mark = scene.sender.log_size()
    feeder = scene.start_feeder(directory, wait=0)
    wait_for(lambda: scene.sink.copies(addresses[5]), "the first mails")
    scene.postwelle.policyd.signal(signal.SIGSTOP)
    begun = time.monotonic()
    try:
        refusal = scene.sender.wait_for_log(
            r"(milter-reject: END-OF-MESSAGE|NOQUEUE: reject: RCPT) from .*: 4[0-9.]+ ", 25, mark)
        play.tap.ok(refusal and time.monotonic() - begun < 25, "stopped policyd: 4yz, within its time-out")
    finally:
        scene.postwelle.policyd.signal(signal.SIGCONT)
    feeder.wait(60)


def two_at_once(play):
    """Two programs do the same thing at the same time: one wins, the other is told, and nothing is done twice."""
    scene, addresses = play.scene, people("two", 400)

    def both(*words):
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        running = [subprocess.Popen(scene.postwelle.argv(*words), **options) for _ in range(2)]
        outputs = [process.communicate(timeout=120)[0] for process in running]
        return sorted(process.returncode for process in running), "\n".join(outputs)
    directory = scene.new_campaign("two", addresses[:1])
    statuses, output = both(*scene.import_words(directory, addresses))
    play.tap.equal(len(scene.participants(directory)), len(addresses), "two imports: each address once")
    statuses, output = both(*scene.approve_words(directory))
    play.tap.ok(set(statuses) <= {0, 1} and 0 in statuses, "two approvals: approved", output)
    statuses, output = both(*scene.feed_words(directory, 0))
    play.tap.ok(0 in statuses, "two feeders: one feeds", output)
    # Where the first was done before the second began there was nothing to be told.
    play.tap.ok(statuses == [0, 0] or "another process feeds" in output, "two feeders: the other is told", output)
    play.add("two", directory, addresses)


def sockets(play):
    """Strangers and nonsense on every socket: refused or closed, nothing grows, the others are served."""
    scene = play.scene
    paths = {"policy": f"{scene.sender.queue}/postwelle-policyd/policy.sock",
             "reserve": f"{scene.postwelle.path}/run/reserve.sock",
             "control": f"{scene.postwelle.path}/run/control.sock",
             "milter": f"{scene.sender.queue}/postwelle-milter/milter.sock"}
    before = {name: memory(getattr(scene.postwelle, name).pid) for name in ("policyd", "milter")}
    pids = {name: getattr(scene.postwelle, name).pid for name in before}
    for name, path in paths.items():
        for octets in (b"\0" * 70000, os.urandom(200000), b"\xff\xff\xff\xffD" + b"x" * 1000,
                       b"request=health\n\n" * 5000, b"x=",
                       b"\0\0\0\x0dO\0\0\0\x06\0\0\1\xff\0\x1f\xff\xff" + b"\0\0\0\1E" * 3000, b"\0\0\0\1Q", b""):
            shout(path, octets)
        silent = [shout(path, b"\0\0\0\xffO", close=False) for _ in range(200)]
        for one in silent:
            one.close()
        play.tap.ok(stranger(path), f"{name} socket: another user is refused")
    play.tap.ok(all(getattr(scene.postwelle, name).is_running() and getattr(scene.postwelle, name).pid == pids[name]
                    for name in pids), "nonsense: both daemons live")
    grown = {name: memory(pids[name]) - before[name] for name in before}
    play.tap.ok(max(grown.values()) < 40 << 20, "nonsense: memory is bounded", grown)
    directory = play.campaign("after-nonsense", people("after", 10))
    play.tap.equal(play.feed(directory).returncode, 0, "nonsense: mail is taken as before")


def shout(path, octets, close=True):
    """Send octets to a socket, take what comes for a moment, and go."""
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(2)
    client.connect(path)
    with contextlib.suppress(OSError):
        client.sendall(octets)
        if close:
            client.shutdown(socket.SHUT_WR)
            while client.recv(65536):
                pass
    if close:
        client.close()
    return client


def stranger(path):
    """Is the user nobody kept from having a word on this socket?"""
    script = ("import socket, sys\ns = socket.socket(socket.AF_UNIX)\ns.settimeout(3)\n"
              "try:\n    s.connect(sys.argv[1]); s.sendall(b'request=health\\n\\n')\n    print(s.recv(100))\n"
              "except OSError:\n    print(b'')\n")
    done = subprocess.run(["/usr/bin/python3", "-c", script, path], user="nobody", group="nogroup", extra_groups=[],
                          capture_output=True, text=True, timeout=20)
    return done.stdout.strip() == "b''"


def memory(pid):
    """Resident octets of a process."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


ORDINARY = [killed_smtp, dropped, requeued, forever_later, stopped_policyd, two_at_once, sockets]
