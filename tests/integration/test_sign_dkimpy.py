#!/usr/bin/python3
"""What we sign, dkimpy accepts: an implementation that shares no code with ours or libopendkim. Prints TAP."""
import os
import random
import subprocess
import sys
import tempfile

import dkim

BUILD = os.environ.get("G_TEST_BUILDDIR", ".")
SEED = int(os.environ.get("SEED", "20261123"))
HEADER = (b"From: Umfrage <umfrage@client.example>\r\nTo: =?utf-8?q?Beispiel?= <a@test>\r\n"
          b"Date: Mon, 23 Nov 2026 08:00:00 +0000\r\nMessage-ID: <1@client.example>\r\nSubject: Ihre Meinung\r\n")

FIXED = {
    "an empty body": HEADER + b"\r\n",
    "blank lines alone": HEADER + b"\r\n\r\n \r\n\t\r\n",
    "trailing blank lines": HEADER + b"\r\ntext\r\n\r\n\r\n",
    "white space at line ends": HEADER + b"\r\na \t\r\n  b\t c  \r\n",
    "dots": HEADER + b"\r\n.\r\n..\r\n.a\r\n",
    "8-bit fields": HEADER + "X-Other: Ü\r\nReply-To: Käse <b@test>\r\n\r\nGrüße\r\n".encode(),
    "folded fields": HEADER + b"Cc: a@test,\r\n\tb@test,\r\n   c@test\r\n\r\ntext\r\n",
    "fields folded at once": HEADER + b"Cc:\r\n a@test\r\nList-Id:\r\n\t<x>\r\n\r\ntext\r\n",
    "duplicate fields": HEADER + b"List-Id: <one>\r\nLIST-ID: <two>\r\nlist-id: <three>\r\n\r\ntext\r\n",
    "unsubscribe fields": HEADER + b"List-Unsubscribe: <https://client.example/u>\r\n"
                          b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\ntext\r\n",
    "a body of 1 MiB": HEADER + b"\r\n" + b"A line of base64, clean as most are.\r\n" * 27595,
    "a body of 1 MiB with white space": HEADER + b"\r\n" + b"<td  > unclean\tHTML \r\n" * 45590,
    "the longest lines": HEADER + b"\r\n" + (b"x" * 998 + b"\r\n") * 20,
}


def random_mail(rng):
    """A mail of odd pieces; ends with CR LF as mail does on the wire."""
    names = [b"Subject", b"Cc", b"Reply-To", b"MIME-Version", b"List-Id", b"X-Other", b"Feedback-ID", b"auto-submitted"]
    pieces = [b"word", b" ", b"  ", b"\t", b"\r\n ", b"\r\n\t", b";", b"a=b", "ä".encode(), b"<x@test>"]
    header = b"From: a@client.example\r\n"
    for _ in range(rng.randrange(12)):
        value = b" x" + b"".join(rng.choice(pieces) for _ in range(rng.randrange(15))) + b"z"
        header += rng.choice(names) + b":" + value + b"\r\n"
    lines = [b"", b" ", b"\t", b"text", b" text  text ", b"a\tb", b"=20", b".", "ü".encode(), b"\xff"]
    body = b"".join(rng.choice(lines) + b"\r\n" for _ in range(rng.randrange(30)))
    return header + b"\r\n" + body


def read_records(folder):
    with open(os.path.join(folder, "records"), "rb") as file:
        return dict(line.rstrip(b"\n").split(b"\t") for line in file)


def passes(mail, records, count):
    """True where dkimpy accepts each of the count signatures."""
    verifier = dkim.DKIM(mail)
    dns = lambda name, timeout=5: records.get(name if isinstance(name, bytes) else name.encode())
    try:
        return all(verifier.verify(idx=i, dnsfunc=dns) for i in range(count))
    except dkim.DKIMException as error:
        print(f"# {error}")
        return False


class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def ok(self, good, name):
        self.count += 1
        self.failed += not good
        print(("ok" if good else "not ok"), self.count, "-", name, flush=True)


def check(tap, mails, backend, count):
    with tempfile.TemporaryDirectory(prefix="postwelle-dkimpy-") as folder:
        for number, mail in enumerate(mails.values()):
            with open(f"{folder}/{number}.eml", "wb") as file:
                file.write(mail)
        program = os.path.join(BUILD, "tests/unit/sign_file")
        subprocess.run([program, folder, backend], check=True)
        records = read_records(folder)
        good = {}
        for number, name in enumerate(mails):
            with open(f"{folder}/{number}.signed", "rb") as file:
                signed = file.read()
            good[name] = passes(signed, records, count)
            if name in FIXED:
                tap.ok(good[name], f"{backend}: {name}")
        bad = [name for name in mails if not good[name]]
        tap.ok(not bad, f"{backend}: {len(mails)} mails, seed {SEED}")
        for name in bad:
            print(f"# {name}: {mails[name][:2000]!r}")
        text = signed.replace(b"\r\n\r\n", b"\r\n\r\nadded ", 1)
        tap.ok(not passes(text, records, 1), f"{backend}: a changed body is refused")
        tap.ok(not passes(b"Subject: added\r\n" + signed, records, 1), f"{backend}: an added Subject is refused")


def main():
    rng = random.Random(SEED)
    mails = dict(FIXED)
    mails.update((f"random {i}", random_mail(rng)) for i in range(200))
    tap = Tap()
    check(tap, mails, "evp", 2)
    check(tap, mails, "opendkim", 1)
    print(f"1..{tap.count}")
    return tap.failed != 0


if __name__ == "__main__":
    sys.exit(main())
