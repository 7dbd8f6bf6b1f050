#!/usr/bin/python3
"""Deleting participants' data with a real policyd: what is in the way, kills in the midst, what stays; and that neither the ledger's files nor the
witness hold an address afterwards, nor a backup that is made then, nor an older one that was brought up to date."""

import datetime
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import time

import openpyxl

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.policy import PolicyClient
from harness.sandbox import Sandbox, wait_for
from harness.site import CLIENT, RIGHTS, Mta, Site
from harness.tap import Tap

SOURCE = os.environ.get("G_TEST_SRCDIR", os.path.join(HERE, "..", ".."))
OK, WANTING, USAGE, TEMPORARY = 0, 1, 64, 75
SECRETS = b"geheim.person", b"Verschwiegen"  # in local parts and names
SAID = b"vertraulich"  # in what receivers say, beside the address
BY = ("--by", "Dana Schutz", "--because", "the contract ends")


class House:
    def __init__(self, tap, site):
        self.tap, self.site = tap, site
        self.postwelle = site.postwelle
        self.state = os.path.join(site.postwelle.path, "state")
        self.witness = os.path.join(site.postwelle.path, "witness")

    def control(self):
        return PolicyClient(os.path.join(self.postwelle.path, "run", "control.sock"))

    def ask(self, kind, **attributes):
        control = self.control()
        control.send(kind, **attributes)
        rows = control.read()
        control.close()
        return rows

    def policyd(self, *words):
        program = os.path.join(self.postwelle.build, "postwelle-policyd")
        return subprocess.run([program, "-c", self.postwelle.config, *words], capture_output=True, text=True, check=False)

    def participants(self, campaign):
        rows, after = [], 0
        while True:
            page = self.ask("campaign-participants", client="kunde", campaign=campaign, after=after, limit=500)
            rows += page[:-1]
            after = int(page[-1]["last"])
            if after == 0:
                return rows

    def events(self, campaign, **by_number):
        """The log tells of what was reserved: sent, but for the first ones of by_number, as bounced=2."""
        control = self.control()
        rows = [row for row in self.participants(campaign) if row["state"] in ("reserved", "queued", "uncertain")]
        ends = [state for state, count in by_number.items() for _ in range(count)]
        for row, end in zip(rows, ends + ["sent"] * len(rows)):
            reply = f"550 5.1.1 <{row['address']}>: vertraulich{row['row']} unknown" if end == "bounced" else "250 ok"
            answer = control.ask("event", queue_id=row["queue_id"], event=end, time=int(time.time()), dsn="5.1.1" if end == "bounced" else "2.0.0",
                                 reply=reply, relay="r", tls="no")
            assert answer["status"] == "ok", answer
        control.close()

    def campaign(self, name, rows, imported=True):
        directory = self.site.campaign(name)
        conf = os.path.join(directory, "campaign.conf")
        with open(conf, encoding="utf-8") as file:
            text = re.sub(r"(?m)^sizes = .*", "sizes = 100%", file.read())
        with open(conf, "w", encoding="utf-8") as file:
            file.write(text)
        text = "".join(f"Frau;Kim{n};Verschwiegen{n};geheim.person{n}@{name}.example\n" for n in range(rows))
        path = self.site.sandbox.write(f"{name}.csv", "Anrede;Vorname;Nachname;E-Mail\n" + text)
        if imported:
            self.postwelle.command("import", directory, path, *RIGHTS)
        return directory, path

    def scrubbed(self):
        wait_for(lambda: self.ask("health")[0]["scrub"] == "0", "the ledger's files are scrubbed", 120, 0.2)

    def secrets(self, *folders, secrets=SECRETS):
        """Which files below hold one of the secrets."""
        found = []
        for path in (path for folder in folders for path in glob.glob(f"{folder}/**", recursive=True)):
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    content = file.read()
                if any(secret in content for secret in secrets):
                    found.append(os.path.relpath(path, self.postwelle.path))
        return sorted(found)


def summary(path):
    """The report's first sheet, without the time at which it was written."""
    book = openpyxl.load_workbook(path)
    return [[cell.value for cell in row if not isinstance(cell.value, datetime.datetime)] for row in book.worksheets[0].iter_rows()]


def sent_campaign(house):
    directory, path = house.campaign("spur", 40)
    with Mta(house.postwelle):
        house.site.approve(directory)
        house.postwelle.command("wave", "open", directory)
    house.events("spur", uncertain=1)
    return directory, path


def test_in_the_way(tap, site, house, directory):
    site.check("somebody has to say so", USAGE, "--by NAME", "participants", "delete", directory)
    site.check("of whom?", USAGE, "whose data", "participants", "delete", *BY)
    site.check("an uncertain mail is in the way", WANTING, "uncertain.*nothing was deleted.*ledger decide", "participants", "delete", directory, *BY)
    site.check("... of its person, too", WANTING, "uncertain", "participants", "delete", "--address",
               next(row["address"] for row in house.participants("spur") if row["state"] == "uncertain"), *BY)
    tap.equal(sum(bool(row["address"]) for row in house.participants("spur")), 40, "and nothing was deleted")
    house.events("spur", bounced=1)
    site.check("until when it is kept", OK, r"kunde +spur +40 +\S+ +\S+ +kept", "participants", "due")


def test_campaign(tap, site, house, directory, backup):
    before = os.path.join(site.sandbox.path, "before.xlsx")
    after = os.path.join(site.sandbox.path, "after.xlsx")
    house.postwelle.command("report", directory, "-o", before)
    counts = json.loads(house.postwelle.command("status", directory, "--json").stdout)["waves"]
    done = house.policyd("--backup", backup)
    tap.ok(done.returncode == OK, "a backup before", done)
    tap.ok(house.secrets(house.state), "the ledger's files hold addresses (or this test tells nothing)")
    site.check("a campaign's deletion", OK, "data of 40 participants was deleted(.|\n)*Backups hold it", "participants", "delete", directory, *BY)
    house.scrubbed()
    tap.equal(house.secrets(house.state, house.witness), [], "no file of ledger and witness holds an address or a name")
    tap.equal(house.secrets(house.state, secrets=[SAID]), [], "nor the ledger's what receivers said")
    rows = house.participants("spur")
    tap.equal({row["address"] for row in rows}, {""}, "nobody is told any more")
    tap.equal(json.loads(house.postwelle.command("status", directory, "--json").stdout)["waves"], counts, "the counts are as before")
    house.postwelle.command("report", directory, "-o", after)
    tap.equal(summary(after), summary(before), "and the report's")
    tap.equal([row["reply"] for row in rows if row["state"] == "bounced"], ["5.1.1"], "of a bounce, why")
    site.check("deleted, it says when", OK, r"kunde +spur +40 .* deleted", "participants", "due")
    site.check("twice is no harm", OK, "data of 0 participants", "participants", "delete", directory, *BY)
    done = site.check("whoever names an address is told", OK, "deleted", "why", "geheim.person7@spur.example", "--json")
    tap.ok("sent" in done.stdout and "Verschwiegen" not in done.stdout, "what became of it, not who it was", done)
    entries = json.loads(house.postwelle.command("audit", "--json").stdout)["audit"]
    tap.equal([(entry["by"], entry["campaign"]) for entry in entries if entry["action"] == "delete"], [("Dana Schutz", "spur")] * 2,
              "the audit trail has beginning and end")
    done = house.policyd("--backup", backup + ".after")
    tap.equal((done.returncode, house.secrets(backup + ".after")), (OK, []), "a backup that is made now holds nothing of it")
    tap.equal(house.secrets(house.witness, secrets=[SAID]), [], "and the witness has let go what receivers said")
    tap.ok(house.secrets(backup), "the one from before does, until it is rotated away")


def test_promise(tap, site, house, path):
    """The slots stay taken."""
    directory = site.campaign("zweite")
    done = site.check("the same list, same quarter", OK, "0 new, 0 known already, 40 capped", "import", directory, path, *RIGHTS)
    tap.ok("0 rejected" in done.stdout, "everybody is capped", done)
    site.check("into the campaign that is over", WANTING, "was deleted", "import", os.path.join(site.sandbox.path, "spur"), path, *RIGHTS)


def test_person(tap, site, house):
    directory, _ = house.campaign("einzeln", 3)
    shown = json.loads(house.postwelle.command("why", "geheim.person1@einzeln.example", "--json").stdout)
    tap.ok("Verschwiegen1" in json.dumps(shown), "what is known of a person", shown)
    done = site.check("one person's data", OK, "row 3 of einzeln.csv(.|\n)*suppress add", "participants", "delete", "--address",
                      "Geheim.Person1@einzeln.example", *BY)
    tap.ok("einzeln" in done.stdout, "in which campaign", done)
    rows = house.participants("einzeln")
    tap.equal([(bool(row["address"]), row["state"]) for row in rows], [(True, "new"), (False, "refused"), (True, "new")], "that one alone")
    site.check("nothing is left of it", OK, "Nothing is kept", "participants", "delete", "--address", "geheim.person1@einzeln.example", *BY)
    house.scrubbed()
    content = b"".join(open(path, "rb").read() for path in glob.glob(f"{house.state}/ledger/*"))
    tap.ok(b"geheim.person1@einzeln" not in content and b"Verschwiegen1\0" not in content and b"geheim.person2@einzeln" in content,
           "gone from the files, in which the others are")
    site.check("the rest", OK, "data of 2 participants", "participants", "delete", directory, *BY)


def test_kills(tap, site, house):
    """policyd is killed in the midst; `run` goes on, and both files and trail are right in the end."""
    directory, _ = house.campaign("gross", 6000)
    argv = house.postwelle.argv("participants", "delete", directory, *BY)
    for number in range(3):
        left = sum(bool(row["address"]) for row in house.participants("gross"))
        with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
            wait_for(lambda: child.poll() is not None or not house.ask("campaign-participants", client="kunde", campaign="gross", limit=1,
                                                                                 after=(1 << 20) + 500 * (number + 1))[0]["address"], "some are deleted", 60, 0)
            house.postwelle.kill("policyd")
        house.postwelle.start_policyd()
        tap.ok(sum(bool(row["address"]) for row in house.participants("gross")) <= left, f"kill {number + 1}: what is deleted stays so")
    site.check("run goes on with it", OK, "gross: the data of|^$", "run")
    tap.equal(sum(bool(row["address"]) for row in house.participants("gross")), 0, "to its end")
    house.postwelle.kill("policyd")  # maybe in the middle of the scrubbing
    house.postwelle.start_policyd()
    house.scrubbed()
    tap.equal(house.secrets(house.state, house.witness), [], "no file holds an address")
    tap.equal(site.states(directory)["refused"], 6000, "each row has its end")
    tap.equal(house.postwelle.command("audit", check=False).returncode, OK, "and the audit trail is whole")


def test_restored(tap, house, backup):
    """An older copy of the ledger, brought up to date, has lost the data again."""
    house.postwelle.policyd.stop()
    shutil.rmtree(f"{house.state}/ledger")
    shutil.copytree(f"{backup}/ledger", f"{house.state}/ledger")
    tap.ok(house.secrets(house.state), "the copy holds it")
    done = house.policyd("--replay")
    tap.ok(done.returncode == OK, "--replay", done)
    house.postwelle.start_policyd()
    tap.equal({row["address"] for row in house.participants("spur")}, {""}, "what was deleted is deleted again")
    house.scrubbed()
    tap.equal(house.secrets(house.state, house.witness), [], "and leaves the files again")


def test_by_itself(tap, site, house):
    """`run` deletes when the time is over: the campaign's own, or else its client's."""
    directory, _ = house.campaign("frist", 5)
    site.check("kept for 90 days by default", OK, "", "run")
    tap.equal(sum(bool(row["address"]) for row in house.participants("frist")), 5, "so nothing is deleted yet")
    site.edit(directory, "campaign.conf", "[campaign]\n", "[campaign]\nretention = 1s\n")
    run = lambda: json.loads(house.postwelle.command("run", "--json", check=False).stdout)["retention"]
    told = wait_for(lambda: [one for one in run() if one["campaign"] == "frist"], "it is over", 60, 0.5)
    tap.ok(told[0]["client"] == "kunde" and told[0]["deleted"] == 5 and "kept for" in told[0]["because"], "run tells what it has deleted", told)
    tap.equal(sum(bool(row["address"]) for row in house.participants("frist")), 0, "the campaign's own time")
    house.postwelle.write_client("kunde", {**CLIENT, "client": {**CLIENT["client"], "retention": "1s"}})
    house.postwelle.restart("policyd")
    directory, _ = house.campaign("plan", 5)
    year = time.gmtime().tm_year + 1
    site.edit(directory, "campaign.conf", "start = \n", f"start = {year}-01-15 10:00\n")
    second, _ = house.campaign("ohne", 5)
    shutil.rmtree(second)
    wait_for(lambda: "folder can't be read" in house.postwelle.command("participants", "due", "--json").stdout, "its time is over", 60, 0.5)
    held = {one["campaign"]: one["held"] for one in run()}
    tap.ok(sum(bool(row["address"]) for row in house.participants("plan")) == 5, "nothing before a wave that is planned", held)
    tap.ok(sum(bool(row["address"]) for row in house.participants("ohne")) == 5 and "folder can't be read" in held["ohne"],
           "nor where the folder that would tell is gone, and it says so", held)
    site.check("which is told", OK, r"ohne .*folder can't be read", "participants", "due")
    site.check("by name it can be deleted all the same", OK, "data of 5", "participants", "delete", "--client", "kunde", "--campaign", "ohne", *BY)


def main():
    os.environ.setdefault("POSTWELLE_DATADIR", os.path.join(SOURCE, "importer"))
    with Tap() as tap, Sandbox() as sandbox:
        site = Site(tap, sandbox)
        house = House(tap, site)
        backup = os.path.join(sandbox.path, "backup")
        directory, path = sent_campaign(house)
        test_in_the_way(tap, site, house, directory)
        test_campaign(tap, site, house, directory, backup)
        test_promise(tap, site, house, path)
        house.postwelle.command("import", "--undo", os.path.join(sandbox.path, "zweite"))
        test_person(tap, site, house)
        test_kills(tap, site, house)
        test_restored(tap, house, backup)
        test_by_itself(tap, site, house)


if __name__ == "__main__":
    main()
