#!/usr/bin/python3
"""postwelle suppress import with a real policyd: lists of every kind, all or nothing, over kills; suppression only grows by it."""

import json
import os
import signal
import subprocess
import sys

import openpyxl

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.policy import PolicyClient
from harness.sandbox import Sandbox, wait_for
from harness.site import CLIENT, RIGHTS, Site
from harness.tap import Tap

SOURCE = os.environ.get("G_TEST_SRCDIR", os.path.join(HERE, "..", ".."))
OK, WANTING, USAGE, DATA = 0, 1, 64, 65
MANY = 20000


def suppressed(site, address):
    """{scope: reason}"""
    rows = json.loads(site.postwelle.command("suppress", "list", address, "--json").stdout)["suppressed"]
    return {row["scope"]: row["reason"] for row in rows}


def test_lists(tap, site):
    book = openpyxl.Workbook()
    for row in (("Nr.", "E-Mail", "Grund"), (1, "anna@weg.example", "Anruf"), (2, "  Bea@weg.example", ""), (3, "kein Wort", ""),
                (4, "ANNA@weg.example", ""), (5, None, "leer"), (6, "carla@weg.example", "")):
        book.active.append(row)
    file = os.path.join(site.sandbox.path, "robinson.xlsx")
    book.save(file)
    site.check("for whom has to be said", USAGE, "--client CLIENT, or --all", "suppress", "import", file)
    site.check("a dry run stores nothing", OK, "3 would be new, 0 suppressed already, 1 invalid, 1 more than once, 1 rows without.*Nothing was stored",
               "suppress", "import", file, "--client", "kunde", "--dry-run")
    tap.equal(suppressed(site, "anna@weg.example"), {}, "indeed")
    site.check("invalid rows are shown and hold up nobody", OK, r"(?s) 4 +kein Wort .*3 new, 0 suppressed already, 1 invalid, 1 more than once",
               "suppress", "import", file, "--client", "kunde", "--reason", "Robinsonliste", "--source", "Mail vom 2. Mai von x@weg.example")
    tap.equal(suppressed(site, "bea@weg.example"), {"kunde": "Robinsonliste (Mail vom 2. Mai von (address)"},
              "with reason and source, but no address")
    done = site.check("again, for programs", OK, "", "suppress", "import", file, "--client", "kunde", "--json")
    told = json.loads(done.stdout)
    tap.equal({name: told[name] for name in ("stored", "new", "known", "duplicates", "empty", "known_rows")},
              {"stored": True, "new": 0, "known": 3, "duplicates": 1, "empty": 1, "known_rows": [2, 3, 7]}, "all are known")
    tap.equal([(row["row"], row["text"]) for row in told["invalid"]], [(4, "kein Wort")], "what is invalid, by row")
    tap.equal(suppressed(site, "bea@weg.example")["kunde"], "Robinsonliste (Mail vom 2. Mai von (address)", "the first reason stays")
    plain = site.sandbox.write("plain.csv", "anna@weg.example\ndora@weg.example\n")
    site.check("a list of nothing but addresses, for all clients", OK, "2 new", "suppress", "import", plain, "--all")
    tap.equal(set(suppressed(site, "anna@weg.example")), {"kunde", "*"}, "each scope is an entry of its own")
    wrong = site.sandbox.write("wrong.csv", "Name;E-Mail\nanna@weg.example;Anna\n")
    site.check("no address at all", DATA, "nothing was stored: .*no row holds an address .*--column", "suppress", "import", wrong, "--all")
    site.check("another column", OK, "1 suppressed already", "suppress", "import", wrong, "--all", "--column", "A")
    site.check("no such client", DATA, "no client", "suppress", "import", plain, "--client", "niemand")
    entries = json.loads(site.postwelle.command("audit", "--json").stdout)["audit"]
    tap.equal([(entry["client"], entry["detail"].split(" ")[0]) for entry in entries if entry["action"] == "suppress-list"],
              [("kunde", "robinson.xlsx"), ("kunde", "robinson.xlsx"), (None, "plain.csv"), (None, "wrong.csv")], "the audit trail has each list once")


def test_check(tap, site):
    """Which addresses of a list are suppressed; at other clients is none of a client's business."""
    file = site.sandbox.write("bestand.csv", "Name;E-Mail\nAnna;Anna@weg.example\nNeu;neu@weg.example\nBea;bea@weg.example\nwer;keine\nleer;\n")
    site.postwelle.write_client("anderer", {**CLIENT, "client": {"title": "Anderer", "domains": "anderer.example", "return-path": "b.anderer.example"},
                                            "signing": {**CLIENT["signing"], "domain": "anderer.example"}})
    site.postwelle.restart("policyd")
    site.postwelle.command("suppress", "add", "neu@weg.example", "--client", "anderer", "--reason", "rief an")
    done = site.check("some are", WANTING, r"(?s)5 +keine .*2 +Anna@weg\.example +\* +by list .*2 +Anna@weg\.example +kunde +Robinson.*"
                      "3 addresses, 3 of them suppressed; 1 invalid, 1 rows without", "suppress", "check", file)
    marked = os.path.join(site.sandbox.path, "marked.xlsx")
    done = site.check("of one client, for programs", WANTING, "", "suppress", "check", file, "--client", "kunde", "--json", "--rejects", marked)
    told = json.loads(done.stdout)
    tap.equal((told["addresses"], told["suppressed"], told["empty"]), (3, 2, 1), "counts")
    tap.equal([(row["row"], row["address"], row["scope"]) for row in told["suppressions"]],
              [(2, "Anna@weg.example", "*"), (2, "Anna@weg.example", "kunde"), (4, "bea@weg.example", "kunde")], "its own entries, and those for all")
    sheet = openpyxl.load_workbook(marked).active
    remarks = [str(row[2].value or "") for row in sheet.iter_rows(min_row=2)]
    tap.ok(remarks[0].startswith("gesperrt seit") and remarks[1] == "" and "gesperrt für kunde seit" in remarks[2] and "Robinsonliste" in remarks[2],
           "a copy with remarks, in the client's language", remarks)
    clean = site.sandbox.write("clean.csv", "rein@weg.example\n")
    site.check("none is", OK, "1 addresses, 0 of them suppressed", "suppress", "check", clean)
    site.check("no such client", DATA, "no such client", "suppress", "check", clean, "--client", "niemand")
    tap.equal(suppressed(site, "rein@weg.example"), {}, "nothing is changed by it")


def test_import_keeps(tap, site):
    """A list of participants can't weaken it."""
    directory = site.campaign("danach")
    rows = "".join(f"Frau;Kim;Test;{name}@weg.example\n" for name in ("anna", "carla", "neu"))
    path = site.sandbox.write("danach.csv", "Anrede;Vorname;Nachname;E-Mail\n" + rows)
    site.check("who is on the list gets nothing", OK, "1 new, 0 known already, 0 capped .*, 2 suppressed", "import", directory, path, *RIGHTS)


def count(site, names):
    control = PolicyClient(os.path.join(site.postwelle.path, "run", "control.sock"))
    found = 0
    for name in names:
        control.send("suppress-show", address=name)
        found += len(control.read()) - 1
    control.close()
    return found


def test_kills(tap, site):
    """Killed at any point, the list is there as a whole or not at all."""
    names = [f"p{number}@viele.example" for number in range(MANY)]
    path = site.sandbox.write("viele.csv", "E-Mail\n" + "".join(f"{name}\n" for name in names))
    sample = [*names[:3], *names[MANY // 2:MANY // 2 + 3], *names[-3:]]
    argv = site.postwelle.argv("suppress", "import", path, "--client", "kunde")
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        control = PolicyClient(os.path.join(site.postwelle.path, "run", "control.sock"))

        def under_way():
            control.send("metrics")
            rows = control.read()
            return child.poll() is not None or any("suppress-list-rows" in str(row) for row in rows)
        wait_for(under_way, "rows are on their way", 60, 0.001)
        child.send_signal(signal.SIGKILL)
    control.close()
    tap.ok(count(site, sample) in (0, len(sample)), "the command is killed: all or nothing")
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        wait_for(lambda: child.poll() is not None or count(site, names[:1]) == 1, "the commit is seen, or it is over", 60, 0)
        site.postwelle.kill("policyd")
    site.postwelle.start_policyd()
    tap.ok(count(site, sample) in (0, len(sample)), "policyd is killed at the commit: all or nothing")
    done = site.check("given again, it is complete", OK, f"{MANY}|suppressed already", "suppress", "import", path, "--client", "kunde", "--json")
    told = json.loads(done.stdout)
    tap.equal((told["new"] + told["known"], count(site, sample)), (MANY, len(sample)), "every row of it")
    tap.equal(site.postwelle.command("audit", check=False).returncode, OK, "and the audit trail is whole")
    check_many(tap, site, names)


def check_many(tap, site, names):
    """Addresses are asked about many at once: each answer belongs to its row."""
    rows = ["keine" if number % 700 == 699 else names[number // 2] if number % 2 else f"q{number}@viele.example" for number in range(2 * MANY)]
    path = site.sandbox.write("gemischt.csv", "E-Mail\n" + "".join(f"{row}\n" for row in rows))
    done = site.check("half of a long list is suppressed", WANTING, "", "suppress", "check", path, "--json")
    told = json.loads(done.stdout)
    expected = [(number + 2, row) for number, row in enumerate(rows) if row.startswith("p")]
    tap.ok([(row["row"], row["address"]) for row in told["suppressions"]] == expected and told["suppressed"] == len(expected), "and it is told which",
           told["suppressed"])


def main():
    os.environ.setdefault("POSTWELLE_DATADIR", os.path.join(SOURCE, "importer"))
    with Tap() as tap, Sandbox() as sandbox:
        site = Site(tap, sandbox)
        test_lists(tap, site)
        test_check(tap, site)
        test_import_keeps(tap, site)
        test_kills(tap, site)


if __name__ == "__main__":
    main()
