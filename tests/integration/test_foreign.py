"""Another program's mail as a client's domain: capped at RCPT and, for all recipients at once, at the end of the message."""

import os
import re
import smtplib
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.policy import PolicyClient
from harness.sandbox import Sandbox, wait_for
from harness.scene import DOMAIN, Scene
from harness.tap import Tap

PEOPLE = "people.test"
SENDER = f"umfrage@{DOMAIN}"
MESSAGE = (f"From: Umfrage <{SENDER}>\r\nTo: Teilnehmer <undisclosed@{PEOPLE}>\r\nSubject: Ihre Meinung\r\n"
           "Date: Mon, 23 Nov 2026 09:00:00 +0100\r\nMessage-ID: <{number}@survey.agency.example>\r\nMIME-Version: 1.0\r\n"
           "Content-Type: text/plain; charset=utf-8\r\n"
           f"List-Unsubscribe: <https://{DOMAIN}/u/1>, <mailto:u@{DOMAIN}>\r\n"
           "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\nGuten Tag,\r\n\r\nwir bitten um Ihre Meinung.\r\n")
UNDERSTANDABLE = re.compile(r"5\.7\.1 .*had the one invitation that this period allows")


def address(name):
    return f"{name}@{PEOPLE}"


class Program:
    """A survey system that talks SMTP to the agency's Postfix, as any other host of its network does."""

    def __init__(self, scene):
        self.scene = scene
        self.number = 0

    def connect(self):
        smtp = smtplib.SMTP(self.scene.sender.address, self.scene.sender.port, timeout=60)
        smtp.ehlo("survey.agency.example")
        return smtp

    def envelope(self, smtp, recipients, sender=SENDER):
        """MAIL and RCPT; the replies to each RCPT."""
        smtp.mail(sender)
        return [smtp.rcpt(recipient) for recipient in recipients]

    def message(self):
        self.number += 1
        return MESSAGE.replace("{number}", str(self.number))

    def send(self, recipients, sender=SENDER):
        """A whole mail: the replies to RCPT, and the one at the end (None: no recipient was taken)."""
        with self.connect() as smtp:
            replies = self.envelope(smtp, recipients, sender)
            taken = any(code == 250 for code, _ in replies)
            return replies, smtp.data(self.message()) if taken else None


def slots(control):
    return int(control.ask("health")["slots"])


def arrived(scene, name):
    return [mail.recipient for mail in scene.world.mails()].count(address(name))


def test_cap(tap, scene, program, control):
    replies, end = program.send([address("anna")])
    tap.equal((replies[0][0], end[0]), (250, 250), "the first mail is taken")
    replies, end = program.send([address("anna")])
    tap.equal((replies[0][0], end), (550, None), "the second is refused at RCPT")
    tap.match(replies[0][1].decode(), UNDERSTANDABLE, "with a text that people understand")
    replies, _ = program.send([address("ANNA")])
    tap.equal(replies[0][0], 550, "under another spelling, too")
    replies, end = program.send([address("anna")], sender="bounces@survey.agency.example")
    tap.equal((replies[0][0], end[0]), (250, 550), "with an envelope sender of no client, at the end of the message")
    tap.match(end[1].decode(), UNDERSTANDABLE, "with the same text")


def test_many(tap, scene, program, control):
    """Fifty recipients, of which one is used."""
    before = slots(control)
    names = ["anna"] + [f"many{number}" for number in range(49)]
    replies, end = program.send([address(name) for name in names])
    tap.equal([code for code, _ in replies], [550] + [250] * 49, "the one that is used is refused, and no other")
    tap.equal(end[0], 250, "the mail is taken for the others")
    tap.equal(slots(control) - before, 49, "each of them has its slot used")
    wait_for(lambda: arrived(scene, "many48") == 1, "the last one's mail", 60)


def test_atomic(tap, scene, program, control):
    """One recipient is used between RCPT and the end of the message: none of the mail's slots is taken."""
    with program.connect() as smtp:
        replies = program.envelope(smtp, [address(name) for name in ("ben", "carl", "dora")])
        tap.equal([code for code, _ in replies], [250] * 3, "three are free at RCPT")
        program.send([address("carl")])
        before = slots(control)
        code, text = smtp.data(program.message())
        tap.equal(code, 550, "one is used meanwhile: the mail is refused as a whole")
        tap.match(text.decode(), UNDERSTANDABLE, "with the reason")
        tap.equal(slots(control), before, "and nothing of it is taken")
    replies, end = program.send([address("ben"), address("dora")])
    tap.equal(([code for code, _ in replies], end[0]), ([250, 250], 250), "the others can have theirs later")


def test_race(tap, scene, program, control):
    """Two mails past RCPT, for the same slot, at the same time."""
    rounds = 10
    ends = []
    for number in range(rounds):
        connections = [program.connect() for _ in range(2)]
        for smtp in connections:
            program.envelope(smtp, [address(f"race{number}")])
        replies = []
        threads = [threading.Thread(target=lambda smtp=smtp, text=program.message(): replies.append(smtp.data(text)[0]))
                   for smtp in connections]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for smtp in connections:
            smtp.close()
        ends.append(sorted(replies))
    tap.equal(ends, [[250, 550]] * rounds, "one of two mails gets the slot, the other is refused")


def test_sendmail(tap, scene, program, control):
    """Mail by sendmail(1) never passes the policy service: the milter's reserve counts and refuses."""
    scene.sender.sendmail(program.message().replace("\r\n", "\n"), "-f", SENDER, address("emil"))
    wait_for(lambda: arrived(scene, "emil") == 1, "a mail by sendmail(1)", 60)
    tap.ok(True, "the first mail by sendmail(1) arrives")
    replies, _ = program.send([address("emil")])
    tap.equal(replies[0][0], 550, "and counts")
    mark = scene.sender.log_size()
    scene.sender.sendmail(program.message().replace("\r\n", "\n"), "-f", SENDER, address("emil"))
    scene.sender.wait_for_log(r"milter-reject: END-OF-MESSAGE .* 5\.7\.1 .*one invitation", 60, mark)
    tap.ok(True, "the second is refused by the milter")


def test_reject(tap, scene, program, control):
    """foreign-mail = reject."""
    scene.write_client(cap={"foreign-mail": "reject"})
    scene.postwelle.reload("policyd")
    wait_for(lambda: "new configuration" in scene.postwelle.policyd.last_words(), "the reload", 10)
    replies, end = program.send([address("fritz")])
    tap.equal((replies[0][0], end), (550, None), "a client that sends by Postwelle alone: refused at RCPT")
    tap.match(replies[0][1].decode(), re.compile("sent by Postwelle only"), "with the reason")
    scene.write_client()
    scene.postwelle.reload("policyd")


def test_nobody(tap, scene, program, control):
    """The sum over all: each recipient has one mail at most, and those that were promised have it."""
    wait_for(lambda: not [mail for mail in scene.sender.queued() if mail["sender"] == SENDER], "an empty queue", 90, 0.5)
    recipients = [mail.recipient.lower() for mail in scene.world.mails() if mail.recipient.endswith(f"@{PEOPLE}")]
    tap.equal(len(recipients), len(set(recipients)), "nobody has two")
    expected = {address(name) for name in ("anna", "ben", "carl", "dora", "emil")}
    expected |= {address(f"many{number}") for number in range(49)} | {address(f"race{number}") for number in range(10)}
    tap.equal(set(recipients), expected, "and everybody who was promised one has one")


def main():
    with Tap() as tap, Sandbox() as sandbox:
        scene = Scene(sandbox, [PEOPLE], greylist_seconds=0)
        control = PolicyClient(os.path.join(scene.postwelle.path, "run", "control.sock"))
        program = Program(scene)
        for test in (test_cap, test_many, test_atomic, test_race, test_sendmail, test_reject, test_nobody):
            tap.note(test.__name__)
            test(tap, scene, program, control)


if __name__ == "__main__":
    main()
