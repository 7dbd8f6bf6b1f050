"""What is signed is what Postfix sends: odd mails through a real Postfix, with all that it changes on the way, and
dkimpy's verdict on what arrives. A mail that would not survive the way must be refused, never sent broken."""

import os
import smtplib
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.sandbox import Sandbox, wait_for
from harness.scene import DOMAIN, Scene
from harness.tap import Tap
from harness.verify import check_dkim

PEOPLE = "people.test"
SENDER = f"umfrage@{DOMAIN}"
FIELDS = {
    "From": f"Umfrage <{SENDER}>",
    "To": f"Teilnehmer <undisclosed@{PEOPLE}>",
    "Subject": "Ihre Meinung",
    "Date": "Mon, 23 Nov 2026 09:00:00 +0100",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Transfer-Encoding": "8bit",
    "List-Unsubscribe": f"<https://{DOMAIN}/u/1>, <mailto:u@{DOMAIN}>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
}
TEXT = "Guten Tag,\r\n\r\nwir bitten um Ihre Meinung.\r\n"
MANY = ",\r\n\t".join(f"Teilnehmer Nummer {number} <undisclosed{number}@{PEOPLE}>" for number in range(60))

# name: fields to change (None: left out), and the body. All must arrive with good signatures.
SURVIVORS = {
    "plain": ({}, TEXT),
    "nodate": ({"Date": None}, TEXT),
    "nomessageid": ({"Message-ID": None}, TEXT),
    "neither": ({"Date": None, "Message-ID": None}, TEXT),
    "noto": ({"To": None}, TEXT),
    "dots": ({}, ".\r\n..\r\n.x\r\nGuten Tag\r\n.\r\n"),
    "blanks": ({}, "\r\n \r\nGuten  Tag \t\r\n\tja\r\n \r\n\r\n\r\n"),
    "umlauts": ({}, "Grüße aus Köln, „ja“ – 10 € ☺\r\n"),
    "rawsubject": ({"Subject": "Grüße – 10 €"}, TEXT),
    "encodedsubject": ({"Subject": "=?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n =?utf-8?q?_aus_K=C3=B6ln?="}, TEXT),
    "folded": ({"Subject": "Ihre\r\n\t Meinung \r\n  zu  uns", "Reply-To": f"\r\n {SENDER}"}, TEXT),
    "manyto": ({"To": MANY}, TEXT),
    "bareaddress": ({"From": SENDER}, TEXT),
    "upper": ({"From": f"UMFRAGE <Umfrage@{DOMAIN.upper()}>"}, TEXT),
    "comments": ({"To": f"(alle) undisclosed@{PEOPLE} (Teilnehmer)"}, TEXT),
    "group": ({"To": "undisclosed-recipients:;"}, TEXT),
    "longline": ({}, "x" * 998 + "\r\n" + TEXT),
    "longsubject": ({"Subject": "x" * 900}, TEXT),
    "received": ({"Received": "from a by b; Mon, 23 Nov 2026 08:00:00 +0100"}, TEXT),
    "fromline": ({}, "From mir an dich\r\n>From dir\r\n"),
    "large": ({}, "Eine Zeile mit  zwei Blanks und Umlauten: äöü\r\n" * 5000),
}
# These can't: whoever submits them is told.
REFUSED = {
    "longerline": ({}, "x" * 999 + "\r\n" + TEXT),
    "endlesssubject": ({"Subject": "x" * 1100}, TEXT),
    "endlesslist": ({"To": ", ".join(f"undisclosed{number}@{PEOPLE}" for number in range(80))}, TEXT),
}


def message(name, changes, body):
    fields = {**FIELDS, "Message-ID": f"<{name}@survey.agency.example>", **changes}
    header = "".join(f"{field}: {value}\r\n" for field, value in fields.items() if value is not None)
    return (header + "\r\n" + body).encode()


def submit(scene, name, data):
    """The reply to the end of the mail, by SMTP without SMTPUTF8, as other programs talk."""
    with smtplib.SMTP(scene.sender.address, scene.sender.port, timeout=60) as smtp:
        smtp.ehlo("survey.agency.example")
        smtp.mail(SENDER, ["BODY=8BITMIME"])
        smtp.rcpt(f"{name}@{PEOPLE}")
        return smtp.data(data)


def received(scene, name):
    found = [mail for mail in scene.world.mails() if mail.recipient == f"{name}@{PEOPLE}"]
    return found[0] if found else None


def check_survivor(tap, scene, name):
    mail = wait_for(lambda: received(scene, name), f"mail {name}", 90, 0.2)
    signatures = check_dkim(mail.raw, scene.nameserver)
    results = [(one.algorithm, one.result) for one in signatures]
    tap.equal(results, [("rsa-sha256", "pass"), ("ed25519-sha256", "pass")], f"{name}: both signatures hold on arrival")
    # And they hold for something: any of it changed, they don't.
    head, _, body = mail.raw.partition(b"\r\n\r\n")
    changed = head.replace(b"One-Click", b"Two-Click") + b"\r\n\r\n" + body
    tap.ok(all(one.result != "pass" for one in check_dkim(changed, scene.nameserver)), f"{name}: and for this header alone")


def main():
    with Tap() as tap, Sandbox() as sandbox:
        scene = Scene(sandbox, [PEOPLE], greylist_seconds=0)
        taken = []
        for name, (changes, body) in SURVIVORS.items():
            code, text = submit(scene, name, message(name, changes, body))
            if tap.equal(code, 250, f"{name}: is taken"):
                taken.append(name)
            else:
                tap.note(text.decode())
        for name, (changes, body) in REFUSED.items():
            code, text = submit(scene, name, message(name, changes, body))
            tap.equal(code, 550, f"{name}: is refused")
            tap.note(text.decode())
        scene.sender.sendmail(message("sendmail", {"Date": None, "Message-ID": None, "To": None}, ".\r\n" + TEXT)
                              .decode().replace("\r\n", "\n"), "-i", "-f", SENDER, f"sendmail@{PEOPLE}")
        for name in [*taken, "sendmail"]:
            check_survivor(tap, scene, name)


if __name__ == "__main__":
    main()
