"""What participants receive: mails of two languages, to addresses in UTF-8 and at internationalized domains, from cells that hold
template and header text, through real Postfix, verified by dkimpy and read by Python's email package."""

import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.campaigns import own_imprint
from harness.sandbox import Sandbox, wait_for
from harness.scene import CLIENT, DOMAIN, TOP, Scene
from harness.tap import Tap
from harness.verify import verify

ALABEL = "xn--bcher-kva.example"
SECONDS = 60
# Address as in the list, as on the wire, Anrede, Nachname, Sprache, greeting.
PEOPLE = [
    ("müller@leser.example", "müller@leser.example", "Frau", "Müller", "de", "Sehr geehrte Frau Müller,"),
    ("smith@leser.example", "smith@leser.example", "Mr", "Smith", "en", "Dear Mr Smith,"),
    ("petit@leser.example", "petit@leser.example", "Frau", "Petit", "fr", "Sehr geehrte Frau Petit,"),
    ("kim@Bücher.example", f"kim@{ALABEL}", "Herr", "{{survey_token}} a < b & c", "", "Sehr geehrter Herr {{survey_token}} a < b & c,"),
    ("k@leser.example", "k@leser.example", "Herr", '"K\r\nBcc: evil@leser.example"', "de", "Sehr geehrter Herr K Bcc: evil@leser.example,"),
]
SIGNED = ("from", "to", "subject", "date", "message-id", "list-unsubscribe", "list-unsubscribe-post", "list-id", "feedback-id",
          "auto-submitted", "x-csa-complaints", "cfbl-address")


def make_campaign(scene):
    directory = os.path.join(scene.sandbox.path, "worte")
    environment = {**os.environ, "POSTWELLE_DATADIR": os.path.join(TOP, "importer")}
    scene.postwelle.command("campaign", "new", directory, "--client", CLIENT, "--template", "nps", "--language", "de,en",
                            env=environment)
    own_imprint(directory)
    scene.edit(directory, "(?m)^subject = .*$", "subject = Eine Frage an Sie, {{Nachname}} – für Ökostrom\\nlist-id = worte.muster.example\\n"
               "complaints = csa@agency.example\\nfeedback-address = fbl@agency.example; report=arf")
    scene.edit(directory, "(?m)^sizes = .*$", "sizes = 100%")
    scene.edit(directory, r"\A.*", "A question for you, {{Nachname}}", "nps.en.subject")
    return directory


def send(scene, directory):
    rows = "".join(f"{title};{name};{language};{address}\r\n" for address, _, title, name, language, _ in PEOPLE)
    path = scene.sandbox.write("worte.csv", f"Anrede;Nachname;Sprache;E-Mail\r\n{rows}")
    done = scene.import_list(directory, path)
    assert f"{len(PEOPLE)} new" in done.stdout, done.stdout + done.stderr
    scene.release(directory)
    scene.postwelle.command("wave", "open", directory)
    return {mail.recipient: mail for mail in scene.world.wait_for_mails(len(PEOPLE) + 1, SECONDS)}


def check_header(tap, mail):
    fields = mail.message
    tap.equal([len(fields.get_all(name, [])) for name in ("From", "To", "Subject", "Date", "Message-ID", "Bcc")], [1, 1, 1, 1, 1, 0],
              "each field once, and none that a cell asked for")
    unsubscribe = re.fullmatch(r"<https://umfrage\.agency\.example/u/(\S+)>,\s*<mailto:abmelden@agency\.example\?subject=(\S+)>",
                               str(fields["List-Unsubscribe"]))
    tap.ok(unsubscribe and unsubscribe[1] == unsubscribe[2], "List-Unsubscribe: one https URI, and mailto",
           fields["List-Unsubscribe"])
    tap.equal([str(fields[name]) for name in ("List-Unsubscribe-Post", "List-Id", "Auto-Submitted", "X-CSA-Complaints", "CFBL-Address")],
              ["List-Unsubscribe=One-Click", "<worte.muster.example>", "auto-generated", "csa@agency.example",
               "fbl@agency.example; report=arf"], "what else it must say")
    signed = [re.search(r";h=([^;]*)", re.sub(r"\s", "", value))[1].lower().split(":") for value in fields.get_all("DKIM-Signature")]
    tap.ok(len(signed) == 2 and all(set(SIGNED) <= set(names) for names in signed), "all of it is signed, twice", signed)


def check_body(tap, mail, greeting):
    message = mail.message
    text, related = message.get_payload()
    html, picture = related.get_payload()
    tap.equal([part.get_content_type() for part in (message, text, related, html, picture)],
              ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"], "its structure")
    escaped = greeting.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    tap.ok(greeting in text.get_content(), "the greeting in the text", text.get_content()[:200])
    tap.ok(escaped in html.get_content(), "and in the HTML, as text", html.get_content()[:3000])
    tap.ok(f"cid:{picture['Content-ID'].strip('<>')}" in html.get_content(), "the picture is the one that the HTML shows")
    body = mail.raw.partition(b"\n\n")[2] if b"\r\n" not in mail.raw else mail.raw.partition(b"\r\n\r\n")[2]
    tap.ok(body.isascii() and max(map(len, body.splitlines())) <= 76, "the body is ASCII in lines of 76",
           max(map(len, body.splitlines())))


def test_mails(tap, scene):
    mails = send(scene, make_campaign(scene))
    for address, wire, _, _, language, greeting in PEOPLE:
        tap.note(address)
        mail = mails.get(wire)
        if not tap.ok(mail is not None, f"delivered to {wire}", sorted(mails)):
            continue
        verdict = str(verify(mail, scene.nameserver))
        tap.ok(verdict.startswith("dkim=pass") and "spf=pass" in verdict and verdict.endswith("dmarc=pass"), "DKIM, SPF, DMARC", verdict)
        tap.ok(mail.subject.startswith("A question for you" if language == "en" else "Eine Frage an Sie, "), "in their language",
               mail.subject)
        check_header(tap, mail)
        check_body(tap, mail, greeting)
    wait_for(lambda: f" {len(PEOPLE)} " in scene.postwelle.command("status", os.path.join(scene.sandbox.path, "worte")).stdout
             .splitlines()[-1] and not scene.sender.queued(), "all sent", SECONDS)


def main():
    with Tap() as tap, Sandbox() as sandbox:
        test_mails(tap, Scene(sandbox, ["leser.example", ALABEL], greylist_seconds=0))


if __name__ == "__main__":
    main()
