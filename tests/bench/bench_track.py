#!/usr/bin/python3
"""Does the tracker keep up with Postfix's log? Lines a second of one core: the processor time of postwelle track and policyd together.

usage: bench_track.py [MAILS]

The log is as Postfix writes it on a day of a campaign: each mail has its lines of smtpd, cleanup, qmgr, smtp (TLS, delivery) and
removed; every third is greylisted first; half of the mails are other programs'. Ours are reserved in a ledger on this disk.
"""

import os
import re
import resource
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.policy import PolicyClient
from harness.sandbox import Sandbox
from harness.site import RIGHTS, Mta, Site

MAILS = 10_000
GOAL = 5_000  # lines a second
BATCH = 200   # mails of one `begin`
HEAD = "Nov 23 09:24:50 mail postfix/"
RELAY = "mx.example[192.0.2.1]:25"


def processor(pid):
    """Seconds of it that a process has used."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        return sum(int(word) for word in file.read().rpartition(")")[2].split()[11:13]) / os.sysconf("SC_CLK_TCK")


def reserve_all(site, directory):
    """As feeder and milter do; yields (queue ID, address)."""
    run = os.path.join(site.postwelle.path, "run")
    control, milter = (PolicyClient(os.path.join(run, name)) for name in ("control.sock", "reserve.sock"))
    control.send("campaign-show", client="kunde", campaign=os.path.basename(directory))
    content = control.read()[-1]["hash"]
    names = {"client": "kunde", "campaign": os.path.basename(directory), "wave": 1}
    assert control.ask("wave-open", hash=content, **names)["status"] == "ok"
    after, number = 0, 0
    while after or not number:
        control.send("begin", after=after, limit=BATCH, **names)
        *rows, last = control.read()
        for row in rows:
            queue_id = f"4jY5Xx{number:04x}z1g8"
            number += 1
            milter.send("reserve", queue_id=queue_id, sender=row["reverse_path"], from_domain="kunde.example",
                        message_id=row["message_id"], recipients=1, deadline=int(time.time() * 1000) + 60000,
                        **{"recipient.1": row["address"]})
            yield queue_id, row["address"]
        for row in rows:
            answer = milter.read_one()
            assert answer["status"] == "ok", answer
        after = int(last["last"])
    control.close()
    milter.close()


def lines_of(number, queue_id, address, agent):
    """What Postfix logs of one mail."""
    delivery = f"{HEAD}postwelle/smtp[{agent}]: {queue_id}: to=<{address}>, relay={RELAY}, delay=1.2, delays=0.1/0.02/0.9/0.18, "
    tls = (f"{HEAD}postwelle/smtp[{agent}]: Untrusted TLS connection established to {RELAY}: TLSv1.3 with cipher "
           "TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256")
    active = f"{HEAD}qmgr[11]: {queue_id}: from=<pw-caaacaaacaaaiaabdyvhvppcsqvurbsf@r.example>, size=42420, nrcpt=1 (queue active)"
    yield f"{HEAD}postwelle-submission/smtpd[12]: {queue_id}: client=localhost[127.0.0.1]"
    yield f"{HEAD}cleanup[13]: {queue_id}: message-id=<ew5mfwnkyoajsm4dbhgmumsuajowq7un@kunde.example>"
    yield active
    if number % 3 == 0:
        yield tls
        yield (f"{delivery}dsn=4.2.0, status=deferred (host {RELAY[:-3]} said: 450 4.2.0 <{address}>: Recipient address "
               "rejected: Greylisted, see http://postgrey.example/help (in reply to RCPT TO command))")
        yield active
    yield tls
    yield f"{delivery}dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 87D09B44D2F)"
    yield f"{HEAD}qmgr[11]: {queue_id}: removed"


def write_log(path, ours):
    """Ours and as many of others, a hundred processes at a time; returns how many lines."""
    lines = 0
    with open(path, "a", encoding="ascii") as log:
        for number, (queue_id, address) in enumerate(ours):
            for mail in (queue_id, address), (f"4jY5Xy{number:04x}z1g9", f"somebody{number}@elsewhere.example"):
                for line in lines_of(number, *mail, 1000 + number % 100):
                    log.write(line + "\n")
                    lines += 1
    return lines


def measure(site):
    """Wall clock and processor seconds of `track --once` and policyd."""
    policyd, began = processor(site.postwelle.policyd.pid), time.monotonic()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = site.postwelle.command("track", "--once")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    track = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout, time.monotonic() - began, track, processor(site.postwelle.policyd.pid) - policyd


def main():
    mails = int(sys.argv[1]) if len(sys.argv) > 1 else MAILS
    os.environ.setdefault("POSTWELLE_DATADIR", os.path.join(HERE, "..", "..", "importer"))
    with Sandbox() as sandbox:
        site = Site(None, sandbox)
        directory = site.campaign("bench")
        with open(os.path.join(directory, "campaign.conf"), encoding="utf-8") as old:
            text = re.sub(r"(?m)^#?\s*sizes\s*=.*$", "sizes = 100%", old.read())
        sandbox.write("bench/campaign.conf", text)
        list_file = sandbox.write("list.csv", "Anrede;Vorname;Nachname;E-Mail\n" +
                                  "".join(f"Frau;Kim;Test{n};p{n}@d{n % 500}.example\n" for n in range(mails)))
        site.postwelle.command("import", directory, list_file, *RIGHTS)
        with Mta(site.postwelle):
            site.approve(directory)
        ours = list(reserve_all(site, directory))
        assert len(ours) == mails, len(ours)
        lines = write_log(site.log, ours)
        said, wall, track, policyd = measure(site)
        states = site.states(directory)
        assert states["sent"] == mails, (said, states)
        rate = lines / (track + policyd)
        print(f"{lines} lines about {2 * mails} mails, half of them ours: {wall:.1f} s; {track:.1f} s of a core in postwelle track, "
              f"{policyd:.1f} s in postwelle-policyd")
        print(f"lines a second of one core: {rate:.0f} ({lines / wall:.0f} by the clock)")
        print(f"goal: at least {GOAL}: {'met' if rate >= GOAL else 'missed'}")


main()
