"""What comes back, with real Postfix: its own bounces, others' notifications, complaints, unsubscribe mails, by pipe(8) to the ledger."""

import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.policy import PolicyClient
from harness.reports import complaint, notification
from harness.sandbox import Sandbox, wait_for
from harness.scene import CLIENT, COMPLAINTS, RETURN_PATH, UNSUBSCRIBE, Scene
from harness.sink import Reply, Sink
from harness.tap import Tap

PEOPLE = "people.test"


def participants(control, campaign):
    control.send("campaign-participants", client=CLIENT, campaign=campaign)
    return {row["address"].partition("@")[0]: row for row in control.read()[:-1]}


def suppressed(control, name):
    """{scope: reason} of a recipient."""
    control.send("suppress-show", address=f"{name}@{PEOPLE}")
    return {row["scope"]: row["reason"] for row in control.read()[:-1]}


def new_campaign(scene, name, people):
    directory = scene.new_campaign(name, "Umfrage", "100%")
    file = scene.sandbox.write(f"{name}.csv", "Anrede;Vorname;Nachname;E-Mail\n" +
                               "".join(f"Frau;Anna;Muster;{person}@{PEOPLE}\n" for person in people))
    done = scene.import_list(directory, file)
    assert done.returncode == 0, done.stdout + done.stderr
    scene.release(directory)
    return directory


def deliver(scene, message, recipient, sender=""):
    """Hand a mail to Postfix and wait until its pipe has taken it; returns what the command said."""
    mark = scene.sender.log_size()
    scene.sender.sendmail(message, "-f", sender, recipient)
    line = scene.sender.wait_for_log(rf"to=<{re.escape(recipient)}>.*status=\w+ .*", 60, mark).group()
    return line


def test_own_bounce(tap, scene, control):
    """The other side refuses at RCPT: Postfix's bounce(8) writes to the reverse-path."""
    directory = new_campaign(scene, "gone", ["gone", "full"])
    address = scene.sandbox.addresses.spare[0]
    scene.sender.set(relayhost=f"[{address}]:{scene.sender.port}")
    scene.sender.reload(30)

    def script(step):
        if step.stage == "rcpt":
            return Reply("550 5.1.1 no such user" if step.recipient.startswith("gone") else "552 5.2.2 mailbox full")

    with Sink(address, scene.sender.port, script):
        scene.postwelle.command("wave", "open", directory)
        wait_for(lambda: suppressed(control, "gone"), "the suppression", 60, 0.3)
        wait_for(lambda: {row["state"] for row in participants(control, "gone").values()} == {"bounced"}, "the tracker's account", 60, 0.3)
        wait_for(lambda: not scene.sender.queued(), "an empty queue", 60, 0.3)
    scene.sender.set(relayhost="")
    scene.sender.reload(30)
    tap.match(suppressed(control, "gone").get(CLIENT, ""), re.compile("^bounced: 5.1.1 "), "an address that does not exist is suppressed for the client")
    tap.equal(suppressed(control, "full"), {}, "a full one is not")


def test_reports(tap, scene, control, mails):
    token = {name: mail.sender for name, mail in mails.items()}
    said = deliver(scene, notification(token["late"], "5.1.1", "550 5.1.1 no such user"), token["late"])
    tap.match(said, re.compile(r"relay=postwelle-bounce.*status=sent"), "a notification goes to the pipe")
    tap.equal(participants(control, "sent")["late"]["state"], "bounced", "what was sent and came back is bounced")
    tap.ok(CLIENT in suppressed(control, "late"), "and suppressed")

    forged = token["forged"]
    forged = forged[:5] + ("b" if forged[5] != "b" else "c") + forged[6:]
    deliver(scene, notification(forged, "5.1.1", "550 5.1.1 no such user"), forged)
    bare = f"pw-aaaa@{RETURN_PATH}"
    deliver(scene, notification(bare, "5.1.1", "550 5.1.1 no such user"), bare)
    away = f"From: forged@{PEOPLE}\nSubject: Abwesend\nAuto-Submitted: auto-replied\n\n550 5.1.1 unknown user\n"
    deliver(scene, away, token["forged"], f"forged@{PEOPLE}")
    huge = notification(token["forged"], "5.1.1", "550 5.1.1 no such user") + "x" * 70 + ("\n" + "x" * 70) * 20000
    deliver(scene, huge, token["forged"])
    nested = f"From: forged@{PEOPLE}\nSubject: Fwd\nContent-Type: message/rfc822\n\n" + notification(token["forged"], "5.1.1", "550 5.1.1")
    deliver(scene, nested, token["forged"], f"forged@{PEOPLE}")
    tap.equal((participants(control, "sent")["forged"]["state"], suppressed(control, "forged")), ("sent", {}),
              "forged, tokenless, automatic, huge and nested ones change nothing")

    deliver(scene, complaint(COMPLAINTS, f"Return-Path: <{token['angry']}>\nSubject: x\n"), COMPLAINTS, "feedback@people.test")
    tap.equal(suppressed(control, "angry"), {"*": "complaint"}, "who complains is suppressed for all")
    control.send("campaign-status", client=CLIENT, campaign="sent")
    tap.equal(control.read()[-1]["complaints"], "1", "and counted")


def test_unsubscribe(tap, scene, control, mails):
    wish = re.search(r"mailto:[^?>]*\?subject=(\w+)", re.sub(r"\s+", "", str(mails["tired"].message["List-Unsubscribe"]))).group(1)
    said = deliver(scene, f"From: tired@{PEOPLE}\nSubject: {wish}\n\n", UNSUBSCRIBE, f"tired@{PEOPLE}")
    tap.match(said, re.compile(r"relay=postwelle-unsubscribe.*status=sent"), "a wish goes to its pipe")
    tap.equal(suppressed(control, "tired"), {CLIENT: "unsubscribed"}, "and is obeyed, for the client")
    deliver(scene, f"From: forged@{PEOPLE}\nSubject: {'b' * 32}\n\n", UNSUBSCRIBE, f"forged@{PEOPLE}")
    tap.equal(suppressed(control, "forged"), {}, "one without a token of ours is not")


def main():
    with Tap() as tap, Sandbox() as sandbox:
        scene = Scene(sandbox, [PEOPLE], greylist_seconds=0)
        scene.take_what_comes_back()
        control = PolicyClient(os.path.join(scene.postwelle.path, "run", "control.sock"))
        people = ["late", "forged", "angry", "tired"]
        scene.postwelle.command("wave", "open", new_campaign(scene, "sent", people))
        wait_for(lambda: {row["state"] for row in participants(control, "sent").values()} == {"sent"}, "four mails sent", 60, 0.3)
        wait_for(lambda: len(scene.invitations()) == 4, "four mails in the world's mailbox", 60, 0.3)
        mails = {mail.recipient.partition("@")[0]: mail for mail in scene.invitations()}
        test_reports(tap, scene, control, mails)
        test_unsubscribe(tap, scene, control, mails)

        scene.postwelle.policyd.stop()
        mark = scene.sender.log_size()
        late = mails["forged"].sender
        scene.sender.sendmail(notification(late, "5.1.1", "550 5.1.1 no such user"), "-f", "", late)
        scene.sender.wait_for_log(rf"to=<{re.escape(late)}>.*status=deferred", 60, mark)
        scene.postwelle.start_policyd()
        control = PolicyClient(os.path.join(scene.postwelle.path, "run", "control.sock"))
        wait_for(lambda: suppressed(control, "forged"), "the suppression", 60, 0.3)
        tap.ok(True, "while policyd is away Postfix keeps what comes back")
        test_own_bounce(tap, scene, control)
        sent = re.findall(r"postfix/(?:postwelle/)?smtp\[\d+\]: \w+: to=<([^>]*)>", scene.sender.read_log())
        others = [to for to in sent if not to.endswith(PEOPLE) and not to.startswith("anna@")]
        tap.ok(sent and not others, "nobody was answered", others)


if __name__ == "__main__":
    main()
