"""What is open is settled, with real Postfix: cleanup(8) killed at the end of a message, restarts, lost mails, a person's word."""

import json
import os
import re
import socket
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.policy import PolicyClient
from harness.sandbox import Sandbox, wait_for
from harness.scene import CLIENT, DOMAIN, Scene
from harness.tap import Tap

PEOPLE = "people.test"
AGE = 31  # seconds after which a reservation is looked into, and one more


class Between:
    """Stands between the milter and policyd's reserve socket: `hook` is called when policyd has said yes to a reserve,
    before the milter hears of it."""

    def __init__(self, path):
        self.real = path + ".real"
        self.hook = None
        os.rename(path, self.real)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(path)
        self.listener.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            milter, _ = self.listener.accept()
            threading.Thread(target=self._relay, args=(milter,), daemon=True).start()

    def _relay(self, milter):
        with milter, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as policyd:
            policyd.connect(self.real)
            while question := self._read_list(milter):
                policyd.sendall(question)
                answer = self._read_list(policyd)
                hook = self.hook
                if hook and question.startswith(b"request=reserve") and answer.startswith(b"status=ok"):
                    self.hook = None
                    hook()
                milter.sendall(answer)

    @staticmethod
    def _read_list(peer):
        data = b""
        while not data.endswith(b"\n\n"):
            more = peer.recv(65536)
            if not more:
                return b""
            data += more
        return data


def participants(control, campaign):
    """{number in the list: {state, queue_id, …}} as policyd tells it; the heading is row 1."""
    control.send("campaign-participants", client=CLIENT, campaign=campaign)
    return {int(row["row"]) - 1: row for row in control.read()[:-1]}


def states(control, campaign):
    return {row: one["state"] for row, one in participants(control, campaign).items()}


def write_list(sandbox, name, rows):
    return sandbox.write(name, "Anrede;Vorname;Nachname;E-Mail\n" +
                         "".join(f"Frau;Anna;Nr{row};{name.removesuffix('.csv')}.{row}@{PEOPLE}\n" for row in rows))


def new_campaign(scene, name, rows):
    directory = scene.new_campaign(name, "Umfrage", "100%")
    done = scene.import_list(directory, write_list(scene.sandbox, f"{name}.csv", range(1, rows + 1)))
    assert done.returncode == 0, done.stdout + done.stderr
    return directory, scene.release(directory)[2]


def invite_and_remind(scene, control, name):
    """A campaign of one, who was invited, and may be reminded at once."""
    directory = scene.new_campaign(name, "Umfrage", "100%")
    scene.edit(directory, r"(?m)^#reminder-(subject|html|text) =", r"reminder-\1 =")
    scene.edit(directory, r"(?m)^#?reminder-gap *=.*$", "reminder-gap = 0s")
    done = scene.import_list(directory, write_list(scene.sandbox, f"{name}.csv", [1]))
    assert done.returncode == 0, done.stdout + done.stderr
    scene.release(directory)
    scene.postwelle.command("wave", "open", directory, "1")
    wait_for(lambda: states(control, name) == {1: "sent"}, "the invitation", 60, 0.5)
    return directory


def reminder_state(control, campaign):
    return participants(control, campaign)[1].get("reminder_state")


def two_deferred(scene):
    found = [mail for mail in scene.sender.queued() if mail["queue_name"] == "deferred"]
    return found if len(found) == 2 else None


def phantom(scene, between, mail, queue_id):
    """A reserve as the milter makes it, of a mail that never comes to be."""
    milter = PolicyClient(between.real)
    answer = milter.ask("reserve", queue_id=queue_id, sender=mail["reverse_path"], from_domain=DOMAIN,
                        message_id=mail["message_id"], recipients=1, deadline=int(time.time() * 1000) + 5000,
                        **{"recipient.1": mail["address"]})
    milter.close()
    return answer


def test_killed_cleanup(tap, scene, control, between, directory):
    """C9 of the crash points: cleanup dies at the end of the message, after the reservation."""
    between.hook = lambda: scene.sender.kill("cleanup")
    done = scene.postwelle.command("wave", "open", directory, "1", "--wait", "1", check=False)
    tap.ok(between.hook is None, "cleanup was killed after the reservation")
    tap.ok(not [mail for mail in scene.sender.queued() if mail["sender"].startswith("pw-")], "nothing was queued", done.stdout)
    mail = participants(control, "killed")[1]
    tap.equal(mail["state"], "reserved", "the reply proves nothing: it is reserved")
    left = os.stat(os.path.join(scene.sender.queue, "incoming", mail["queue_id"]))
    tap.equal(left.st_mode & 0o777, 0o600, "the file that cleanup left over is in incoming")


def main():
    with Tap() as tap, Sandbox() as sandbox:
        scene = Scene(sandbox, [PEOPLE], greylist_seconds=0)
        run = os.path.join(scene.postwelle.path, "run")
        between = Between(os.path.join(run, "reserve.sock"))
        control = PolicyClient(os.path.join(run, "control.sock"))
        killed, _ = new_campaign(scene, "killed", 1)
        lost, lost_hash = new_campaign(scene, "lost", 3)

        # Before Postfix is restarted: one whose cleanup is killed, one that nobody ever hears of again.
        test_killed_cleanup(tap, scene, control, between, killed)
        feeder = PolicyClient(os.path.join(run, "control.sock"))
        tap.equal(feeder.ask("wave-open", client=CLIENT, campaign="lost", wave=1, hash=lost_hash)["status"], "ok",
                  "a feeder of our own")
        feeder.send("begin", client=CLIENT, campaign="lost", wave=1, after=0, limit=3)
        rows = feeder.read()
        mails = {(int(mail["participant"]) & 0xFFFFF) - 1: mail for mail in rows[:-1]}
        tap.equal(sorted(mails), [1, 2, 3], f"that begins all three {rows[-1]}")
        tap.equal(phantom(scene, between, mails[1], "4PHANTOM1")["status"], "ok", "a reservation, and no mail")
        time.sleep(1.1)
        scene.sender.stop()
        scene.sender.start()
        time.sleep(1.1)
        tap.equal(phantom(scene, between, mails[2], "4PHANTOM2")["status"], "ok", "another one, after Postfix was restarted")
        feeder.close()

        done = scene.postwelle.command("resolve", check=False)
        tap.equal((done.returncode, done.stdout), (0, "Nothing is open.\n"), "what is younger than half a minute is left alone")
        time.sleep(AGE)
        told = json.loads(scene.postwelle.command("resolve", "--json").stdout)
        tap.equal(told, {"looked": 3, "queued": 0, "free": 2, "uncertain": 1, "waiting": 0, "reason": None},
                  "half a minute later all is settled")
        tap.equal(states(control, "killed"), {1: "new"}, "the killed cleanup's was never queued: free, though Postfix was restarted since")
        after = participants(control, "lost")
        tap.equal({row: one["state"] for row, one in after.items()}, {1: "uncertain", 2: "new", 3: "begun"},
                  "over a restart of Postfix silence proves nothing: uncertain; after it, it does: free")
        tap.match(after[1]["reply"], re.compile("Postfix was restarted"), "and the ledger says why")

        # A person settles it.
        shown = scene.postwelle.command("ledger", "show").stdout
        tap.match(shown, re.compile(r"lost\.1@people\.test +invitation +uncertain"), "ledger show names what is uncertain")
        number = after[1]["participant"]
        done = scene.postwelle.command("ledger", "decide", lost, number, "free", check=False)
        tap.equal(done.returncode, 64, "nobody decides without a name and a reason")
        done = scene.postwelle.command("ledger", "decide", lost, after[2]["participant"], "free", "--by", "Erika", "--because",
                                       "x", check=False)
        tap.ok(done.returncode == 1 and "only what is uncertain" in done.stderr, "what is not uncertain is not decided by a person", done)
        done = scene.postwelle.command("ledger", "decide", lost, number, "free", "--by", "Erika", "--because", "she rang")
        tap.match(done.stdout, re.compile(f"Participant {number} of lost, invitation: was uncertain, and is new now"), "it says what it did")
        tap.equal(states(control, "lost")[1], "new", "a person's word frees it")
        decisions = scene.postwelle.command("ledger", "decisions", lost).stdout
        tap.match(decisions, re.compile(r"uncertain +new +Erika +she rang"), "who decided, and why, is kept")
        tap.match(scene.postwelle.policyd.last_words(), re.compile(r'4PHANTOM1: decided=free .*by="Erika" because="she rang"'),
                  "and logged")

        # All are tried again, and each arrives once.
        for directory in (killed, lost):
            scene.postwelle.command("wave", "open", directory, "1", "--wait", "60")
        wait_for(lambda: not scene.sender.queued(), "an empty queue", 60, 0.5)
        wait_for(lambda: len(scene.invitations()) >= 4, "four invitations", 30, 0.5)
        tap.equal(sorted(mail.recipient for mail in scene.invitations()),
                  [f"killed.1@{PEOPLE}", f"lost.1@{PEOPLE}", f"lost.2@{PEOPLE}", f"lost.3@{PEOPLE}"],
                  "each participant has exactly one")
        wait_for(lambda: set(states(control, "lost").values()) == {"sent"}, "the tracker's account", 30, 0.5)

        # Mails that the operator deletes from the queue, an invitation and a reminder: the log does not tell what became of them.
        deleted, _ = new_campaign(scene, "deleted", 1)
        reminded = invite_and_remind(scene, control, "reminded")
        scene.sender.set(defer_transports="postwelle")
        scene.sender.reload()
        scene.postwelle.command("wave", "open", deleted, "1")
        scene.postwelle.command("remind", reminded)
        queued = wait_for(lambda: two_deferred(scene), "two deferred mails", 30)
        for mail in queued:
            scene.sender.postsuper("-d", mail["queue_id"])
        wait_for(lambda: states(control, "deleted")[1] == reminder_state(control, "reminded") == "deferred", "the tracker's account", 30, 0.5)
        time.sleep(AGE)
        scene.tracker.stop()
        scene.tracker = scene.start_tracker()
        wait_for(lambda: states(control, "deleted") == {1: "uncertain"}, "the tracker's look at queued mail", 60, 0.5)
        wait_for(lambda: reminder_state(control, "reminded") == "uncertain", "its look at the reminder", 60, 0.5)
        tap.ok(True, "a queued mail that is gone without a word is uncertain: the tracker finds out by itself")
        number = participants(control, "deleted")[1]["participant"]
        scene.postwelle.command("ledger", "decide", deleted, number, "sent", "--by", "Erika", "--because", "a guess")
        tap.equal(states(control, "deleted"), {1: "sent"}, "a person may take it for sent")


if __name__ == "__main__":
    main()
