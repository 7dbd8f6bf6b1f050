"""wave pause, resume and cancel, with real Postfix: queued mail is held, released, deleted, and the ledger settled."""

import json
import os
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.policy import PolicyClient
from harness.sandbox import Sandbox, wait_for
from harness.scene import CLIENT, Scene
from harness.sink import Sink
from harness.tap import Tap

PEOPLE = "people.test"


def states(control, campaign):
    """{row of the list: state} as policyd tells it."""
    control.send("campaign-participants", client=CLIENT, campaign=campaign)
    return {int(row["row"]) - 1: row["state"] for row in control.read()[:-1]}


def new_campaign(scene, name, addresses, sizes="100%"):
    directory = scene.new_campaign(name, "Umfrage", sizes)
    file = scene.sandbox.write(f"{name}.csv", "Anrede;Vorname;Nachname;E-Mail\n" +
                               "".join(f"Frau;Anna;Muster;{address}\n" for address in addresses))
    done = scene.import_list(directory, file)
    assert done.returncode == 0, done.stdout + done.stderr
    scene.release(directory)
    return directory


def told(scene, *words):
    """What a command prints with --json."""
    return json.loads(scene.postwelle.command(*words, "--json").stdout)


def queues(scene, queue=None):
    """How many of our mails are in Postfix's queue, or in one of its queues. One that moves meanwhile is listed twice."""
    return len({mail["queue_id"] for mail in scene.sender.queued()
                if mail["sender"].startswith("pw-") and queue in (None, mail["queue_name"])})


def hold_back(scene, names):
    """Postfix keeps mails of these transports instead of sending them."""
    scene.sender.set(defer_transports=names)
    scene.sender.reload(30)


def test_pause_and_resume(tap, scene, control, directory):
    hold_back(scene, "postwelle")
    scene.postwelle.command("wave", "open", directory, "1")
    wait_for(lambda: queues(scene, "deferred") >= 4, "Postfix has looked at each mail", 30)
    tap.equal(queues(scene), 4, "the first wave of four is in the queue")
    scene.postwelle.command("wave", "open", directory, "2")
    done = scene.postwelle.command("wave", "pause", directory, "1", check=False)
    tap.ok(done.returncode == 0 and "4 mails are on hold" in done.stdout, "pause of one wave", done)
    tap.equal(queues(scene, "hold"), 4, "holds that wave's alone")
    done = scene.postwelle.command("wave", "pause", directory, check=False)
    tap.ok(done.returncode == 0 and "8 mails are on hold" in done.stdout, "pause of the campaign", done)
    tap.equal(queues(scene, "hold"), 8, "holds all of it")
    tap.equal(told(scene, "wave", "pause", directory),
              {"client": CLIENT, "campaign": "one", "wave": None, "on_hold": 8, "left": 0}, "in JSON, too")
    done = scene.postwelle.command("wave", "open", directory, "3", "--json", check=False)
    tap.ok(done.returncode == 1 and "paused" in done.stderr and not done.stdout, "nothing is fed meanwhile", done)
    hold_back(scene, "")
    scene.sender.flush()
    tap.equal(len(scene.invitations()), 0, "and nothing arrives, though Postfix could send again")
    tap.equal(told(scene, "wave", "resume", directory), {"client": CLIENT, "campaign": "one", "wave": None, "released": 8}, "resume")
    wait_for(lambda: len(scene.invitations()) >= 8, "eight invitations", 60, 0.5)
    wait_for(lambda: list(states(control, "one").values()).count("sent") == 8, "the tracker's account", 60, 0.5)
    tap.equal(len(scene.invitations()), 8, "resume: each of the eight arrives, once")


def test_cancel(tap, scene, control, directory):
    hold_back(scene, "postwelle")
    scene.postwelle.command("wave", "open", directory, "1")
    wait_for(lambda: set(states(control, "two").values()) == {"deferred", "new"}, "the tracker's account", 60, 0.5)
    tap.equal(told(scene, "wave", "cancel", directory, "--because", "wrong list"),
              {"client": CLIENT, "campaign": "two", "wave": None, "deleted": 4, "never_fed": 4, "uncertain": 0, "left": 0}, "cancel")
    tap.equal(queues(scene), 0, "nothing of it is left in the queue")
    tap.equal(set(states(control, "two").values()), {"refused"}, "all participants are done with, fed or not")
    control.send("campaign-participants", client=CLIENT, campaign="two", limit=1)
    tap.equal(control.read()[0]["reply"], "cancelled: wrong list", "and say why")
    hold_back(scene, "")
    scene.postwelle.command("wave", "resume", directory)
    scene.postwelle.command("wave", "open", directory, "1")
    tap.equal(queues(scene), 0, "what was cancelled is not fed again")
    again = new_campaign(scene, "again", [f"two.{row}@{PEOPLE}" for row in range(1, 5)])
    scene.postwelle.command("wave", "open", again, "1")
    wait_for(lambda: set(states(control, "again").values()) == {"sent"}, "the tracker's account", 60, 0.5)
    arrived = sorted(mail.recipient for mail in scene.invitations() if mail.recipient.startswith("two."))
    tap.equal(arrived, [f"two.{row}@{PEOPLE}" for row in range(1, 5)], "their slots were free: another campaign invites them")


def test_cancel_while_sending(tap, scene, control, directory):
    """The receiver has the mail in hand: a cancel waits for its word."""
    reached, go_on = threading.Event(), threading.Event()

    def script(step):
        if step.stage == "dot":
            reached.set()
            go_on.wait(120)

    address = scene.sandbox.addresses.spare[0]
    scene.sender.set(relayhost=f"[{address}]:{scene.sender.port}")
    scene.sender.reload(30)
    with Sink(address, scene.sender.port, script) as sink:
        scene.postwelle.command("wave", "open", directory, "1")
        wait_for(reached.is_set, "a mail in transmission", 60, 0.2)
        done = []
        thread = threading.Thread(
            target=lambda: done.append(scene.postwelle.command("wave", "cancel", directory, check=False)))
        thread.start()
        wait_for(lambda: queues(scene, "hold") == 1, "the mail on hold", 60, 0.2)
        tap.equal(states(control, "sending"), {1: "queued"}, "a mail that is being sent is on hold, and not deleted")
        go_on.set()
        thread.join()
        tap.note(done[0].stdout + done[0].stderr)
        tap.equal((states(control, "sending"), done[0].returncode), ({1: "sent"}, 0), "it is sent to its end, and stays sent")
        tap.equal(queues(scene), 0, "its file is gone")
        tap.equal(sink.copies(f"sending@{PEOPLE}"), 1, "the receiver has it once")


def main():
    with Tap() as tap, Sandbox() as sandbox:
        scene = Scene(sandbox, [PEOPLE], greylist_seconds=0)
        control = PolicyClient(os.path.join(scene.postwelle.path, "run", "control.sock"))
        one = new_campaign(scene, "one", [f"one.{row}@{PEOPLE}" for row in range(1, 13)], "4, 4, 100%")
        two = new_campaign(scene, "two", [f"two.{row}@{PEOPLE}" for row in range(1, 9)], "4, 100%")
        sending = new_campaign(scene, "sending", [f"sending@{PEOPLE}"])
        test_pause_and_resume(tap, scene, control, one)
        test_cancel(tap, scene, control, two)
        test_cancel_while_sending(tap, scene, control, sending)


if __name__ == "__main__":
    main()
