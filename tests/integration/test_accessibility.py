"""Whether everybody can read what people get to see: the starter templates with every kind of question, and the unsubscribe pages (WCAG 2.1 AA)."""

import os
import signal
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.accessibility import audit
from harness.browser import Browser, program
from harness.campaigns import CampaignSite
from harness.house import House
from harness.tap import Tap
from harness.web import Web, make_mails

TEMPLATES = ("invitation", "nps", "reminder")
KINDS = {"csat5": {}, "stars": {}, "yesno": {}, "choice": {"answers": "a, b, c", "labels": "Sehr gern, Vielleicht, Lieber nicht"}}
PHONE_AND_MAIL = (320, 640)
# A page on which everything is wrong that the audit looks for, and what it must say.
WRONG = """<!DOCTYPE html><html><head><meta name="viewport" content="width=device-width, user-scalable=no"></head>
<body style="background:#fff; margin:0"><h1>One</h1><h3>Three</h3><h1>Two</h1>
<p style="color:#777">grey</p><p style="color:#888; font-size:24px">large grey</p><p style="color:#999; font-size:24px">larger grey</p>
<p style="color:rgba(0,0,0,.4)">thin</p><p style="opacity:.9">pale</p><p style="display:none; color:#fff">hidden</p>
<p><a href="#" style="text-decoration:none">bare</a></p><p style="width:2000px">wide</p>
<table><tr><td bgcolor="#fefefe" style="background:#fefefe"><a href="#" style="text-decoration:none">faint</a></td></tr></table>
<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><a href="#"></a><svg width="5" height="5"></svg>
<button style="background:#fff; border:1px solid #eee; color:#000; width:10px; height:10px; padding:0">x</button></body></html>"""
FOUND = ("lang is ,", '<p> "grey": text #777777 on #ffffff is 4.48:1, not 4.5:1', '<p> "larger grey": text #999999 on #ffffff is 2.85:1, not 3:1',
         '<p> "thin": text', '<p> "pale": see-through', '"bare": a link that is not underlined', '"faint": button #fefefe', "no lang", "no title",
         "not one h1", '<h3> "Three": a level', "no alt", "without a name", "neither for layout", "no name", "larger", "pixels in a window",
         '<button> "x": button #ffffff, edge #eeeeee', "is hard to press")


def check(tap, browser, name, url, language, widths=(360, 1280)):
    findings, count = audit(browser, url, language, widths)
    tap.ok(not findings and count >= 2 * 2 * 2, f"{name}: everybody can read it", f"{count} texts\n" + "\n".join(findings))


def test_audit(tap, browser, folder):
    """The audit finds what is wrong, and nothing in what is not."""
    path = os.path.join(folder, "wrong.html")
    with open(path, "w", encoding="utf-8") as file:
        file.write(WRONG)
    findings, _ = audit(browser, f"file://{path}", "de", (360,))
    missed = [text for text in FOUND if not any(text in finding for finding in findings)]
    tap.equal(missed, [], "the audit finds each of its faults")
    tap.ok(not any('"large grey"' in finding or "hidden" in finding for finding in findings), "and takes what is large, or not shown", "\n".join(findings))


def preview(site, directory, folder):
    site.command("campaign", "preview", directory, "-o", folder, environment={"PATH": ""}).check_returncode()


def test_templates(tap, browser, site):
    for template in TEMPLATES:
        directory, folder = site.new(template, "--template", template, "--language", "de,en"), site.path(f"look-{template}")
        preview(site, directory, folder)
        for language in ("de", "en"):
            url = f"file://{folder}/{template}.{language}.html"
            check(tap, browser, f"{template}.{language}", url, language, PHONE_AND_MAIL)
            tables = browser.run("[...document.querySelectorAll('table')].filter((one) => one.getAttribute('role') !== 'presentation').length")
            alts = browser.run("[...document.images].map((one) => one.alt)")
            tap.ok(tables == 0 and alts == ["Muster & Söhne"], f"{template}.{language}: tables are for layout, the logo says whose it is", (tables, alts))


def test_questions(tap, browser, site):
    for kind, options in KINDS.items():
        directory, folder = site.new(kind, "--template", "nps", "--language", "de"), site.path(f"look-{kind}")
        site.edit(directory, "campaign.conf", "kind = nps", "\n".join([f"kind = {kind}", *(f"{name} = {value}" for name, value in options.items())]))
        preview(site, directory, folder)
        check(tap, browser, f"question {kind}", f"file://{folder}/nps.de.html", "de", PHONE_AND_MAIL)


def test_unsubscribe(tap, browser, web, tokens):
    anna, ben = (f"http://127.0.0.1:{web.port}/u/{token}" for token in tokens)
    check(tap, browser, "the unsubscribe page", anna, "de")
    check(tap, browser, "in the participant's language", ben, "en")
    tap.equal(browser.requests, [ben], "nothing is loaded but the page")
    check(tap, browser, "a link that was cut", anna[:-1], "de")
    for language in ("en", "fr", "it", "es", "nl"):
        check(tap, browser, f"the same in {language}", anna[:-1], language)
    for width, dark in ((360, True), (1280, False)):
        browser.show(width, dark)
        browser.visit(anna)
        browser.run("document.querySelector('button').click()")
        browser.wait_reload()
        tap.ok("abgemeldet" in browser.run("document.querySelector('h1').textContent"), f"{width} pixels: the button can be pressed")


def test_away(tap, browser, web, house, token):
    house.end(signal.SIGTERM)
    check(tap, browser, "while policyd is away", f"http://127.0.0.1:{web.port}/u/{token}", "de")


def main():
    with Tap() as tap, tempfile.TemporaryDirectory() as folder:
        if not program():
            tap.skip("what people get to see", "Chromium is not installed")
            return
        for name in ("site", "house"):
            os.mkdir(os.path.join(folder, name))
        site, house = CampaignSite(tap, os.path.join(folder, "site")), House(os.path.join(folder, "house"))
        house.run("--init")
        house.start()
        control = house.connect("control")
        tokens = list(make_mails(house, control, ["anna@people.test", "ben@people.test"]).values())
        control.close()
        web = Web(house)
        with Browser() as browser:
            test_audit(tap, browser, folder)
            test_templates(tap, browser, site)
            test_questions(tap, browser, site)
            test_unsubscribe(tap, browser, web, tokens)
            test_away(tap, browser, web, house, tokens[0])
        tap.equal(web.end(), 0, "postwelle-web ends in good order")


if __name__ == "__main__":
    main()
