"""The postwelle command against a real postwelle-policyd: from the list to the wave, bad input, kills and gone services.

Postfix and the milter are played by a sink that asks policyd to reserve at the end of each mail, so that each reply can be chosen; all
real programs together are tested elsewhere.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.sandbox import Sandbox, wait_for
from harness.site import RIGHTS, Mta, Site
from harness.tap import Tap

SOURCE = os.environ.get("G_TEST_SRCDIR", os.path.join(HERE, "..", ".."))
LIST = os.path.join(SOURCE, "tests", "data", "liste.xlsx")
GOOD_ROWS = 30  # of that list
OK, WANTING, USAGE, DATA, NO_INPUT, UNAVAILABLE, CANT_CREATE, TEMPORARY, CONFIG = 0, 1, 64, 65, 66, 69, 73, 75, 78


def test_reimport(site, directory):
    """A second list, and back: what is new, known and gone; a suppressed address stays so."""
    site.postwelle.command("suppress", "add", "s@neu.example", "--client", "kunde")
    path = site.sandbox.write("zweite.csv", "Vorname;E-Mail\nKim;k@neu.example\nSam;s@neu.example\n")
    site.edit(directory, "invitation.de.txt", "Zur Befragung", "{{Produkt}} Zur Befragung")
    site.check("a column that this list does not have", DATA, "no column .*Produkt", "import", directory, path, *RIGHTS)
    site.edit(directory, "invitation.de.txt", "{{Produkt}} ", "")
    site.check("new and gone are told, the suppressed one is not revived", OK,
               f"1 new, 0 known already, 0 capped .*, 1 suppressed(.|\n)*{GOOD_ROWS} participants of earlier imports",
               "import", directory, path, *RIGHTS)
    site.edit(directory, "invitation.de.txt", "Zur Befragung", "{{Produkt}} Zur Befragung")
    site.check("campaign check names what not every list has", WANTING, r"\{\{Produkt\}\} .*all have: .*Vorname",
               "campaign", "check", directory)
    site.check("undo takes no list", USAGE, "import --undo DIR", "import", "--undo", directory, path)
    site.check("undo", OK, f"zweite.csv is undone: 2 participants less, {GOOD_ROWS} are left", "import", "--undo",
               directory)
    site.check("campaign check: the first list has the column", OK, "nothing to mend", "campaign", "check", directory)
    site.edit(directory, "invitation.de.txt", "{{Produkt}} ", "")
    site.check("after the undo the suppressed one is new to the campaign, and still suppressed", OK, "1 new, .*1 suppressed",
               "import", directory, path, *RIGHTS)
    site.postwelle.command("import", "--undo", directory)


def test_release(site):
    """What is shown before anybody releases anything, and what a change afterwards is told."""
    directory = site.campaign("freigabe")
    rows = ("Frau;Neu;n@freigabe.example", "Herr;Kurz;k@freigabe.example")
    path = site.sandbox.write("freigabe.csv", "\n".join(("Anrede;Nachname;E-Mail", *rows)))
    later = site.sandbox.write("spaeter.csv", "\n".join(("Anrede;Nachname;E-Mail", rows[0], "Herr;Lang;k@freigabe.example")))
    site.edit(directory, "campaign.conf", "sizes = 20%, 80%", "sizes = 10%, 90%")
    site.postwelle.command("suppress", "add", "n@freigabe.example", "--client", "kunde")
    site.check("who gets no mail is told at the import", OK, "1 new, .*1 suppressed(.|\n)*status .* --state suppressed", "import",
               directory, path, *RIGHTS, "--remark", "Vertrag 4711")
    site.check("a later list that says something else", OK, "Of 1 participants(.|\n)* 3 +Nachname", "import", directory, later,
               *RIGHTS)
    site.check("status shows the lists and their basis", OK,
               "draft(.|\n)*freigabe.csv +2 .*Bestandskunden +Kim Beispiel +Vertrag 4711(.|\n)*spaeter.csv +0 ", "status", directory)
    imports = json.loads(site.postwelle.command("status", directory, "--imports", "--json").stdout)["imports"]
    site.tap.equal([(row["list"], row["new"], row["basis"]) for row in imports],
                   [("freigabe.csv", 2, "Bestandskunden"), ("spaeter.csv", 0, "Bestandskunden")], "and so does its JSON")
    with Mta(site.postwelle) as mta:
        content = re.search("[0-9a-f]{64}", site.check("proof", OK, "row 2", "proof", directory).stdout).group()
        site.check("each content is shown once", WANTING, "went out before .*--again", "proof", directory)
        shown = json.loads(site.check("unless one asks for it", OK, '"row": [23]', "proof", directory, "--again", "--random", "--json").stdout)
        site.tap.equal((shown["hash"], shown["to"], shown["shows"]), (content, "pm@kunde.example", "invitation.de"), "proof: JSON")
        site.check("the mail of a chosen row", OK, "row 3", "proof", directory, "--again", "--row", "3")
        site.check("a row that the list does not have", DATA, "no such participant", "proof", directory, "--again", "--row", "4")
        site.tap.equal(mta.sent, 3, "three proofs went out")
        site.edit(directory, "imprint.de.txt", "straße 1", "straße 2")
        site.check("approve tells what was changed after the proof", WANTING, r"\(changed: imprint.de.txt\)", "approve", directory,
                   "--hash", content, "--by", "Kim Beispiel")
        site.edit(directory, "imprint.de.txt", "straße 2", "straße 1")
        words = ("approve", directory, "--hash", content, "--by", "Kim Beispiel")
        site.check("no approval while DNS is not right", WANTING, "DKIM at s._domainkey.kunde.example: (.|\n)*dns check kunde", *words)
        site.check("approve all the same, for a reason", OK, r"approved by Kim Beispiel \(despite DNS: no name server\)", *words,
                   "--despite-dns", "no name server")
        done = site.postwelle.command(*words, "--despite-dns", "no name server", "--json")
        given = json.loads(done.stdout)
        site.tap.equal((given["hash"], given["by"], given["despite"]), (content, "Kim Beispiel", "no name server"), "approve: JSON")
        site.tap.ok("DKIM at s._domainkey.kunde.example" in given["dns_errors"], "with what is wrong", given)
        site.edit(directory, "campaign.conf", "[defaults]", "[defaults]\nProdukt = Rad")
        with open(f"{directory}/logo.png", "ab") as logo:
            logo.write(b"x")
        changes = r"\(changed: logo.png; new: \[defaults\] Produkt\)"
        site.check("no wave with other content, and what is other about it", WANTING, f"not what Kim Beispiel .*approved {changes}",
                   "wave", "open", directory)
        site.check("status tells it, too", OK, f"approved, released by Kim Beispiel (.|\n)*changed since {changes}", "status",
                   directory)
        with open(f"{directory}/logo.png", "r+b") as logo:
            logo.truncate(os.path.getsize(logo.name) - 1)
        site.edit(directory, "campaign.conf", "Produkt = Rad\n", "")
        site.check("a wave that nobody is in", OK, "0 accepted(.|\n)*Nobody is in it: sizes = 10%, 90%", "wave", "open", directory)
        site.check("the next one", OK, "wave 2: 1 accepted", "wave", "open", directory)


def test_main_job(tap, site):
    directory = site.campaign("herbst")
    site.check("campaign check: a new campaign is in order", OK, "Content hash: [0-9a-f]{64}", "campaign", "check",
               directory)
    site.check("a wave can't be opened before an import", DATA, "import a list", "wave", "open", directory)
    site.check("import: good rows in, rejects shown", OK, f"24 +D +karl.kaefer@kunde,example .*(.|\n)*{GOOD_ROWS} new, 0 known",
               "import", directory, LIST, *RIGHTS)
    site.check("import again: all known", OK, f"0 new, {GOOD_ROWS} known", "import", directory, LIST, *RIGHTS)
    test_reimport(site, directory)
    test_release(site)
    site.check("a wave can't be opened before the approval", WANTING, "not approved", "wave", "open", directory)
    site.check("proof without Postfix", UNAVAILABLE, r"not listening on .*postfix status", "proof", directory)
    with Mta(site.postwelle) as mta:
        site.approve(directory)
        tap.equal([key[0] for key in mta.copies()], ["pm@kunde.example"], "the proof goes to the client")
        site.check("wave 1", OK, "wave 1: 6 accepted", "wave", "open", directory)
        told = json.loads(site.postwelle.command("wave", "open", directory, "--json").stdout)
        tap.equal(told.pop("resolved")["waiting"], 0, "the next one, in JSON: nothing was left open by the first")
        tap.equal(told, {"client": "kunde", "campaign": "herbst", "wave": 2, "reminders": False, "accepted": 24, "refused": 0, "capped": 0,
                         "suppressed": 0, "waiting": 0, "next": None, "stopped": False, "closed": False, "last_reply": None},
                  "and all mails were accepted")
        site.check("no undo after that", WANTING, "wave 1 was opened", "import", "--undo", directory)
        site.check("no third", WANTING, "all 2 waves", "wave", "open", directory)
        site.check("opening again sends nothing", OK, "wave 1: 0 accepted", "wave", "open", directory, "1")
        tap.equal((len(mta.copies()), max(mta.copies().values())), (GOOD_ROWS + 1, 1), "one mail for each row, and the proof")
    tap.equal(site.states(directory)["reserved"], GOOD_ROWS, "status counts them as reserved")
    site.check("run has nothing to do", OK, "^$", "run")
    told = json.loads(site.postwelle.command("run", "--json").stdout)
    tap.equal((told["campaigns"], told["retention"]), ([], []), "in JSON, too")
    second = site.campaign("zweite")
    site.check("second campaign in the same quarter: all capped", OK, f"{GOOD_ROWS} capped", "import", second, LIST, *RIGHTS)


def test_tracking(tap, site):
    """What the log says reaches the ledger; the log may be rotated while nobody looks."""
    rows = json.loads(site.postwelle.command("status", os.path.join(site.sandbox.path, "herbst"), "--participants",
                                             "--json").stdout)["participants"]
    one, two = rows[0]["queue_id"], rows[1]["queue_id"]
    head = time.strftime("%b %e %H:%M:%S") + " mail postfix/"
    delivery = "to=<a@b.example>, relay=mx.example[192.0.2.1]:25, delay=1, delays=0/0/0/1, "
    with open(site.log, "a", encoding="utf-8") as log:
        log.write(f"{head}qmgr[1]: {one}: from=<x>, size=1, nrcpt=1 (queue active)\n"
                  f"{head}qmgr[1]: {two}: from=<x>, size=1, nrcpt=1 (queue active)\n"
                  f"{head}smtp[1]: {one}: {delivery}dsn=2.0.0, status=sent (250 ok)\n")
    site.check("track --once", OK, "3 lines, 3 about mails, 3 of them ours", "track", "--once")
    site.check("track goes on where it was", OK, "0 lines", "track", "--once")
    with open(site.log, "a", encoding="utf-8") as log:
        log.write(f"{head}smtp[1]: {two}: {delivery}dsn=4.2.0, status=deferred (450 Greylisted)\n")
    os.rename(site.log, site.log + ".1")
    site.sandbox.write("mail.log", f"{head}smtp[1]: {two}: {delivery}dsn=5.1.1, status=bounced (550 no)\n")
    site.check("over a rotation", OK, "2 lines, 2 about mails, 2 of them ours", "track", "--once")
    rows = json.loads(site.postwelle.command("status", os.path.join(site.sandbox.path, "herbst"), "--participants",
                                             "--json").stdout)["participants"]
    tap.equal([row["state"] for row in rows[:2]], ["sent", "bounced"], "the states are the log's")
    with open(site.log, "r+", encoding="utf-8") as log:
        log.truncate(10)
    site.check("a truncated log is told", OK, "rotated away or cut", "track", "--once")
    process = site.sandbox.start(site.postwelle.argv("track"), "track")
    wait_for(process.is_running, "track")
    time.sleep(0.5)
    site.postwelle.kill("policyd")
    site.postwelle.start_policyd()
    process.signal(signal.SIGTERM)
    tap.equal(process.wait(), 0, "track outlives policyd and ends cleanly")


def test_feeding(tap, site):
    """Replies that say later or never, a kill in the middle, a signal, and services that go away."""
    directory = site.ready("spaeter")
    site.check("Postfix is not there", UNAVAILABLE, "not listening", "wave", "open", directory)
    with Mta(site.postwelle, reply="451 4.7.1 no key for kunde.example") as mta:
        done = site.postwelle.command("wave", "open", directory, "2", "--json", check=False)
        tap.ok(done.returncode == TEMPORARY and "451 4.7.1 no key for kunde.example" in done.stderr and not done.stdout,
               "all answered later: it stops and tells the reply, and nothing in JSON", done)
        tap.ok(0 < mta.sent <= 32, "and does not try them all", f"{mta.sent} tried")
    states = site.states(directory)
    tap.equal((states["new"], states["begun"]), (40, 0), "nothing is lost: all are new again")
    directory = site.ready("nie")
    with Mta(site.postwelle, reply="550 5.7.1 content refused"):
        site.check("refused by a rule", OK, "0 accepted by Postfix, 8 refused", "wave", "open", directory)
    site.check("status shows the reply", OK, "refused .*550 5.7.1 content refused", "status", directory, "--state", "refused")


def test_slow_reply(tap, site):
    """A reply that takes longer than policyd lets a connection be idle: the feeder keeps its place."""
    directory = site.ready("langsam")
    site.postwelle.write_config(policyd={"idle-timeout": "1s"})
    site.postwelle.restart("policyd")
    with Mta(site.postwelle, pause=4, pauses=1) as mta:
        site.check("a reply that is late", OK, "wave 1: 8 accepted", "wave", "open", directory)
        tap.equal(len(mta.copies()), 8, "all came")
    site.postwelle.write_config()
    site.postwelle.restart("policyd")


def test_kill(tap, site):
    """Killed in the middle and run again: each participant exactly once."""
    directory = site.ready("kill")
    with Mta(site.postwelle, pause=0.02) as mta:
        process = subprocess.Popen(site.postwelle.argv("wave", "open", directory, "2"), stdout=subprocess.DEVNULL)
        wait_for(lambda: mta.sent >= 8, "eight mails")
        process.kill()
        process.wait()
        before = mta.sent
        tap.ok(before < 32, "killed before the end", f"{before} sent")
        done = site.postwelle.command("wave", "open", directory, "2", "--wait", "90", check=False)
        tap.equal(done.returncode, OK, "run again, it ends well")
        tap.equal((len(mta.copies()), max(mta.copies().values())), (32, 1), "each has one mail")
    tap.equal(site.states(directory)["reserved"], 32, "and one slot")
    directory = site.ready("signal")
    with Mta(site.postwelle, pause=0.05) as mta:
        process = subprocess.Popen(site.postwelle.argv("wave", "open", directory, "2"), stdout=subprocess.PIPE, text=True)
        wait_for(lambda: mta.sent >= 4, "four mails")
        process.send_signal(signal.SIGTERM)
        text = process.communicate(timeout=20)[0]
        tap.ok(process.returncode == TEMPORARY and "Stopped. To go on: postwelle wave open" in text,
               "SIGTERM: it ends what is under way and says how to go on", f"{process.returncode}: {text}")
        tap.equal(site.states(directory)["begun"], 0, "no attempt stays open")


def test_bad_input(tap, site):
    """Each with its exit status and what to do; nothing half done."""
    directory = site.campaign("fehler")
    write = site.sandbox.write
    site.check("unknown command", USAGE, "--help", "nonsense")
    site.check("campaign new in a folder that is in use", CANT_CREATE, "not empty", "campaign", "new", directory, "--client",
               "kunde")
    example = f"{directory}-example"
    site.postwelle.command("campaign", "new", example, "--client", "kunde", "--language", "de,en")
    site.check("the example's imprint", WANTING, r"imprint.de.html: is the example(.|\n)*imprint.en.txt: is(.|\n)*4 to mend",
               "campaign", "check", example)
    checked = json.loads(site.postwelle.command("campaign", "check", example, "--json", check=False).stdout)
    site.tap.equal((checked["client"], len(checked["hash"]), len(checked["findings"])), ("kunde", 64, 4), "the same as JSON")
    site.check("unknown client", USAGE, "client list", "campaign", "new", directory + "x", "--client", "fremd")
    site.check("no campaign.conf", NO_INPUT, "is no campaign's folder; postwelle campaign new", "campaign", "check", site.sandbox.path)
    site.check("half a content hash", USAGE, "--hash 3f9a: give all 64 digits", "approve", directory, "--hash", "3f9a", "--by", "Kim")
    site.check("why, of no address", DATA, '"nobody": the @ is missing', "why", "nobody")
    site.check("nothing is uncertain", 0, "Nothing is uncertain", "ledger", "show")
    site.check("nobody is suppressed", 0, "kim@frei.example is not suppressed", "suppress", "list", "kim@frei.example")
    site.check("no key was made", 0, "names its keys itself", "key", "list", "kunde")
    site.tap.equal(json.loads(site.postwelle.command("client", "show", "kunde", "--json").stdout)["unsubscribe-mailto"], "ab@kunde.example",
                   "a client as JSON")
    site.tap.ok("-c, --config=FILE" in site.postwelle.command("--help").stdout, "--help tells of -c")
    site.check("import without basis", USAGE, "--basis", "import", directory, LIST, "--assured-by", "Kim")
    site.check("no such list", NO_INPUT, "none.xlsx", "import", directory, "none.xlsx", *RIGHTS)
    site.check("wrong kind of file", DATA, "logo.png", "import", directory, f"{directory}/logo.png", *RIGHTS)
    path = write("ohne.csv", "Anrede;Name\nFrau;Kim\n")
    site.check("no address column", DATA, "--column", "import", directory, path, *RIGHTS)
    path = write("leer.csv", "E-Mail\nkeine\nauch keine\n")
    site.check("no valid row", DATA, "nothing was imported", "import", directory, path, *RIGHTS)
    path = write("html.csv", "E-Mail;Anrede;Nachname\ni@f.example;Herr;<b>Kurz</b>\nj@f.example;Herr;a < b\n")
    done = site.postwelle.command("import", site.campaign("json"), path, *RIGHTS, "--json")
    told = json.loads(done.stdout)
    site.tap.equal([told[name] for name in ("rows", "good", "rejected", "new", "known", "participants", "waves")],
                   [2, 1, 1, 1, 0, 1, [0, 1]], "import tells programs what it tells people")
    site.tap.equal([(row["row"], row["address"]) for row in told["rejects"]], [(2, "i@f.example")], "and which rows it rejected")
    site.check("HTML in a cell is that row's fault, as the milter would refuse its text", OK,
               "2 +i@f.example .*HTML in a text/plain part(.|\n)*1 new", "import", directory, path, *RIGHTS)
    path = write("lang.csv", "E-Mail;Text\na@b.example;" + "x" * 5000 + "\nc@d.example;y\n")
    site.check("a value that is too long is that row's fault", OK, "Text: the value is longer(.|\n)*1 new", "import", directory,
               path, *RIGHTS)
    site.edit(directory, "invitation.de.txt", "Zur Befragung", "{{Größe}} Zur Befragung")
    site.check("unknown placeholder", DATA, "no column .*Größe", "import", directory, path, *RIGHTS)
    path = write("groesse.csv", "E-Mail;Größe\ne@f.example;\ng@h.example;XL\n")
    site.check("an empty value without default is that row's fault", OK, "2 +e@f.example.*Größe(.|\n)*1 new", "import",
               directory, path, *RIGHTS)
    site.edit(directory, "invitation.de.html", "</body>", "<form></form></body>")
    site.check("the content rule", WANTING, "content rule: .*form", "campaign", "check", directory)
    site.edit(directory, "invitation.de.html", "<form></form>", "")
    site.edit(directory, "invitation.de.txt", "{{Größe}}", "{{Größe")
    site.check("broken template", WANTING, r"invitation.de.txt:\d+: .*(.|\n)*1 to mend", "campaign", "check", directory)
    site.check("broken template: no proof", WANTING, r"invitation.de.txt:\d+", "proof", directory)
    site.edit(directory, "campaign.conf", "sizes = 20%, 80%", "sizes = 20%, 70%")
    site.edit(directory, "campaign.conf", "survey@kunde.example", "survey@fremd.example")
    site.check("several faults at once", WANTING, r"(?s)\[mail\] from: .*shares make 90.*3 to mend", "campaign", "check",
               directory)
    site.edit(directory, "campaign.conf", "[waves]", "[waves]\ncolour = red")
    site.check("unknown option", CONFIG, "colour", "campaign", "check", directory)
    site.check("suppress what is no address", DATA, "nicht an", "suppress", "add", "nicht an", "--all")
    site.check("suppress for nobody", USAGE, "--client", "suppress", "add", "a@b.example")
    site.check("suppress", OK, "suppressed", "suppress", "add", "S@B.example", "--client", "kunde")
    site.check("is listed", OK, "kunde +by hand", "suppress", "list", "s@b.example")
    entry = {"address": "s@b.example", "scope": "kunde"}
    for verb, suppressed, changed in (("add", True, False), ("remove", False, True), ("remove", False, False)):
        told = json.loads(site.postwelle.command("suppress", verb, "s@b.example", "--client", "kunde", "--json").stdout)
        tap.equal(told, {**entry, "suppressed": suppressed, "changed": changed}, f"suppress {verb} --json")
    site.postwelle.policyd.stop()
    site.check("policyd is not running", UNAVAILABLE, "systemctl start postwelle-policyd", "status")
    site.check("policyd is not running: no import", UNAVAILABLE, "systemctl start", "import", site.campaign("neu"), LIST,
               *RIGHTS)
    site.postwelle.start_policyd()


def main():
    os.environ.setdefault("POSTWELLE_DATADIR", os.path.join(SOURCE, "importer"))
    with Tap() as tap, Sandbox() as sandbox:
        site = Site(tap, sandbox)
        for test in (test_main_job, test_tracking, test_feeding, test_slow_reply, test_kill, test_bad_input):
            test(tap, site)


if __name__ == "__main__":
    main()
