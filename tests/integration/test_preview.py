"""postwelle campaign new and preview: every starter template in both languages, as files and, with Chromium, as pictures."""

import email
import email.policy
import json
import os
import re
import shutil
import struct
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.campaigns import CampaignSite, no_network
from harness.tap import Tap

TEMPLATES = ("invitation", "nps", "reminder")
OK, WANTING, USAGE, DATA, UNAVAILABLE, CANT_CREATE = 0, 1, 64, 65, 69, 73
PICTURES = {"320.png": 320, "640.png": 640, "640.dark.png": 640}
GREETINGS = {"de": "Sehr geehrte Frau Beispiel,", "en": "Dear Ms Beispiel,"}
QUESTIONS = {"de": "Wie wahrscheinlich ist es, dass Sie Muster & Söhne", "en": "How likely are you to recommend Muster & Söhne"}


def read(*names):
    with open(os.path.join(*names), encoding="utf-8", newline="") as file:
        return file.read()


def png_width(path):
    with open(path, "rb") as file:
        head = file.read(24)
    return struct.unpack(">I", head[16:20])[0] if head[:8] == b"\x89PNG\r\n\x1a\n" else None


def check_files(tap, folder, name, language):
    mail = email.message_from_string(read(folder, f"{name}.eml"), policy=email.policy.default)
    text, html = read(folder, f"{name}.txt"), read(folder, f"{name}.html")
    body = mail.get_body(("plain",)).get_content()
    tap.equal(body.split(), text.split(), f"{name}: .txt is the mail's text")
    tap.ok(GREETINGS[language] in text and GREETINGS[language] in html, f"{name}: the greeting is of its language", text)
    tap.ok('src="data:image/png;base64,' in html and "cid:" not in html, f"{name}: .html shows its pictures by itself")
    if name.startswith("nps"):
        tap.ok(QUESTIONS[language] in text.replace("\n", " "), f"{name}: the question is of its language", text)
        links = re.findall(r'<a href="(https://survey[^"]+)"', html)
        tap.equal([link.rsplit("?", 1)[1] for link in links], [f"answer={answer}" for answer in range(11)],
                  f"{name}: a link an answer")


def check_pictures(tap, folder, name):
    widths = {suffix: png_width(os.path.join(folder, f"{name}.{suffix}")) for suffix in PICTURES}
    tap.equal(widths, PICTURES, f"{name}: pictures in both widths")
    light, dark = (open(os.path.join(folder, f"{name}.{suffix}"), "rb").read() for suffix in ("640.png", "640.dark.png"))
    tap.ok(light != dark, f"{name}: it looks different in the dark")


def check_starters(site):
    """Both languages of each template, rendered where there is no network."""
    browser = any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    for template in TEMPLATES:
        directory = site.new(template, "--template", template, "--language", "de,en")
        folder = site.path("out", template)
        os.makedirs(os.path.dirname(folder), exist_ok=True)
        site.check(f"{template}: nothing to mend", OK, "nothing to mend", "campaign", "check", directory)
        site.check(f"{template}: preview", OK, f"{template}.de: .eml", "campaign", "preview", directory, "-o", folder,
                   before=no_network())
        for language in GREETINGS:
            check_files(site.tap, folder, f"{template}.{language}", language)
            if browser:
                check_pictures(site.tap, folder, f"{template}.{language}")
            else:
                site.tap.skip(f"{template}.{language}: pictures", "Chromium is not installed")


def check_list(site):
    """The first good row of a list, in its language; an edition that is not there falls back."""
    directory = site.new("rows", "--language", "de,en")
    for language, name in (("en", "invitation.en"), ("Deutsch", "invitation.de"), ("fr", "invitation.de")):
        rows = site.path("list.csv")
        with open(rows, "w", encoding="utf-8") as file:
            file.write(f"E-Mail;Anrede;Nachname;Sprache\nkein.at;Herr;Niemand;de\na@b.example;Herr;Yılmaz;{language}\n")
        folder = site.path(f"out-{language}")
        site.command("campaign", "preview", directory, "-o", folder, "--list", rows, environment={"PATH": ""})
        text = read(folder, f"{name}.txt")
        site.tap.ok(re.search("^(Sehr geehrter Herr|Dear Mr) Yılmaz", text), f"row in {language}: {name}", text)
    with open(rows, "w", encoding="utf-8") as file:
        file.write("E-Mail;Anrede;Nachname;lang\na@b.example;Herr;Yılmaz;\nc@b.example;Mr;Doe;en\nd@b.example;Mr;Dee;en\n")
    preview = ("campaign", "preview", directory, "-o", folder, "--list", rows)
    site.check("rows of both languages: both are shown", OK, r"invitation.de: (.|\n)*invitation.en: ", *preview,
               environment={"PATH": ""})
    told = json.loads(site.command(*preview, "--json", environment={"PATH": ""}).stdout)["editions"]
    site.tap.equal({one["edition"]: one["files"] for one in told},
                   {name: [os.path.join(folder, f"{name}.{kind}") for kind in ("eml", "html", "txt")]
                    for name in ("invitation.de", "invitation.en")}, "in JSON, too")
    site.tap.ok("Dear Mr Doe" in read(folder, "invitation.en.txt"), "each with its first row")
    with open(rows, "w", encoding="utf-8") as file:
        file.write("E-Mail\nkein.at\n")
    site.check("a list without a good row", DATA, "no row is good", "campaign", "preview", directory, "-o", folder, "--list",
               rows, environment={"PATH": ""})


def check_bad(site):
    directory = site.new("bad", "--template", "nps", "--language", "en,de")
    site.check("unknown template", USAGE, "invitation, nps or reminder", "campaign", "new", site.path("x"), "--client", "muster",
               "--template", "../nps")
    site.check("unknown language", USAGE, "de, en or both", "campaign", "new", site.path("x"), "--client", "muster",
               "--language", "tlh")
    site.tap.ok(not os.path.exists(site.path("x")), "nothing was made")
    site.check("no folder named", USAGE, "-o FOLDER", "campaign", "preview", directory)
    site.check("folder that can't be made", CANT_CREATE, "/no/such", "campaign", "preview", directory, "-o", "/no/such/folder")
    site.check("no Chromium", OK, "not installed", "campaign", "preview", directory, "-o", site.path("plain"),
               environment={"PATH": ""})
    broken = site.path("bin")
    os.mkdir(broken)
    with open(os.path.join(broken, "chromium"), "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\nexit 1\n")
    os.chmod(os.path.join(broken, "chromium"), 0o755)
    site.check("Chromium that does not start", UNAVAILABLE, "Chromium: it has ended", "campaign", "preview", directory, "-o",
               site.path("plain"), environment={"PATH": broken})
    os.unlink(os.path.join(directory, "nps.de.subject"))
    site.check("an edition without a subject", WANTING, "nps.de.subject", "campaign", "check", directory)
    site.edit(directory, "campaign.conf", "survey.muster.example/s/", "survey.muster.example/#/s/")
    with open(os.path.join(directory, "nps.de.subject"), "w", encoding="utf-8") as file:
        file.write("Frage\n")
    site.check("a survey behind a #", WANTING, "survey-url: behind the #", "campaign", "check", directory)
    site.edit(directory, "campaign.conf", "/#/s/", "/s/")
    site.edit(directory, "campaign.conf", "#color = #0b5cad", "color = #ffee00")
    site.check("buttons that can't be read", WANTING, "color: white text on #ffee00", "campaign", "check", directory)
    site.edit(directory, "campaign.conf", "color = #ffee00", "")
    site.edit(directory, "campaign.conf", "text-de = ", "#text-de = ")
    site.check("a question without a text in its language", WANTING, "nps.de.html:.*question", "campaign", "check", directory)


def main():
    with Tap() as tap, tempfile.TemporaryDirectory(prefix="postwelle-preview-") as folder:
        site = CampaignSite(tap, folder)
        check_starters(site)
        check_list(site)
        check_bad(site)


if __name__ == "__main__":
    main()
