"""Postfix ends in the middle of mails: stopped, aborted, killed. What the receiver may have is not sent again: smtp(8) asks before."""

import collections
import contextlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.sandbox import Sandbox, SandboxError, wait_for
from harness.scene import PROJECT_MANAGER, Scene
from harness.sink import Reply, Stall
from harness.tap import Tap

# Postfix limits deliveries by destination: several domains let several smtp(8) work at once.
DOMAINS = [f"d{number}.test" for number in range(8)]
PEOPLE = 30
ROUNDS = 4  # of stops under load
LATER = Reply("450 4.2.0 Greylisted, come again")


class Receiver:
    """The sink's script: what it does to participants at each stage."""

    def __init__(self):
        self.at = {}
        self.dots = collections.Counter()  # recipient → how often a whole mail had come

    def __call__(self, step):
        if step.recipient in ("", PROJECT_MANAGER):
            return None
        self.dots[step.recipient] += step.stage == "dot"
        return self.at.get(step.stage)


class Stage:
    """A scene, and campaigns in it."""

    def __init__(self, tap, sandbox):
        self.tap = tap
        self.receiver = Receiver()
        self.scene = Scene(sandbox, DOMAINS, script=self.receiver, pace={"transport_retry_time": "1s"})
        self.sink, self.sender, self.postwelle = self.scene.sink, self.scene.sender, self.scene.postwelle

    def start_wave(self, name, people=PEOPLE):
        """A new campaign, its wave given to Postfix; returns its directory and addresses, the first of them
        internationalized, as Postfix writes another Received field for it."""
        directory = self.scene.new_campaign(name, "Umfrage", "100%")
        addresses = [f"{name}{number or 'ü'}@{DOMAINS[number % len(DOMAINS)]}" for number in range(people)]
        path = self.scene.sandbox.write(f"{name}.csv", "Anrede;Vorname;Nachname;E-Mail\n" +
                                        "".join(f"Frau;Anna;Nr;{address}\n" for address in addresses))
        done = self.scene.import_list(directory, path)
        assert done.returncode == 0, done.stdout + done.stderr
        self.scene.release(directory)
        self.postwelle.command("wave", "open", directory, "1")
        return directory, addresses

    def states(self, directory):
        done = self.postwelle.command("status", directory, "--participants", "--json")
        return collections.Counter(row["state"] for row in json.loads(done.stdout)["participants"])

    def at_the_dot(self, addresses, count=None):
        """Wait until so many of these, or all, have come to their last dot."""
        count = count or len(addresses)
        wait_for(lambda: sum(self.receiver.dots[address] > 0 for address in addresses) >= count, f"{count} mails at the dot", 60)

    def wait_for_states(self, directory, *wanted):
        """Wait until all are in these states; returns how many are in which."""
        wait_for(lambda: set(self.states(directory)) <= set(wanted), f"all mails {wanted}", 90, 0.5)
        return self.states(directory)

    def try_in_vain(self):
        """What is uncertain is put on hold; released by mistake it is not sent either, and held again."""
        def held():
            return [mail for mail in self.sender.queued() if mail["queue_name"] == "hold"]

        def none_outside():
            return not [mail for mail in self.sender.queued() if mail["queue_name"] != "hold"]
        wait_for(none_outside, "what is uncertain on hold", 60, 0.5)
        if held():
            mark = self.sender.log_size()
            self.sender.postsuper("-H", "ALL")
            self.sender.flush()
            self.sender.wait_for_log("status=deferred", mark=mark)
            wait_for(none_outside, "what was released on hold again", 60, 0.5)
            self.tap.ok(held(), "what is uncertain is held again when it is released")

    def judge(self, name, directory, addresses):
        """The promise: at most one mail for each, and each row accounted for."""
        def settled():
            nonlocal said
            self.sender.scan_incoming()
            said = self.postwelle.command("resolve", check=False)  # where the log has lost that a mail was sent
            return not set(self.states(directory)) - {"sent", "uncertain"}
        said = None
        try:
            wait_for(settled, "the end of all mails", 120, 1)
        except SandboxError:
            self.tap.note(f"{said}\n{self.states(directory)}\n{self.sender.queued()}")
            raise
        states = self.states(directory)
        if states["uncertain"]:
            self.try_in_vain()
        copies = [self.sink.copies(address) for address in addresses]
        self.tap.ok(max(copies) <= 1, f"{name}: nobody got two", copies)
        self.tap.equal(sum(states.values()), len(addresses), f"{name}: each row is sent or uncertain")
        self.sender.postsuper("-d", "ALL")
        return states


def stop(sender):
    sender.stop()


def abort(sender):
    subprocess.run(["postfix", "-c", sender.config, "abort"], capture_output=True)
    wait_for(lambda: not sender.is_running(), "the end of master", 20)


def kill_all(sender):
    """As when memory is out: master, qmgr and smtp, all at once. (An smtp that is left would keep its mail locked, which
    the next qmgr then lets lie in the incoming queue for five minutes.)"""
    sender.hold_master()
    victims = [pid for daemon in ("qmgr", "smtp") for pid in sender.pids(daemon)]
    sender.kill_master()
    for pid in victims:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_ends(tap, stage):
    """The receiver has the mail and has not said so when Postfix ends; then Postfix is started."""
    for end in (stop, abort, kill_all):
        name = end.__name__.replace("_", "")
        stage.receiver.at = {"dot": Stall(3)}
        directory, addresses = stage.start_wave(name)
        stage.at_the_dot(addresses, PEOPLE // 2)
        end(stage.sender)
        stage.receiver.at = {}
        stage.sender.start()
        states = stage.judge(name, directory, addresses)
        tap.ok(states["uncertain"] >= PEOPLE // 2, f"{name}: what the receiver may have is uncertain", states)
    shown = stage.postwelle.command("ledger", "show", directory, check=False).stdout
    tap.match(shown, re.compile("Postfix had begun to send it"), "a person is told why")


def test_later_refusal(tap, stage):
    """A receiver that has the mail, and greylists what seems to come again: its "later" is no proof that it has none."""
    stage.receiver.at = {"dot": Stall(3)}
    directory, addresses = stage.start_wave("refusal", 8)
    stage.at_the_dot(addresses)
    stop(stage.sender)
    stage.receiver.at = {"rcpt": LATER}
    mark = stage.sender.log_size()
    stage.sender.start()
    stage.sender.wait_for_log("Greylisted", mark=mark)
    stage.receiver.at = {}
    states = stage.judge("greylisted later", directory, addresses)
    tap.equal(states["uncertain"], 8, "greylisted later: uncertain, not sent again")


def test_refused_content(tap, stage):
    """What the receiver refused for now at the last dot is sent again."""
    stage.receiver.at = {"dot": LATER}
    directory, addresses = stage.start_wave("content", 8)
    stage.wait_for_states(directory, "greylisted")
    stage.receiver.at = {}
    states = stage.judge("refused at the dot", directory, addresses)
    tap.equal(states["sent"], 8, "refused at the dot: sent later")


def test_policyd_away(tap, stage):
    """Nobody to ask: nothing is sent, and nothing is lost."""
    stage.receiver.at = {"rcpt": LATER}
    directory, addresses = stage.start_wave("away", 8)
    stage.wait_for_states(directory, "greylisted")
    stage.postwelle.kill("policyd")
    stage.receiver.at = {}
    mark = stage.sender.log_size()
    stage.sender.flush()
    stage.sender.wait_for_log("status=deferred", mark=mark)
    tap.equal(sum(stage.sink.copies(address) for address in addresses), 0, "without policyd nothing is sent")
    stage.postwelle.start_policyd()
    states = stage.judge("policyd is back", directory, addresses)
    tap.equal(states["sent"], 8, "policyd is back: all are sent")


def test_load(tap, stage):
    """Stops at any moment, of a Postfix that is busy."""
    stage.receiver.at = {"rcpt": LATER}
    directory, addresses = stage.start_wave("load", 160)
    stage.receiver.at = {"dot": Stall(0.2)}
    stage.sender.flush()
    for number in range(ROUNDS):
        stage.at_the_dot(addresses, 1 + number * 35)
        time.sleep(random.uniform(0, 0.05))
        stage.sender.stop()
        stage.sender.start()
    stage.receiver.at = {}
    states = stage.judge(f"{ROUNDS} stops under load", directory, addresses)
    tap.note(f"{states['uncertain']} of {len(addresses)} are uncertain")


def test_without(tap, stage):
    """The test's test: where smtp(8) does not ask, Postfix does send twice."""
    stage.sender.apply(postwelle_sending="")
    stage.sender.reload()
    stage.receiver.at = {"dot": Stall(3)}
    _, addresses = stage.start_wave("without", 8)
    stage.at_the_dot(addresses)
    stage.sender.stop()
    stage.receiver.at = {}
    stage.sender.start()
    wait_for(lambda: sum(stage.sink.copies(address) for address in addresses) >= 16, "two copies for each", 30)
    tap.ok(True, "where smtp(8) does not ask, a mere stop and start sends each mail twice")


def main():
    with Tap() as tap, Sandbox() as sandbox:
        stage = Stage(tap, sandbox)
        for test in (test_ends, test_later_refusal, test_refused_content, test_policyd_away, test_load, test_without):
            test(tap, stage)


if __name__ == "__main__":
    main()
