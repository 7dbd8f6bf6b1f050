#!/usr/bin/python3
"""Whatever mail `postwelle content check` accepts, Python's email package reads the same: no defects, no other types, no
HTML that loads anything. (GMime's opinion is asked in tests/unit/test_mime_oracle.c.) Prints TAP."""
import email
import email.policy
import glob
import os
import random
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness.content import refused
from harness.tap import Tap

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "newsletter")
SEED = int(os.environ.get("SEED", "20261123"))
MAILS = 4000
CONTAINERS = {"multipart/mixed", "multipart/alternative", "multipart/related"}
STARTS = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff", "image/gif": b"GIF8", "image/webp": b"RIFF",
          "application/pdf": b"%PDF-"}
HTML = re.compile(r"<(?:!doctype|!--|/?(?:html|head|body|img|script|style|a|p|table)\b)", re.I)
NESTED = (b"From: a@client.example\r\nDate: Mon, 23 Nov 2026 08:00:00 +0100\r\nMessage-ID: <1@client.example>\r\n"
          b"Subject: x\r\nList-Unsubscribe: <https://u.example/x>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
          b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=outer\r\n\r\n"
          b"--outer\r\nContent-Type: multipart/alternative; boundary=inner\r\n\r\n"
          b"--inner\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGuten Tag\r\n"
          b"--inner\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Guten Tag</p>\r\n--inner--\r\n"
          b"--outer\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment\r\n\r\n%PDF-1.4\r\n--outer--\r\n")
LINES = [b"", b" ", b"--outer", b"--inner", b"--outer--", b"--inner--", b"--inner ", b"--innerx", b"--", b"-- ", b" --inner",
         b"From nobody Mon Nov 23 08:00:00 2026", b"Content-Type: text/html; charset=utf-8", b"Content-Type: text/html",
         b"Content-Type: text/plain; charset=utf-8", b"Content-Type: message/rfc822", b"Content-Type: text/calendar",
         b"Content-Type: multipart/mixed; boundary=inner", b"Content-Type: multipart/digest; boundary=inner",
         b" boundary=inner", b"Content-Type:", b"Content-type : text/html", b"Content-Transfer-Encoding: base64",
         b"Content-Transfer-Encoding: quoted-printable", b"Content-Transfer-Encoding: 8bit",
         b"Content-Transfer-Encoding: binary", b"Content-Disposition: inline", b"Content-Location: http://x.test/",
         b"Content-Base: http://x.test/", b"X-Field: value", b"<img src=http://x.test/>", b"<p>x</p>", b"<!--", b"-->",
         b"=3Cimg src=3D\"http://x.test/\">", b"PGltZyBzcmM9aHR0cDovL3gudGVzdC8+", b"PHA+eDwvcD4=", b"====",
         b"begin 644 x.html", b"Guten Tag", b"Gr=C3=BC=C3=9Fe", "Grüße".encode(), b"x =", b"%PDF-1.4"]
OCTETS = b"=-;:\" \t<>/\rax0\0\v\f\x1c\x85"


def mutated(rng, seed):
    """The mail with one to three of its lines or octets changed."""
    lines = seed.split(b"\r\n")
    for _ in range(rng.randint(1, 3)):
        place = rng.randrange(len(lines))
        kind = rng.randrange(6)
        if kind < 2:
            lines.insert(place, rng.choice(LINES))
        elif kind == 2:
            lines[place] = rng.choice(LINES)
        elif kind == 3 and len(lines) > 1:
            del lines[place]
        elif kind == 4:
            lines.insert(rng.randrange(len(lines)), lines[place])
        elif lines[place]:
            column = rng.randrange(len(lines[place]))
            lines[place] = lines[place][:column] + bytes([rng.choice(OCTETS)]) + lines[place][column + 1:]
    return b"\r\n".join(lines)


def read_part(part, htmls):
    """What is wrong with a part as Python sees it, or None; its HTML, in UTF-8, is added to htmls."""
    kind = part.get_content_type()
    if part.defects:
        return f"{kind}: {part.defects}"
    if part.is_multipart():
        return None if kind in CONTAINERS else f"{kind} is not allowed"
    data = part.get_payload(decode=True)
    if kind in STARTS:
        return None if data.startswith(STARTS[kind]) else f"{kind} that is none"
    if kind not in ("text/plain", "text/html"):
        return f"{kind} is not allowed"
    try:
        text = data.decode(part.get_content_charset("us-ascii"))
    except (UnicodeDecodeError, LookupError) as error:
        return f"{kind}: {error}"
    if kind == "text/html":
        htmls.append(text)
    elif HTML.search(text):
        return "HTML in text/plain"
    return None


def read_mail(data, htmls):
    """What is wrong with a mail as Python sees it, or None."""
    for policy in (email.policy.compat32, email.policy.SMTP):
        message = email.message_from_bytes(data, policy=policy)
        for part in message.walk():
            wrong = read_part(part, htmls)
            if wrong:
                return wrong
        if not any(part.get_content_type() == "text/plain" for part in message.walk()):
            return "no plain text"
    return None


def write(folder, name, data):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(data)
    return path


def check_mails(tap, folder, mails):
    paths = [write(folder, f"{number}.eml", data) for number, data in enumerate(mails)]
    bad = refused(paths)
    kept, seen, wrong, htmls = 0, 0, [], []
    for path, data in zip(paths, mails):
        if path not in bad:
            kept += 1
            verdict = read_mail(data, htmls)
            if verdict:
                wrong.append(f"{verdict}\n{data!r}")
        elif read_mail(data, []):
            seen += 1
    tap.note(f"{kept} of {len(mails)} accepted; Python finds something wrong in {seen} of the others")
    tap.ok(kept > MAILS / 100 and seen > MAILS / 20, "the test tells something: many pass, many are broken")
    tap.ok(not wrong, "what is accepted, Python's email package reads without defects", "\n".join(wrong[:3]))
    bad = refused([write(folder, f"{number}.html", text.encode()) for number, text in enumerate(htmls)])
    tap.ok(htmls and not bad, "the HTML that it finds there loads nothing", list(bad.values())[:3])


def main():
    rng = random.Random(SEED)
    seeds = [NESTED] * 6
    for path in sorted(glob.glob(os.path.join(DATA, "*.eml"))):
        with open(path, "rb") as file:
            seeds.append(file.read())
    with Tap() as tap, tempfile.TemporaryDirectory(prefix="postwelle-readers-") as folder:
        for seed in seeds[5:]:
            tap.equal(read_mail(seed, []), None, "Python reads a newsletter as it is")
        check_mails(tap, folder, [mutated(rng, rng.choice(seeds)) for _ in range(MAILS)])


if __name__ == "__main__":
    main()
