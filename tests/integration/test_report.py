"""The client's report and `why`, with real Postfix: what they say of each row is what the receivers saw."""

import html.parser
import json
import os
import re
import sys
from collections import Counter

import openpyxl

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness import accessibility, browser
from harness.policy import PolicyClient
from harness.sandbox import Sandbox, wait_for
from harness.scene import CLIENT, Scene
from harness.sink import Reply
from harness.tap import Tap

PEOPLE, FIRM = "people.test", "firma.test"
TITLE, FILE = "=1+1 & <b>Umfrage</b>", "=2+5.csv"
SENT, BOUNCED, GREYLISTED = "delivered", "bounced", "greylisted"
CAPPED, SUPPRESSED, NEW = "capped", "suppressed", "not tried yet"
HEAD = "Anrede;Vorname;Nachname;E-Mail\n"
NAMES = [f"ok{number}" for number in range(8)] + ["gone1", "gone2", "full", "later", "before", "tired"]


def script(step):
    if step.stage != "rcpt":
        return None
    name = step.recipient.partition("@")[0]
    if name.startswith("gone"):
        return Reply(f"550 5.1.1 <{step.recipient}>: =no such user here")
    return {"full": Reply("552 5.2.2 mailbox full"), "later": Reply("450 4.2.0 greylisted")}.get(name)


def write_list(scene, name, addresses):
    return scene.sandbox.write(name, HEAD + "".join(f"Frau;Anna;Muster;{address}\n" for address in addresses))


def states(control, campaign):
    control.send("campaign-participants", client=CLIENT, campaign=campaign)
    return Counter(row["state"] for row in control.read()[:-1])


def first_campaign(scene, control):
    """Its participant is capped in the next one."""
    directory = scene.new_campaign("first", "Erste", "100%")
    assert scene.import_list(directory, write_list(scene, "first.csv", [f"before@{PEOPLE}"])).returncode == 0
    scene.release(directory)
    scene.postwelle.command("wave", "open", directory)
    wait_for(lambda: states(control, "first") == {"sent": 1}, "the first campaign", 60, 0.3)


def second_campaign(scene, control):
    """Two waves, of which one is opened. Row 2 is the first below the heading."""
    scene.postwelle.command("suppress", "add", f"tired@{PEOPLE}", "--client", CLIENT, "--reason", "rang")
    directory = scene.new_campaign("second", TITLE, "80%, 20%")
    addresses = [f"{name}@{FIRM if name == 'ok0' else PEOPLE}" for name in NAMES]
    file = write_list(scene, FILE, addresses + ["no address", f"OK1@{PEOPLE.upper()}"])
    done = scene.import_list(directory, file)
    assert done.returncode == 0, done.stdout + done.stderr
    assert scene.import_list(directory, write_list(scene, "more.csv", [f"ok2@{PEOPLE}", f"more@{PEOPLE}"])).returncode == 0
    scene.edit(directory, r"(?m)^#reminder-(subject|html|text) =", r"reminder-\1 =")
    scene.edit(directory, r"(?m)^\[waves\]$", "[waves]\nreminder-gap = 1s")
    content_hash = scene.release(directory)[2]
    scene.postwelle.command("wave", "open", directory, "1")
    wait_for(lambda: not {"begun", "reserved", "queued"} & set(states(control, "second")), "the second campaign", 60, 0.3)
    return directory, content_hash


def remind(scene, control, directory):
    """One of those who have their invitation answers, the others are reminded; returns how many these are."""
    control.send("campaign-participants", client=CLIENT, campaign="second", state="sent")
    sent = [row["address"] for row in control.read()[:-1]]
    scene.postwelle.command("respondents", directory, "--address", sent[0])

    def states_of_reminders():
        control.send("campaign-participants", client=CLIENT, campaign="second")
        return Counter(row.get("reminder_state") for row in control.read()[:-1] if row["reminder"] != "0")
    wait_for(lambda: scene.postwelle.command("remind", directory, check=False).returncode == 0 and
             states_of_reminders().total() == len(sent) - 1, "the reminders", 60, 1)
    wait_for(lambda: states_of_reminders() == {"sent": len(sent) - 1}, "their end", 60, 0.3)
    return len(sent) - 1


def expected(scene, control):
    """{(list, row): state} from what the receivers saw."""
    rows = {(1, row): name for row, name in enumerate(NAMES, 2)} | {(2, 3): "more"}
    control.send("campaign-participants", client=CLIENT, campaign="second")
    waves = {(int(row["participant"]) >> 20, int(row["row"])): row["wave"] for row in control.read()[:-1]}

    def state(place, name):
        if name in ("before", "tired"):
            return CAPPED if name == "before" else SUPPRESSED
        if scene.sink.copies(f"{name}@{FIRM if name == 'ok0' else PEOPLE}"):
            return SENT
        return NEW if waves[place] == "2" else GREYLISTED if name == "later" else BOUNCED
    return {place: state(place, name) for place, name in rows.items()}


def rows_of(sheet):
    """Its rows below the heading, as tuples."""
    return [tuple(cell.value for cell in row) for row in sheet.iter_rows(min_row=2)]


def no_formulas(book):
    return [f"{sheet.title}!{cell.coordinate}" for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_book(tap, scene, directory, content_hash, wanted, reminded):
    path = os.path.join(scene.sandbox.path, "report.xlsx")
    done = scene.postwelle.command("report", directory, "-o", path, "--lang", "en", "--json")
    tap.equal(done.stderr, "", "report says nothing on stderr")
    told = json.loads(done.stdout)
    tap.equal((told["file"], told["campaign"], told["imported"], told["total"], told["sent"], told["audit_faults"], told["check"]),
              (path, "second", len(wanted), len(wanted), list(wanted.values()).count(SENT), 0, "good"), "and what is in the file in JSON")
    book = openpyxl.load_workbook(path)
    tap.equal(book.sheetnames, ["summary", "by wave", "by receiving provider", "bounces by reason", "rejected rows", "capped",
                                    "participants", "audit"], "its sheets")
    people = rows_of(book["participants"])
    tap.equal({(row[0], row[1]): row[3] for row in people}, wanted, "each row's state is what the receivers saw")
    tap.ok(all(len(row) == 8 for row in people) and not re.search(r"@\w", str([rows_of(sheet) for sheet in book])), "there is no address in it")
    counts = Counter(wanted.values())
    summary = list(book["summary"].iter_rows(values_only=True))
    told = {row[0]: row[1] for row in summary if row[0] and isinstance(row[1], (int, float))}
    tap.equal({state: told[state] for state in counts}, dict(counts), "the summary counts them")
    tap.equal(told["sum"], len(wanted), "the sum is what was imported")
    tap.equal((told["not encrypted"], told["encrypted (TLS)"], told["not known"]), (counts[SENT], 0, 0),
              "how the mails went over the wire, as the sink knows")
    text = str(summary)
    tap.ok("Each imported participant is counted exactly once: 15 of 15." in text, "and says so")
    tap.ok("0 remote loads, 0 open tracking" in text and "invitation.de" in text, "no loads, no tracking, and what was checked")
    tap.ok(content_hash in text and "Anna Muster" in text and "customer-relationship" in text and "A. Muster, Muster GmbH" in text,
           "who released what; whence the list is")
    lines = rows_of(book["by wave"])
    waves, reminders = lines[:2], lines[3:]
    tap.equal(sum(row[2] for row in waves), 15, "the waves are all of it")
    tap.equal([(row[0], row[2], row[9]) for row in reminders], [("reminder 1", reminded, reminded)], "the reminders stand beside them")
    tap.equal(told["answered, as far as told"], 1, "who has answered is counted, and not named")
    tap.ok(waves[1][1] == "not yet" and hasattr(waves[0][1], "year"), "one was opened", waves)
    providers = {row[0]: row[1] for row in rows_of(book["by receiving provider"])}
    tap.equal(providers, {PEOPLE: 14, FIRM: 1}, "receiving providers")
    reasons = {row[0]: row for row in rows_of(book["bounces by reason"])}
    tried = {name: wanted[1, row] for row, name in enumerate(NAMES, 2)}
    gone = sum(tried[name] == BOUNCED for name in ("gone1", "gone2"))
    tap.equal(reasons["5.1.1"][1:4] if gone else ("no such mailbox", 0, 0), ("no such mailbox", gone, 0), "why mails came back")
    tap.ok(not gone or "(address)" in reasons["5.1.1"][5], "with an example whose address is masked", reasons)
    rejects = {(row[0], row[1]): row[3] for row in rows_of(book["rejected rows"])}
    tap.equal(set(rejects), {(1, 16), (1, 17), (2, 2)}, "rejected rows by their number")
    tap.ok("participant of this campaign" in rejects[2, 2] and "Zeile 3" in rejects[1, 17], "with the reason", rejects)
    tap.equal([row[:3] for row in rows_of(book["capped"])], [(1, 14, "first")], "who is capped, and by whom")
    actions = [row[3] for row in rows_of(book["audit"])]
    tap.ok({"import", "proof", "approve"} <= set(actions) and actions.count("import") == 2 and "none is missing" in text,
           "the audit trail, verified", actions)
    tap.equal(no_formulas(book), [], "what begins like a formula is text")
    tap.ok(TITLE in text and FILE in text, "as it was written")
    done = scene.postwelle.command("report", directory, "-o", path, check=False)
    tap.ok(done.returncode == 73 and "exists already" in done.stderr, "a file that exists stays", done)
    with_addresses = os.path.join(scene.sandbox.path, "addresses.xlsx")
    done = scene.postwelle.command("report", directory, "-o", with_addresses, "--with-addresses")
    tap.equal(done.stdout, f"{with_addresses}: {len(wanted)} participants, {counts[SENT]} sent.\n", "or in a line")
    book = openpyxl.load_workbook(with_addresses)
    tap.equal(book.sheetnames[0], "Übersicht", "by default it is in the client's language")
    trail = rows_of(book["Protokoll"])
    tap.ok({"Import", "Probemail", "Freigabe"} <= {row[3] for row in trail} and "zugesichert von A. Muster" in str(trail) and "assured" not in str(trail),
           "the audit trail, too", trail)
    people = rows_of(book["alle Teilnehmer"])
    tap.equal({row[8].partition("@")[0] for row in people}, set(NAMES) | {"more"}, "addresses where they are wished for")


class Loads(html.parser.HTMLParser):
    """What a page would load or run, and its text."""

    def __init__(self, text):
        super().__init__()
        self.found, self.text = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag in ("script", "iframe", "object", "embed", "link", "img", "form", "base", "image", "use", "foreignobject"):
            self.found.append(tag)
        for name, value in attributes:
            if name in ("src", "href", "xlink:href", "srcset", "data", "action", "background") or name.startswith("on") or \
                    "url(" in (value or "").lower():
                self.found.append(f"{tag} {name}={value}")

    def handle_data(self, data):
        self.text += data
        if re.search(r"url\(|@import|@font-face", data):
            self.found.append(data)


def test_page(tap, scene, directory, content_hash, wanted):
    pages = {}
    for language in ("de", "en"):
        path = os.path.join(scene.sandbox.path, f"report.{language}.html")
        scene.postwelle.command("report", directory, "-o", path, "--lang", language)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        pages[language] = path
        page = Loads(text)
        tap.equal(page.found, [], f"{language}: the page loads and runs nothing")
        tap.ok(TITLE in page.text and "<b>Umfrage" not in text, f"{language}: what is put in is escaped")
        tap.ok(not re.search(rf"@(?i:{PEOPLE}|{FIRM})", text), f"{language}: no address")
        tap.ok(content_hash in page.text and FILE in page.text and "5.1.1" in text, f"{language}: release, list, reasons")
        tap.ok(f"{len(wanted)} of {len(wanted)}" in page.text or f"{len(wanted)} von {len(wanted)}" in page.text,
               f"{language}: the sum is right")
        tap.ok("0 remote loads, 0 open tracking" in page.text or "0 Nachladungen, 0 Öffnungsmessung" in page.text, f"{language}: checked")
    if browser.program() is None:
        tap.note("no Chromium here")
        return
    with browser.Browser() as chromium:
        for language, path in pages.items():
            findings, count = accessibility.audit(chromium, f"file://{path}", language)
            tap.ok(not findings and count > 100, f"{language}: a browser shows it so that people can read it", findings)
            tap.equal([url for url in chromium.requests if url != f"file://{path}"], [], f"{language}: and asks for nothing else")


def test_changed(tap, scene, directory):
    """Content that is not what was released is never called checked."""
    scene.edit(directory, r"(?m)^subject\s*=.*$", "subject = Anders")
    path = os.path.join(scene.sandbox.path, "changed.xlsx")
    done = scene.postwelle.command("report", directory, "-o", path, "--lang", "en", "--json", check=False)
    tap.equal(json.loads(done.stdout)["check"], "changed", "JSON tells that the content is another")
    text = str(list(openpyxl.load_workbook(path)["summary"].iter_rows(values_only=True)))
    tap.ok(done.returncode == 0 and "0 remote loads" not in text and "Not confirmed" in text, "changed content is not called checked", done)
    tap.match(done.stderr, re.compile("not the released one"), "and the person is told")


def why(scene, address, *options):
    done = scene.postwelle.command("why", address, *options, check=False)
    return done.returncode, " ".join(done.stdout.split())


def test_why(tap, scene):
    cases = [
        (f"before@{PEOPLE}", ["Invitation of muster, campaign first: the receiver's server took it",
                              "capped already when the list was imported: campaign first has invited it on", "Slot of muster, 20",
                              "muster may not invite it again before"]),
        (f"Tired@{PEOPLE.upper()}", ["Suppressed for muster since", ": rang.", "not sent: the address is suppressed",
                                     "Row 15 of =2+5.csv", "muster may not write to it: it is suppressed."]),
    ]
    for address, sentences in cases:
        status, text = why(scene, address, "--lang", "en")
        tap.ok(status == 0 and all(sentence in text for sentence in sentences), f"why {address}", text)
    status, text = why(scene, f"nobody@{PEOPLE}")
    tap.ok(status == 1 and text.startswith("Von nobody@"), "of others nothing is known; the client's language is German", text)
    tap.equal(why(scene, f"nobody@{PEOPLE}", "--lang", "fr")[0], 64, "there is no other language")

    def tries():
        told = json.loads(why(scene, f"later@{PEOPLE}", "--json")[1])["known"][0]["attempts"]
        return told if len(told) > 1 else None
    told = wait_for(tries, "a second try in the log", 60, 0.5)
    tap.ok({one["state"] for one in told} == {"greylisted"} and "450 4.2.0" in told[0]["reply"] and told[0]["time"] <= told[1]["time"],
           "each try that the log knows is told", told)
    tap.equal(json.loads(why(scene, f"later@{PEOPLE}", "--json")[1])["known"][0]["log_missing"], [], "and that no line of it is missing")
    status, text = why(scene, f"later@{PEOPLE}")
    tap.ok(status == 0 and text.count(" greylisted: 4.2.0 ") >= 2 and "Greylisting des Empfängers" in text, "in words, too", text)
    tap.equal(why(scene, "no address")[0], 65, "what is no address is said so")
    tap.equal(why(scene, f"before@{PEOPLE}", "--client", "nobody")[0], 65, "as is a client that there is not")
    status, text = why(scene, f"before@{PEOPLE}", "--json")
    told = json.loads(text)
    tap.equal([(row["about"], row.get("campaign"), row.get("state")) for row in told["known"]],
              [("invitation", "first", "sent"), ("invitation", "second", "capped"), ("slot", "first", "sent")], "the same as JSON")
    tap.ok(told["clients"][0]["client"] == CLIENT and told["clients"][0]["capped_until"] > 1795000000, "with what it means for a client")


def main():
    with Tap() as tap, Sandbox() as sandbox:
        scene = Scene(sandbox, [PEOPLE, FIRM], script=script)
        control = PolicyClient(os.path.join(scene.postwelle.path, "run", "control.sock"))
        first_campaign(scene, control)
        directory, content_hash = second_campaign(scene, control)
        wanted = expected(scene, control)
        tap.note(str(wanted))
        test_book(tap, scene, directory, content_hash, wanted, remind(scene, control, directory))
        test_page(tap, scene, directory, content_hash, wanted)
        test_why(tap, scene)
        for words, status in ((["report", directory], 64), (["report", directory, "-o", "x.pdf"], 64),
                              (["report", directory, "-o", "x.html", "--with-addresses"], 64),
                              (["report", directory, "-o", "x.html", "--lang", "fr"], 64)):
            tap.equal(scene.postwelle.command(*words, check=False).returncode, status, " ".join(words[2:]) or "no name")
        test_changed(tap, scene, directory)


if __name__ == "__main__":
    main()
