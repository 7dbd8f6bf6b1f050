"""postwelle track reads the systemd journal: rotation, restarts, gaps. With a journald and a Postfix of their own."""

import getpass
import json
import os
import re
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.journald import Journald
from harness.policy import PolicyClient
from harness.sandbox import Sandbox, wait_for
from harness.scene import CLIENT, DOMAIN, PROJECT_MANAGER, Scene
from harness.tap import Tap

PEOPLE = "people.test"
AGE = 31  # seconds after which a reservation is looked into, and one more


def new_campaign(scene, name, rows):
    directory = scene.new_campaign(name, "Umfrage", "100%")
    file = scene.sandbox.write(f"{name}.csv", "Anrede;Vorname;Nachname;E-Mail\n" +
                               "".join(f"Frau;Anna;Muster;{name}.{row}@{PEOPLE}\n" for row in range(rows)))
    done = scene.import_list(directory, file)
    assert done.returncode == 0, done.stdout + done.stderr
    return directory, scene.release(directory)[2]


def participants(scene, directory):
    done = scene.postwelle.command("status", directory, "--participants", "--json")
    return json.loads(done.stdout)["participants"]


def states(scene, directory):
    return {row["state"] for row in participants(scene, directory)}


def wait_for_sent(scene, directory):
    wait_for(lambda: states(scene, directory) == {"sent"}, "the tracker's account", 60, 0.5)


def feeder_with(scene, directory, content_hash):
    """A feeder of our own, and the mails that it has begun."""
    feeder = PolicyClient(os.path.join(scene.postwelle.path, "run", "control.sock"))
    name = os.path.basename(directory)
    answer = feeder.ask("wave-open", client=CLIENT, campaign=name, wave=1, hash=content_hash)
    assert answer["status"] == "ok", answer
    feeder.send("begin", client=CLIENT, campaign=name, wave=1, after=0, limit=10)
    return feeder, feeder.read()[:-1]


def reserve(scene, mail, queue_id):
    """As the milter makes it, of a mail that never comes to be."""
    milter = PolicyClient(os.path.join(scene.postwelle.path, "run", "reserve.sock"))
    answer = milter.ask("reserve", queue_id=queue_id, sender=mail["reverse_path"], from_domain=DOMAIN,
                        message_id=mail["message_id"], recipients=1, deadline=int(time.time() * 1000) + 5000,
                        **{"recipient.1": mail["address"]})
    milter.close()
    assert answer["status"] == "ok", answer


class Tracker:
    """The tracker, and what it has said since it was started."""

    def __init__(self, scene):
        self._scene = scene
        self.process = scene.tracker

    def restart(self, between=lambda: None):
        self.process.stop()
        between()
        self.process = self._scene.start_tracker()
        self._begin = os.path.getsize(self.process.log)

    def said(self):
        with open(self.process.log, encoding="utf-8") as log:
            log.seek(self._begin)
            return log.read()

    def has_read(self):
        """Until policyd knows that it has read what is there."""
        control = PolicyClient(os.path.join(self._scene.postwelle.path, "run", "control.sock"))
        now = int(time.time()) + 1

        def read():
            control.send("resolve-list", limit=1)
            return int(control.read()[-1]["read"])
        wait_for(lambda: read() >= now, "the tracker at the journal's end", 60, 0.5)
        control.close()


def test_following(tap, scene, tracker, journald):
    directory, _ = new_campaign(scene, "first", 3)
    scene.postwelle.command("wave", "open", directory, "1")
    wait_for_sent(scene, directory)
    tap.ok(True, "what Postfix says in the journal reaches the ledger")
    mark = tracker.said()
    journald.rotate()
    directory, _ = new_campaign(scene, "rotated", 3)
    time.sleep(5)  # what is said within the seconds before the first line that was read is not known
    scene.postwelle.command("wave", "open", directory, "1")
    wait_for_sent(scene, directory)
    tap.equal({row["tls"] for row in participants(scene, directory)}, {"no"}, "nobody here speaks TLS")
    tap.equal(tracker.said(), mark, "over a rotation, without a gap")


def why(scene, address):
    done = scene.postwelle.command("why", address, "--json", check=False)
    return [(row["about"], [(one["state"], one["reply"][:3]) for one in row.get("attempts", [])])
            for row in json.loads(done.stdout)["known"]]


def log_missing(scene, address):
    """Why lines of the journal may be missing about the address's mail."""
    done = scene.postwelle.command("why", address, "--json", check=False)
    return [gap["reason"] for gap in json.loads(done.stdout)["known"][0]["log_missing"]]


def test_why(tap, scene):
    """The same as a log file would tell, of a file of the journal that was rotated, too."""
    for name in ("first", "rotated"):
        tap.equal(why(scene, f"{name}.1@{PEOPLE}")[0], ("invitation", [("sent", "250")]), f"why tells the tries, from the journal: {name}")
        tap.equal(log_missing(scene, f"{name}.1@{PEOPLE}"), [], "of which no line is missing")
    proof = json.loads(scene.postwelle.command("why", PROJECT_MANAGER, "--json").stdout)["known"][0]
    tap.equal((proof["about"], proof["campaign"], proof["state"], [one["state"] for one in proof["attempts"]]),
              ("proof", "first", "sent", ["sent"]), "and of proofs")
    tap.ok(proof["by"] == getpass.getuser() and 0 <= proof["changed"] - proof["opened"] < 120, "who had it sent, and when", proof)


def test_going_on(tap, scene, tracker, journald):
    directory, _ = new_campaign(scene, "meanwhile", 3)

    def between():
        scene.postwelle.command("wave", "open", directory, "1")
        wait_for_end_in_journal(scene, journald, "meanwhile", 3)
        journald.rotate()
    tracker.restart(between)
    wait_for_sent(scene, directory)
    tap.ok("missing lines" not in tracker.said(), "what was logged while nobody tracked is read afterwards, without a gap",
           tracker.said())


def wait_for_end_in_journal(scene, journald, campaign, rows):
    """Until the last that Postfix says of each of these mails stands there: what comes after a vacuum is no gap."""
    for row in range(rows):
        journald.wait_for_words([f"to=<{campaign}.{row}@{PEOPLE}>", "status=sent"])
    with open(scene.sender.log, encoding="utf-8") as log:
        for queue_id in re.findall(rf"(\w+): to=<{campaign}\.\d+@{PEOPLE}>.*status=sent", log.read()):
            journald.wait_for_words([f"{queue_id}: removed"])


def test_gaps(tap, scene, tracker, journald, mails):
    reserve(scene, mails[0], "4PHANTOM1")
    time.sleep(1.1)

    def between():
        directory, _ = new_campaign(scene, "lost", 2)
        scene.postwelle.command("wave", "open", directory, "1")
        wait_for_end_in_journal(scene, journald, "lost", 2)
        time.sleep(1.1)  # it begins in a second of its own, with journald's words on this
        journald.rotate()
        journald.vacuum()
        time.sleep(1.1)
    tracker.restart(between)
    directory, _ = new_campaign(scene, "after", 1)
    scene.postwelle.command("wave", "open", directory, "1")
    wait_for_sent(scene, directory)
    tracker.has_read()
    tap.match(tracker.said(), re.compile("the journal: entries of the journal are gone"), "vacuumed entries are a gap")
    time.sleep(1.1)
    reserve(scene, mails[1], "4PHANTOM2")
    tap.equal(len(scene.invitations()), 12, "while two mails were sent of which the journal says nothing any more")


def test_settling(tap, scene, directory):
    """What was reserved before the gap may have been sent; what came after it was not."""
    time.sleep(AGE)
    done = scene.postwelle.command("resolve", check=False)
    tap.note(done.stdout + done.stderr)
    rows = participants(scene, directory)
    tap.equal([row["state"] for row in rows], ["uncertain", "new"], "over a gap silence proves nothing; after it, it does")
    tap.match(rows[0]["reply"], re.compile("lines of the mail log are missing"), "and the ledger says why")
    lost = participants(scene, os.path.join(scene.sandbox.path, "lost"))
    tap.equal({row["state"] for row in lost}, {"uncertain"}, "what was sent in the gap is uncertain, not free")


def test_words(tap, tracker, journald, follow):
    # Postfix is in no unit of systemd here, so a unit's lines are not its own; those of nobody in particular may be.
    journald.suppress("other.service")
    journald.suppress("")
    wait_for(lambda: "journald has suppressed lines" in tracker.said(), "the word on suppressed lines", 30, 0.5)
    tap.ok(True, "lines over journald's rate limit are a gap")
    follow()
    journald.stop()
    journald.start()
    wait_for(lambda: "journald was started anew" in tracker.said(), "the word on journald's start", 30, 0.5)
    tap.ok(True, "so is a journald that is started anew")


def test_why_over_gaps(tap, scene):
    """Only of mails that were on their way then."""
    begins, suppressed, started = "the mail log does not reach back", "journald has suppressed lines", "journald was started anew"
    told = log_missing(scene, f"open.0@{PEOPLE}")
    tap.ok(len(told) >= 3 and all(any(gap.startswith(reason) for gap in told) for reason in (begins, suppressed, started)),
           "why says of a mail that still is on its way what may be missing", told)
    told = log_missing(scene, f"lost.0@{PEOPLE}")
    tap.ok(told and told[0].startswith(begins), "and of one from before the journal's begin", told)
    tap.equal(log_missing(scene, f"after.0@{PEOPLE}"), [], "but not of one that was sent in between")
    text = scene.postwelle.command("why", f"lost.0@{PEOPLE}", "--lang", "en", check=False).stdout
    tap.match(text, re.compile(r"    Tries before 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d may be missing here: " + begins), "in words, too")


def main():
    with Tap() as tap, Sandbox() as sandbox:
        scene = Scene(sandbox, [PEOPLE], greylist_seconds=0)
        journald = Journald(sandbox)
        follow = journald.follow(scene.sender.log)
        scene.postwelle.write_config(postfix={"log": "journal", "journal": journald.files})
        tracker = Tracker(scene)
        tracker.restart()
        tracker.has_read()
        tap.ok(True, "Postfix's start is enough to know that all was read, before there is any mail")
        open_campaign, content_hash = new_campaign(scene, "open", 2)
        test_following(tap, scene, tracker, journald)
        test_why(tap, scene)
        test_going_on(tap, scene, tracker, journald)
        feeder, mails = feeder_with(scene, open_campaign, content_hash)
        test_gaps(tap, scene, tracker, journald, mails)
        feeder.close()
        test_settling(tap, scene, open_campaign)
        test_words(tap, tracker, journald, follow)
        test_why_over_gaps(tap, scene)


if __name__ == "__main__":
    main()
