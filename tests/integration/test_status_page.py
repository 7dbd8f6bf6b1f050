"""The status pages of postwelle-web, in a real browser: the numbers of `postwelle status --json`, nothing loaded, nothing hidden, for people here alone."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.accessibility import audit
from harness.browser import Browser, program
from harness.house import BUILD, CAMPAIGN, House
from harness.tap import Tap
from harness.web import Web, free_port, make_mails

PATH = "/acme/one"
SMALL = "anna-muster.example"
PEOPLE = [f"p{number}@{domain}" for number in range(20) for domain in ("gmail.com", "web.de", "firm.example")] + [f"anna@{SMALL}"]
TITLE = "Zufriedenheit <b>2026</b> & mehr: Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"
# All numbers of an element's list, by their names, and its total.
COUNTS = """(() => { const all = {}; for (const one of document.querySelector('%s').querySelectorAll('[data-count]'))
all[one.dataset.count] = Number(one.textContent.replace(/\\u202f/g, '')); return all; })()"""


def tell(control, numbers, event, dsn="", reply=""):
    for number in numbers:
        control.ask("event", queue_id=f"Q{number}", event=event, time=int(time.time()), dsn=dsn, reply=reply)


def set_scene(house):
    """A campaign of which everything has become something."""
    control = house.connect("control")
    make_mails(house, control, PEOPLE)
    control.ask("campaign-pause", **CAMPAIGN)
    tell(control, range(1, 61), "queued")
    tell(control, range(1, 31), "sent", "2.0.0", "250 ok")
    tell(control, range(31, 36), "bounced", "5.1.1", "550 5.1.1 <p31@gmail.com>: no such user")
    tell(control, range(36, 40), "deferred", "4.2.0", "host mx.web.de[192.0.2.1] said: 450 4.2.0 <p36@web.de>: Greylisted")
    tell(control, range(40, 41), "uncertain")
    control.ask("campaign-outlook", **CAMPAIGN, wave=2, due=int(time.time()) + 86400, gate="stop", because="5 of 35 mails bounced, 14.29 %; [gates] allows 5.00 %")
    return control


def status(house, *arguments):
    done = subprocess.run([os.path.join(BUILD, "postwelle"), "-c", house.config, "status", "--json", *arguments], capture_output=True,
                          text=True, timeout=120)
    return json.loads(done.stdout)["campaigns"]


def same(page, row):
    """Are the page's counts those of a row of `status --json`? What is 0 may be left out."""
    return all(page.get(name, 0) == int(row[name]) for name in ("total", "new", "begun", "reserved", "queued", "greylisted", "deferred", "sent", "bounced",
                                                               "expired", "uncertain", "capped", "suppressed", "refused"))


def test_numbers(tap, house, browser, web):
    row = status(house)[0]
    browser.visit(f"http://127.0.0.1:{web.status_port}/")
    tap.ok(same(browser.run(COUNTS % '[data-campaign="acme/one"]'), row), "the index has the numbers of status --json", row)
    browser.run("document.querySelector('a').click()")
    browser.wait_reload()
    tap.ok(browser.run("location.pathname") == PATH, "and a link to the campaign's page")
    page = browser.run(COUNTS % "#sum")
    tap.ok(same(page, row) and page["sent"] == 30, "which has them as well", (page, row))
    tap.ok(same(browser.run(COUNTS % '[data-wave="1"]'), row), "the only wave has them all")
    providers = browser.run("[...document.querySelectorAll('[data-provider]')].map((one) => one.dataset.provider)")
    tap.equal(sorted(providers), ["", "1und1", "firm.example", "google"], "providers by name; a domain that could be a person's is not told")
    sums = [browser.run(COUNTS % f'[data-provider="{name}"]') for name in providers]
    tap.ok(all(sum(one.get(name, 0) for one in sums) == page[name] for name in page if name not in ("complaints", "answered")), "together they are the same", sums)
    reasons = browser.run("Object.fromEntries([...document.querySelectorAll('[data-reason]')].map((one) => [one.dataset.reason, one.textContent]))")
    tap.equal(reasons, {"bounced 5.1.1": "5", "deferred greylisted": "4"}, "bounces and deferrals by reason")


def test_words(tap, house, browser, web):
    text = "document.body.innerText"
    for language, words in (("de", ("angehalten", "Eine Schwelle ist überschritten: 5 von 35 Mails kamen zurück, 14,29 %", "1 Mails sind ungewiss", "Postfach gibt es nicht")),
                            ("en", ("paused", "A gate has tripped: 5 of 35 mails bounced", "1 mails are uncertain", "no such mailbox"))):
        browser.show(1280, language=f"{language}-DE,fr;q=0.8")
        browser.visit(f"http://127.0.0.1:{web.status_port}{PATH}")
        said = browser.run(text)
        tap.ok(all(word in said for word in words), f"alarms and reasons in {language}", said)
        tap.ok(TITLE in said, "a title is text, whatever is in it")
        source = web.look(PATH)[2] + web.look("/")[2]
        tap.ok(not re.search(r"[\w.>]@\w", source) and SMALL not in source and "no such user" not in source, "no address, and no receiver's words")


def test_looks(tap, browser, web):
    for path in ("/", PATH, "/no/such"):
        url = f"http://127.0.0.1:{web.status_port}{path}"
        findings, count = audit(browser, url, "de")
        tap.ok(not findings and count > 0, f"{path}: everybody can read it, at 360 and 1280 pixels, in light and dark", "\n".join(findings))
        tap.equal(browser.requests, [url], f"{path}: nothing is loaded but the page")
        tap.equal(browser.run("document.scripts.length"), 0, f"{path}: no script")
    tap.ok(browser.run("getComputedStyle(document.querySelector('h1')).fontSize") == "25.6px", "its own style is in force")


def test_refresh(tap, control, browser, web):
    """A person who only looks sees what changes."""
    url = f"http://127.0.0.1:{web.status_port}{PATH}"
    browser.visit(url)
    before = browser.run(COUNTS % "#sum")
    tell(control, range(36, 40), "sent", "2.0.0", "250 ok")
    browser.requests = []
    browser.wait_reload()
    after = browser.run(COUNTS % "#sum")
    tap.ok(after["sent"] == before["sent"] + 4 and before["greylisted"] == 4 and after["greylisted"] == 0, "the page loads itself anew and shows new numbers", (before, after))
    tap.equal(browser.requests, [url], "from the same place alone")


def test_fields(tap, web):
    code, fields, page = web.look(PATH)
    policy = fields["content-security-policy"]
    tap.ok(code == 200 and re.match(r"default-src 'none'; style-src 'sha256-[\w+/=]{44}'; form-action 'none'; base-uri 'none'; "
                                    r"frame-ancestors 'none'$", policy), "the page may load nothing, nor be framed", policy)
    tap.equal({name: fields.get(name) for name in ("cache-control", "refresh", "referrer-policy", "cross-origin-resource-policy", "set-cookie")},
              {"cache-control": "no-store", "refresh": "10", "referrer-policy": "no-referrer", "cross-origin-resource-policy": "same-origin",
               "set-cookie": None}, "it is kept nowhere, loads itself anew, and is shown to no other page")
    tap.equal(web.look(PATH, "HEAD")[2], "", "HEAD has no body")


def raw(port, octets):
    """The first line of the answer to what is no request of http.client's."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as peer:
        peer.sendall(octets)
        return peer.makefile("rb").readline().decode("latin-1").strip()


def test_strangers(tap, web):
    port = web.status_port
    answers = {method: web.look(PATH, method)[:2] for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH")}
    tap.ok(all(code == 405 and fields["allow"] == "GET, HEAD" for code, fields in answers.values()), "nothing but GET and HEAD", answers)
    tap.ok(web.look(PATH, "TRACE")[0] >= 400 and web.look(PATH, "BREW")[0] >= 400, "nor what nobody knows")
    hosts = {"127.0.0.1": 200, "localhost:9999": 200, "[::1]:1": 200, "umfrage.agency.example": 421, f"rebound.example:{port}": 421,
             "192.0.2.1": 421, "localhost.rebound.example": 421}
    tap.equal({host: web.look(PATH, Host=host)[0] for host in hosts}, hosts, "only under a loopback name: no page elsewhere can read it")
    tap.ok("acme" not in web.look(PATH, Host="rebound.example")[2], "others learn nothing")
    for name, octets, code in (("no Host", b"GET / HTTP/1.0\r\n\r\n", 400),
                               ("two of them", b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: rebound.example\r\n\r\n", 400),
                               ("another in the address", b"GET http://rebound.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 421),
                               ("a huge path", b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", None),
                               ("no HTTP", b"\0\1\2\r\n\r\n", None)):
        line = raw(port, octets)
        tap.ok(f" {code} " in line if code else " 200 " not in line, f"{name}: refused", line)
    paths = {"/acme": 404, "/acme/two": 404, "/acme/one/": 404, "/../one": 404, "/ac%6de/one": 404, "/u/" + "a" * 32: 404, "/acme/one?x=1": 200,
             "/favicon.ico": 404}
    tap.equal({path: web.look(path)[0] for path in paths}, paths, "what is not there is not found")
    tap.equal([web.ask("GET", path)[0] for path in ("/", PATH)], [404, 404], "the unsubscribe pages' listener has no status page")
    tap.equal(web.look("/u/" + "a" * 32, "POST")[0], 405, "and this one unsubscribes nobody")


def test_sockets(tap, house):
    """Over its socket numbers can be read, and nothing else."""
    page = house.connect("status")
    tap.equal([page.ask(kind, **CAMPAIGN)["status"] for kind in ("status-show", "campaign-status")], ["ok", "ok"], "numbers")
    page.close()
    page = house.connect("status")
    tap.equal([page.ask(kind, **CAMPAIGN)["status"] for kind in ("campaign-participants", "campaign-show", "campaign-resume", "explain", "unsubscribe")],
              ["error"] * 5, "nothing else")
    page.close()
    tap.equal(os.stat(house.socket("status")).st_mode & 0o777, 0o660, "for its group alone")


def test_away(tap, house, web):
    house.end(signal.SIGTERM)
    code, fields, page = web.look(PATH, **{"Accept-Language": "en"})
    tap.ok(code == 503 and fields["refresh"] == "10" and "The ledger does not answer" in page, "while policyd is away the page says so, and comes back by itself")
    house.start()
    tap.equal(web.look(PATH)[0], 200, "when it is there again")
    with open(os.path.join(house.folder, "witness", sorted(os.listdir(os.path.join(house.folder, "witness")))[0]), "r+b") as file:
        house.end(signal.SIGTERM)
        file.truncate(100)
    house.start()
    page = house.connect("status")
    tap.equal(page.ask("status-service"), {"status": "temporary", "reason": "The ledger is not in service"}, "with a damaged witness, policyd serves nobody")
    page.close()
    tap.equal(web.look(PATH)[0], 503, "nor is anything shown then")


def test_configuration(tap, house):
    for listen, status_code, text in (("0.0.0.0:8426", 78, "loopback"), ("192.0.2.1:8426", 78, "loopback"), ("example:8426", 78, "loopback"),
                                      ("127.0.0.1", 78, "ADDRESS:PORT"), ("127.0.0.1:", 78, "ADDRESS:PORT"), ("127.0.0.1:65536", 78, "ADDRESS:PORT"),
                                      ("[::]:8426", 78, "loopback")):
        web = Web(house, **{"status-listen": listen})
        tap.ok(web.process.wait(60) == status_code and text in web.log_text(), f"status-listen = {listen} is refused", web.log_text())
    port = free_port()
    web = Web(house, port=port, **{"status-listen": f"127.0.0.1:{port}"})
    tap.ok(web.process.wait(60) == 69 and "status-listen" in web.log_text(), "so is the port of the unsubscribe pages", web.log_text())
    web = Web(house)
    tap.ok("status=off" in web.log_text(), "by default there are none", web.log_text())
    web.end()


def main():
    with Tap() as tap, tempfile.TemporaryDirectory() as folder:
        house = House(folder)
        house.run("--init")
        house.start()
        control = set_scene(house)
        control.ask("import-begin", **CAMPAIGN, title=TITLE, dir="/d", file="f", file_sha256="00", basis="b", assured_by="me", remark="", waves="100%")
        control.ask("import-commit", **{"import": 2, "rows": 0})
        web = Web(house, status=True)
        test_fields(tap, web)
        test_strangers(tap, web)
        test_sockets(tap, house)
        if program():
            with Browser() as browser:
                browser.show(1280)
                test_numbers(tap, house, browser, web)
                test_words(tap, house, browser, web)
                test_looks(tap, browser, web)
                test_refresh(tap, control, browser, web)
        else:
            tap.skip("the pages in a browser", "Chromium is not installed")
        tap.ok("rebound" not in web.log_text(), "what strangers ask for is not in the log", web.log_text())
        control.close()
        test_away(tap, house, web)
        tap.equal(web.end(), 0, "it ends in good order")
        test_configuration(tap, house)
        house.end(signal.SIGTERM)


if __name__ == "__main__":
    main()
