"""The harness itself, and our settings of Postfix without our daemons: real look-ups, real greylisting, nothing left
behind."""

import base64
import os
import re
import signal
import smtplib
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

import dkim

from harness.nameserver import Nameserver, dkim_record, receiving_zone, sending_zone, txt
from harness.postfix import SUBMISSION_PORT, run, sender_postfix
from harness.sandbox import Sandbox, wait_for
from harness.sink import DROP, Sink, at, greylist
from harness.tap import Tap
from harness.verify import verify
from harness.world import GREYLIST_SECONDS, World

SENDER = "pw-abcdefgh234567@bounce.client.example"
MAIL = ("From: Umfrage <umfrage@client.example>\r\nTo: {to}\r\nSubject: Ihre Meinung\r\n"
        "Date: Mon, 05 Jan 2026 10:00:00 +0100\r\nMessage-ID: <{number}@client.example>\r\n\r\nGuten Tag\r\n")
HEADER_FIELDS = [b"from", b"to", b"subject", b"date", b"message-id"]
# A sandbox that is killed: prints its folder when all runs.
VICTIM = """
import sys, time
sys.path.insert(0, sys.argv[1])
from harness.nameserver import Nameserver
from harness.sandbox import Sandbox
from harness.world import World
sandbox = Sandbox()
Nameserver(sandbox)
World(sandbox, ["people.test"])
print(sandbox.path, flush=True)
time.sleep(600)
"""


def submit(sender, *recipients, message=None, reverse_path=SENDER):
    """Submit one mail; returns the first refusal as (verb, code, text), or None if it was taken."""
    with smtplib.SMTP(sender.address, SUBMISSION_PORT, timeout=60) as client:
        client.ehlo("client.example")
        replies = [("mail", *client.mail(reverse_path))]
        for recipient in recipients:
            if replies[-1][1] == 250:
                replies.append(("rcpt", *client.rcpt(recipient)))
        if replies[-1][1] == 250:
            message = message or MAIL.format(to=recipients[0], number=time.monotonic_ns()).encode()
            replies.append(("data", *client.data(message)))
    verb, code, text = replies[-1]
    return None if code == 250 else (verb, code, text.decode())


def test_fails_closed(tap, sender):
    """Without milter and policy service nothing is taken."""
    verb, code, text = submit(sender, "anna@people.test")
    tap.equal((verb, code), ("mail", 451), "milter away: 451")
    tap.note(text)
    sender.apply(postwelle_milter="")
    sender.reload()
    verb, code, text = submit(sender, "anna@people.test")
    tap.equal((verb, code // 10), ("rcpt", 45), "policy service away: 45x at RCPT")
    tap.note(text)
    tap.equal(sender.queued(), [], "nothing was queued")
    sender.apply(postwelle_policy="permit")
    sender.reload()
    tap.equal(submit(sender, "zoe@people.test"), None, "with the listener's checks gone a mail is queued")
    sender.wait_for_log(r"to=<zoe@people\.test>.* status=deferred \(local data error while talking to")
    tap.ok(True, "policy service away: and is not sent")
    sender.postsuper("-d", "ALL")
    sender.apply(postwelle_sending="")
    sender.reload()


def signed(message, keys):
    """The message with a signature a key: keys is a list of (selector, PEM file, algorithm)."""
    for selector, pem, algorithm in keys:
        with open(pem, "rb") as file:
            private = file.read()
        if algorithm == b"ed25519-sha256":
            der = subprocess.run(["openssl", "pkey", "-in", pem, "-outform", "DER"], check=True,
                                 capture_output=True).stdout
            private = base64.b64encode(der[-32:])
        message = dkim.sign(message, selector, b"client.example", private, include_headers=HEADER_FIELDS,
                            canonicalize=(b"relaxed", b"relaxed"), signature_algorithm=algorithm) + message
    return message


def test_delivery(tap, sandbox, nameserver, world, sender):
    """One mail by MX look-up through the greylister into the mailbox, and what a verifier says of it."""
    keys = []
    for selector, algorithm, words in ((b"s1", b"rsa-sha256", ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
                                       (b"s2", b"ed25519-sha256", ["ED25519"])):
        pem = os.path.join(sandbox.path, f"{selector.decode()}.pem")
        run(["openssl", "genpkey", "-algorithm", *words, "-out", pem])
        keys.append((selector, pem, algorithm))
    nameserver.change("client.example", add=[f"{selector.decode()}._domainkey {txt(dkim_record(pem))}"
                                             for selector, pem, _ in keys])
    start = time.time()
    good = signed(MAIL.format(to="anna@people.test", number=1).encode(), keys)
    bad = signed(MAIL.format(to="bert@xn--mller-kva.test", number=2).encode(), keys)
    bad = bad.replace(b"Guten Tag", b"Guten Abend")
    tap.equal(submit(sender, "anna@people.test", message=good), None, "mail is taken")
    tap.equal(submit(sender, "bert@xn--mller-kva.test", message=bad), None, "a second one is taken")
    wait_for(lambda: len(sender.queued()) == 2, "two mails in the sender's queue", 10)
    mails = {mail.recipient: mail for mail in world.wait_for_mails(2)}
    anna, bert = mails["anna@people.test"], mails["bert@xn--mller-kva.test"]
    delay = anna.delivered_at - start
    tap.ok("anna@people.test" in world.greylisted(), "greylisted at first")
    # postgrey counts whole seconds.
    tap.ok(delay > GREYLIST_SECONDS - 1, f"delivered after the greylister's delay ({delay:.1f} s)")
    tap.ok("relay=mx.people.test[" in sender.read_log(), "by a real MX look-up", sender.read_log())
    tap.ok("postfix/postwelle/smtp[" in sender.read_log(), "by our transport")
    tap.equal((anna.sender, anna.client_address), (SENDER, sender.address), "envelope as sent")
    verdict = verify(anna, nameserver)
    tap.equal((verdict.dkim, len(verdict.signatures), verdict.spf, verdict.dmarc), ("pass", 2, "pass", "pass"),
              f"verified: {verdict}")
    verdict = verify(bert, nameserver)
    tap.equal((verdict.dkim, verdict.spf), ("fail", "pass"), f"a changed body is noticed: {verdict}")
    bert.sender, bert.client_address = "x@client.example", world.address
    verdict = verify(bert, nameserver)
    tap.equal((verdict.spf, verdict.dmarc), ("fail", "fail"), f"a wrong client is noticed: {verdict}")
    sender.wait_for_empty_queue()


def test_transport(tap, sandbox, nameserver, sender):
    """What the transport must not do: send again what may have been taken."""
    one, two = sandbox.addresses.spare[:2]
    nameserver.add_zones({"drop.test": [f"a A {one}", f"b A {two}", "@ MX 10 a", "@ MX 20 b"]})
    with Sink(one, sender.port, at("dot", DROP)) as first, Sink(two, sender.port) as second:
        tap.equal(submit(sender, "carl@drop.test"), None, "mail to a server that breaks off after the dot")
        sender.wait_for_log(r"to=<carl@drop\.test>.* dsn=5\.4\.2, status=bounced \(postwelle-uncertain")
        tap.equal((first.copies("carl@drop.test"), second.copies("carl@drop.test")), (1, 0), "is sent once, to one MX")
    with Sink(one, sender.port, greylist(2)) as first:
        tap.equal(submit(sender, "dora@drop.test"), None, "mail to a server that refuses twice")
        wait_for(lambda: first.copies("dora@drop.test"), "dora's mail at the sink")
        tap.equal((first.copies("dora@drop.test"), first.duplicates()), (1, {}), "arrives once")
        tap.ok(first.steps["rcpt"] >= 3, "after two refusals")


def test_listener(tap, sender):
    verb, code, _ = submit(sender, "anna@people.test", "bert@people.test")
    tap.equal((verb, code), ("rcpt", 452), "a second recipient is refused")


def test_side_by_side(tap, nameserver):
    with Sandbox() as other:
        second = Nameserver(other)
        second.add_zone("other.test", ["@ TXT there"])
        tap.equal((second.query("other.test", "TXT"), nameserver.query("other.test", "TXT")), (["there"], []),
                  "two sandboxes side by side")


def processes_of(path):
    """Running processes whose command line or folder is in the sandbox."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read()
            if words and (path.encode() in words or os.readlink(f"/proc/{pid}/cwd").startswith(path)):
                found.append((int(pid), words))
        except OSError:
            continue
    return found


def test_killed(tap):
    """A program that runs a sandbox and is killed leaves neither processes nor a folder behind."""
    for number in (signal.SIGKILL, signal.SIGTERM):
        victim = subprocess.Popen([sys.executable, "-c", VICTIM, os.path.dirname(HERE)], stdout=subprocess.PIPE,
                                  text=True)
        path = victim.stdout.readline().strip()
        started = len(processes_of(path))
        victim.send_signal(number)
        victim.wait()
        wait_for(lambda: not processes_of(path), f"no process of {path}", 20)
        tap.ok(started > 4, f"{signal.Signals(number).name}: all {started} processes have ended")
        tap.ok(not os.path.exists(path), f"{signal.Signals(number).name}: the folder is gone")


def main():
    with Tap() as tap:
        if os.geteuid() != 0:
            tap.skip("all", "needs root, because Postfix does")
            return
        with Sandbox() as sandbox:
            nameserver = Nameserver(sandbox)
            nameserver.add_zones({"client.example": sending_zone(sandbox.addresses),
                                  "people.test": receiving_zone(sandbox.addresses),
                                  "müller.test": receiving_zone(sandbox.addresses)})
            world = World(sandbox, ["people.test", "müller.test"])
            sender = sender_postfix(sandbox)
            sender.start()
            test_fails_closed(tap, sender)
            test_delivery(tap, sandbox, nameserver, world, sender)
            test_transport(tap, sandbox, nameserver, sender)
            test_listener(tap, sender)
            test_side_by_side(tap, nameserver)
        test_killed(tap)


main()
