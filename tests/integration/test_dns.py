#!/usr/bin/python3
"""Lists checked against DNS: a real name server (NSD), and servers that are silent, lie, cut their answers or fail."""

import json
import os
import re
import sys
import time
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness import scripted_dns
from harness.daemons import Postwelle
from harness.nameserver import Nameserver
from harness.sandbox import Sandbox
from harness.scripted_dns import ScriptedDns
from harness.tap import Tap

SOURCE = os.environ.get("G_TEST_SRCDIR", os.path.join(HERE, "..", ".."))
OK, WANTING, USAGE, CONFIG = 0, 1, 64, 78
PORT = 5300
# Domain to what its verdict must say; "" is a good row.
ZONES = {
    "gut.example": (["@ MX 10 mx", "mx A 192.0.2.1"], ""),
    "sechs.example": (["@ MX 10 mx", "mx AAAA 2001:db8::1"], ""),
    "ohnemx.example": (["@ A 192.0.2.1"], ""),
    "anderswo.example": (["@ MX 10 mx.gut.example."], ""),
    "alias.example": (["@ MX 10 mx", "mx CNAME mx.gut.example."], ""),
    "null.example": (["@ MX 0 ."], r"null\.example takes no mail: its null MX"),
    "leer.example": (["x A 192.0.2.1"], r"leer\.example takes no mail: it has neither MX nor address"),
    "tot.example": (["@ MX 10 mx", "@ A 192.0.2.1"], r"tot\.example takes no mail: none of its mail servers"),
    "viele.example": ([f"@ MX {n} mailserver-number-{n}" for n in range(100)] + ["mailserver-number-0 A 192.0.2.1"], ""),
    "fehlt.example": (None, r"there is no domain fehlt\.example"),
    "xn--mller-kva.example": (["@ MX 10 mx.gut.example."], ""),
}


class House:
    def __init__(self, tap, sandbox):
        self.tap = tap
        self.sandbox = sandbox
        self.postwelle = Postwelle(sandbox, SimpleNamespace(queue=sandbox.mkdir("sender", "queue"), address="127.0.0.1",
                                                            config=sandbox.mkdir("sender", "config"), log="/dev/null"))
        self.list = sandbox.write("liste.csv", "E-Mail\n" + "".join(f"kim@{domain}\n" for domain in ZONES))

    def check(self, server, path=None, *words):
        """list check --json against a server; returns exit status, {domain: row}, seconds."""
        begun = time.monotonic()
        done = self.postwelle.command("list", "check", path or self.list, "--json", "--resolver", server, *words, check=False)
        rows = json.loads(done.stdout)["rows"]
        return done.returncode, {(row.get("text") or row["address"]).split("@")[1]: row for row in rows}, time.monotonic() - begun


def test_nsd(tap, house, nameserver):
    server = f"{nameserver.address}@{nameserver.port}"
    status, rows, _ = house.check(server)
    tap.equal(status, WANTING, "some rows are rejected: exit status 1")
    for domain, (_, expected) in ZONES.items():
        row = rows[domain]
        if expected:
            tap.ok(row["verdict"] == "rejected" and re.search(expected, row["reason"]), f"{domain}: rejected", row)
        else:
            tap.ok(row["verdict"] == "good" and "warning" not in row, f"{domain}: good", row)
    done = house.postwelle.command("list", "check", house.list, "--dns", own_resolver=True, check=False)
    tap.match(done.stdout, re.compile("null MX"), "--dns asks the system's name server")
    done = house.postwelle.command("list", "check", house.list)
    tap.match(done.stdout, re.compile(f"{len(ZONES)} good"), "without --dns nothing is asked")
    nameserver.stop()
    status, rows, seconds = house.check(server)
    tap.ok(status == OK and all("could not be looked up now" in row["warning"] for row in rows.values()),
           "a server that is gone: warnings, nothing rejected", rows)
    tap.ok(seconds < 15, "and it does not take long", seconds)


def test_scripted(tap, house):
    address = house.sandbox.addresses.spare[0]
    records = {("gut.example", "MX"): ["10 mx.gut.example."], ("mx.gut.example", "A"): ["192.0.2.1"]}
    path = house.sandbox.write("eine.csv", "E-Mail\nkim@gut.example\nsam@gut.example\n")
    cases = ((scripted_dns.silent, "no answer from"), (scripted_dns.wrong_id, "answers other questions"),
             (scripted_dns.wrong_question, "answers other questions"), (scripted_dns.refusing, "SERVFAIL"),
             (scripted_dns.garbage, "can't be read"), (scripted_dns.lies_first, None), (scripted_dns.truncated, None))
    for script, expected in cases:
        with ScriptedDns(address, PORT, records, script) as server:
            status, rows, seconds = house.check(f"{address}@{PORT}", path)
            warning = rows["gut.example"].get("warning", "")
            name = script.__name__.replace("_", " ")
            if expected:
                tap.ok(status == OK and "could not be looked up now" in warning and expected in warning, f"{name}: a warning",
                       f"{status} {rows}")
                tap.ok(seconds < 10, f"{name}: told within ten seconds", seconds)
            else:
                tap.ok(status == OK and not warning, f"{name}: the honest answer counts", f"{status} {rows}")
            tap.ok(len([one for one in server.asked if one[1] == "MX"]) <= 3, f"{name}: one domain, asked for once (and twice more)",
                   server.asked)
        if script is scripted_dns.truncated:
            tap.ok(("gut.example", "MX", "tcp") in server.asked, "truncated: asked again over TCP", server.asked)


def test_many(tap, house):
    """A list of many domains on a dead server ends soon; on a living one each is asked for once."""
    address = house.sandbox.addresses.spare[1]
    domains = [f"d{n}.example" for n in range(300)]
    path = house.sandbox.write("viele.csv", "E-Mail\n" + "".join(f"kim@{domain}\nsam@{domain}\n" for domain in domains))
    records = {(domain, "MX"): ["10 mx.gut.example."] for domain in domains} | {("mx.gut.example", "A"): ["192.0.2.1"]}
    with ScriptedDns(address, PORT, records) as server:
        status, rows, _ = house.check(f"{address}@{PORT}", path)
        tap.ok(status == OK and len(rows) == 300, "300 domains are good", status)
        tap.equal(len(server.asked), 301, "each is asked for once, and their one mail server")
    with ScriptedDns(address, PORT, {}, scripted_dns.silent) as server:
        status, rows, seconds = house.check(f"{address}@{PORT}", path)
        tap.ok(status == OK and seconds < 20, "a dead server does not hold a long list up", seconds)
        tap.ok(len(server.asked) <= 3 * 40, "and is not flooded", len(server.asked))


def test_import(tap, house, nameserver):
    house.postwelle.write_client("kunde", {
        "client": {"title": "Kunde GmbH", "domains": "kunde.example", "return-path": "bounce.kunde.example"},
        "signing": {"domain": "kunde.example", "rsa-selector": "s", "rsa-key": "none.pem"},
        "unsubscribe": {"uri": "https://kunde.example/u/", "mailto": "ab@kunde.example"}})
    house.postwelle.init()
    house.postwelle.start_policyd()
    directory = os.path.join(house.sandbox.path, "herbst")
    house.postwelle.command("campaign", "new", directory, "--client", "kunde", "--title", "Herbst",
                            env=os.environ | {"POSTWELLE_DATADIR": os.path.join(SOURCE, "importer")})
    rights = ("--basis", "customer-relationship", "--assured-by", "Kim")
    path = house.sandbox.write("import.csv", "Anrede;Vorname;Nachname;E-Mail\n" + "".join(
        f"Frau;Kim;Beispiel;kim@{domain}\n" for domain in ("gut.example", "null.example", "fehlt.example")))
    house.postwelle.write_config(dns={"resolver": f"{nameserver.address}@{nameserver.port}"})
    done = house.postwelle.command("import", directory, path, "--dns", *rights, check=False)
    tap.ok(done.returncode == OK and re.search(r"(?s)null MX.*no domain fehlt.*1 good, 2 rejected", done.stdout),
           "import --dns rejects what takes no mail; the server is postwelle.conf's", done.stdout + done.stderr)
    done = house.postwelle.command("import", directory, path, "--resolver", "kein.server", *rights, check=False)
    tap.ok(done.returncode == USAGE and "write its address" in done.stderr, "a resolver that is no address", done.stderr)


def main():
    with Tap() as tap, Sandbox() as sandbox:
        house = House(tap, sandbox)
        nameserver = Nameserver(sandbox)
        nameserver.add_zones({domain: records for domain, (records, _) in ZONES.items() if records is not None})
        test_import(tap, house, nameserver)
        test_nsd(tap, house, nameserver)
        test_scripted(tap, house)
        test_many(tap, house)


if __name__ == "__main__":
    main()
