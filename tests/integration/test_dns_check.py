#!/usr/bin/python3
"""postwelle dns records, letter and check against a real name server: what people publish, and what they publish by mistake."""

import contextlib
import html.parser
import json
import os
import re
import subprocess
import sys
import time
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

import dns.flags

from harness import scripted_dns
from harness.daemons import Postwelle
from harness.nameserver import Nameserver, dkim_record, txt
from harness.sandbox import DOMAIN, Sandbox
from harness.scripted_dns import ScriptedDns
from harness.tap import Tap

OK, WANTING, USAGE = 0, 1, 64
PORT = 5301
IP = "192.0.2.25"
# The setup sheet that this project grew from, as it says things are to be published.
SHEET = "beispielfirma.example"
SHEET_SPF = "v=spf1 ip4:123.123.123.123 include:spf.compagon.example ~all"
SHEET_DKIM = ("v=DKIM1; k=rsa;p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDWNtjCK+77Lkqev3yl32Ch+uoUZawyJN402M19Qu0XMuyfUGeLX6eHvZnEgn"
              "MtaZtMPdtrgS421Xfkda3oo6RMDwn5DI007T1la23unkcitPZGU40Q9TukVh+scandir(directory)ftY/7cMrN0ItppxA6BnEmOIEHjV9qpPqwJWWc"
              "qZv5EmHUPCSQQIDAQAB")
AGENCY = ["spf " + txt(f"v=spf1 ip4:{IP} -all"), "mail A " + IP, "bounces A 192.0.2.26"]


def unquoted(line):
    """The text of a zone line's strings, joined."""
    return "".join(re.findall(r'"([^"]*)"', line))


class House:
    def __init__(self, tap, sandbox):
        self.tap = tap
        self.sandbox = sandbox
        self.nameserver = Nameserver(sandbox)
        sender = SimpleNamespace(queue=sandbox.mkdir("sender", "queue"), address="127.0.0.1",
                                 config=sandbox.mkdir("sender", "config"), log="/dev/null")
        self.postwelle = Postwelle(sandbox, sender)
        self.server = f"{self.nameserver.address}@{self.nameserver.port}"
        self.write_config()
        self.keys = {}
        for name, words in {"rsa": ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"], "ed25519": ["ED25519"]}.items():
            self.keys[name] = os.path.join(sandbox.mkdir("postwelle", "keys", mode=0o700), f"{name}.pem")
            subprocess.run(["openssl", "genpkey", "-algorithm", *words, "-out", self.keys[name]], check=True, capture_output=True)
            os.chmod(self.keys[name], 0o400)

    def write_config(self, **options):
        self.postwelle.write_config(dns={"resolver": self.server, "spf-include": "spf.agency.example", "addresses": IP,
                                         "helo": "mail.agency.example", "bounce-host": "bounces.agency.example"} | options)

    def write_client(self, name, domain):
        self.postwelle.write_client(name, {
            "client": {"title": "Müller & Söhne", "domains": domain, "return-path": f"bounce.{domain}"},
            "signing": {"domain": domain, "rsa-selector": "s1", "rsa-key": self.keys["rsa"],
                        "ed25519-selector": "s1e", "ed25519-key": self.keys["ed25519"]},
            "unsubscribe": {"uri": f"https://{domain}/u/", "mailto": f"ab@{domain}"}})

    def zone(self, domain):
        """All that a client of this domain should publish, as `dns records` prints it."""
        lines = self.postwelle.command("dns", "records", "kunde").stdout.splitlines()
        return [re.sub(r"kunde\.example\. IN", f"{domain}. IN", line) for line in lines if not line.startswith(";")] + [
            "@ MX 10 mx", "mx A 192.0.2.1", f"_dmarc {txt('v=DMARC1; p=reject; rua=mailto:d@' + domain)}"]

    def check(self, *words):
        done = self.postwelle.command("dns", "check", *words, "--json", check=False)
        answer = json.loads(done.stdout) if done.stdout else {"findings": [], "green": None}
        return done.returncode, answer["findings"], answer["green"]


def errors(findings):
    return [finding for finding in findings if finding["level"] == "error"]


def has(findings, level, topic, regex, name=None):
    return any(finding["level"] == level and finding["topic"] == topic and re.search(regex, finding["text"]) and
               name in (None, finding["name"]) for finding in findings)


def test_records(tap, house):
    lines = house.postwelle.command("dns", "records", "kunde").stdout
    tap.match(lines, re.compile(r'^bounce\.kunde\.example\. IN TXT "v=spf1 include:spf\.agency\.example -all"$', re.M), "records: SPF")
    tap.match(lines, re.compile(r"^bounce\.kunde\.example\. IN MX 10 bounces\.agency\.example\.$", re.M), "records: bounces")
    tap.match(lines, re.compile(r"^; _dmarc\.kunde\.example\. IN TXT ", re.M), "records: DMARC only as a remark")
    for selector, key in (("s1", "rsa"), ("s1e", "ed25519")):
        line = re.search(rf"^{selector}\._domainkey\.kunde\.example\. IN TXT .*$", lines, re.M)
        tap.equal(line and unquoted(line[0]), dkim_record(house.keys[key]), f"records: {selector} is openssl's")
    done = house.postwelle.command("dns", "records", "kunde", "--delegate", "d.agency.example").stdout
    tap.match(done, re.compile(r"^s1\._domainkey\.kunde\.example\. IN CNAME s1\._domainkey\.kunde\.d\.agency\.example\.$(.|\n)*"
                               r'^s1\._domainkey\.kunde\.d\.agency\.example\. IN TXT "v=DKIM1', re.M), "records: by CNAME")
    rows = json.loads(house.postwelle.command("dns", "records", "kunde", "--format", "json").stdout)["records"]
    tap.equal([row["type"] for row in rows], ["TXT", "MX", "TXT", "TXT", "TXT"], "records: as JSON, in one piece each")


def test_letter(tap, house):
    german = house.postwelle.command("dns", "letter", "kunde").stdout
    english = house.postwelle.command("dns", "letter", "kunde", "--language", "en").stdout
    record = dkim_record(house.keys["rsa"])
    for name, text, word in (("German", german, "überstürzen"), ("English", english, "rush it")):
        tap.ok(record in text and word in " ".join(text.split()) and "Müller & Söhne" in text, f"letter: {name}", text)
    page = house.postwelle.command("dns", "letter", "kunde", "--html").stdout

    class Reader(html.parser.HTMLParser):
        text = ""

        def handle_data(self, data):
            self.text += data
    reader = Reader()
    reader.feed(page)
    tap.ok(record in reader.text and "Müller & Söhne" in reader.text and "<meta charset" in page, "letter: HTML", page)


def test_good(tap, house):
    status, findings, green = house.check("kunde")
    tap.ok(status == OK and green and not errors(findings), "a client whose records are right is green", findings)
    for topic, regex in (("SPF", "passes"), ("DKIM", "it is ours"), ("DMARC", "reject"), ("MX", "replies can arrive"),
                         ("MX", "bounces can arrive"), ("PTR", "has a name")):
        tap.ok(has(findings, "ok", topic, regex), f"good: {topic} {regex}", findings)
    tap.ok(has(findings, "note", "DNSSEC", "not signed"), "good: the zone is not signed", findings)
    done = house.postwelle.command("dns", "check", "kunde")
    tap.match(done.stdout, re.compile("0 errors.*can go out"), "good: in words")
    house.nameserver.sign("kunde.example")
    status, findings, green = house.check("kunde", "--resolver", house.server)
    tap.ok(status == OK and has(findings, "note", "DNSSEC", "is signed; nobody checked"), "a signed zone is green as well", findings)


def test_client_faults(tap, house):
    """One record changed at a time, and what must be said."""
    domain = "kunde.example"
    rsa = re.compile(r"^s1\._domainkey\.")
    bounce_spf = re.compile(r"^bounce\..* TXT")
    other = txt("v=DKIM1; k=ed25519; p=" + "A" * 43 + "=")
    cases = (
        ("no key", rsa, [], "DKIM", "there is no key record"),
        ("another key", rsa, [f"s1._domainkey {txt(dkim_record(house.keys['ed25519']))}"], "DKIM", "k=ed25519, but our key"),
        ("two keys", None, [f"s1._domainkey {other}"], "DKIM", "there are 2 TXT records"),
        ("the domain twice", rsa, [f"s1._domainkey.{domain} {other}"], "DKIM", "with the domain twice"),
        ("test mode", rsa, [f"s1._domainkey {txt(dkim_record(house.keys['rsa']).replace('k=', 't=y; k='))}"], "DKIM", "test mode"),
        ("no include", bounce_spf, [f"bounce {txt('v=spf1 mx -all')}"], "SPF", f"our address {IP} does not pass: fail"),
        ("two SPF records", None, [f"bounce {txt('v=spf1 -all')}"], "SPF", "has 2 SPF records"),
        ("no SPF record", bounce_spf, [], "SPF", "there is no SPF record"),
        ("eleven look-ups", bounce_spf, ["bounce " + txt("v=spf1 include:spf.agency.example " + "a:mx.kunde.example " * 10 + "-all")], "SPF",
         "11 DNS look-ups"),
        ("+all", bounce_spf, [f"bounce {txt('v=spf1 include:spf.agency.example +all')}"], "SPF", "everybody on earth"),
        ("null MX", re.compile("^@ MX"), ["@ MX 0 ."], "MX", "takes no mail"),
        ("no bounces", re.compile(r"^bounce\..* MX"), [], "MX", "bounces can't arrive"),
        ("strict DMARC", re.compile("^_dmarc"), [f"_dmarc {txt('v=DMARC1; p=reject; adkim=s; aspf=s')}"], None, None),
    )
    whole = house.zone(domain)
    for name, remove, add, topic, regex in cases:
        house.nameserver.change(domain, add=add, remove=remove)
        status, findings, green = house.check("kunde")
        if topic is None:
            tap.ok(status == OK and green, f"{name}: green", errors(findings))
        else:
            tap.ok(status == WANTING and not green and has(findings, "error", topic, regex), f"{name}: said", findings)
            lines = [finding.get("publish") for finding in errors(findings)]
            tap.ok(any(lines) or topic == "MX", f"{name}: with the line to publish", findings)
        house.nameserver.change(domain, add=whole, remove=re.compile(""))
    tap.equal(house.check("kunde")[0], OK, "and green again")


def test_inherited(tap, house):
    """A sub-domain without a DMARC record has its organization's, found by walking up the tree (RFC 9989): sp= of it."""
    house.nameserver.change("kunde.example", add=['brief TXT "v=spf1 -all"', f"_dmarc {txt('v=DMARC1; p=none; sp=quarantine')}"],
                            remove=re.compile("^_dmarc "))
    _, findings, _ = house.check("brief.kunde.example")
    tap.ok(has(findings, "ok", "DMARC", "the policy for brief.kunde.example is quarantine, from a parent domain", "_dmarc.kunde.example"),
           "a sub-domain's DMARC policy is its organization's", findings)


def test_setup_sheet(tap, house):
    """The issue's test vector, with and without the curly quotes."""
    for quotes in (("", ""), ("\u201e", "\u201c")):
        spf, dkim = quotes[0] + SHEET_SPF + quotes[1], quotes[0] + SHEET_DKIM + quotes[1]
        house.nameserver.change(SHEET, add=["@ MX 10 mx", "mx A 192.0.2.1", f"spf {txt(spf)}", f"20201204._domainkey {txt(dkim)}"],
                                remove=re.compile(""))
        status, findings, green = house.check(SHEET, "--selector", "20201204")
        kind = "setup sheet, curly quotes" if quotes[0] else "setup sheet"
        name = f"20201204._domainkey.{SHEET}"
        tap.equal((status, green), (WANTING, False), f"{kind}: not green")
        tap.ok(has(findings, "error", "SPF", "wrong name", f"spf.{SHEET}"), f"{kind}: SPF at the wrong name", findings)
        tap.ok(any(finding.get("publish") == f'{SHEET}. IN TXT "{SHEET_SPF}"' for finding in findings), f"{kind}: and the line at the right one",
               findings)
        tap.ok(has(findings, "error", "DKIM", r'junk within the key: character 167 of p= is "\("', name), f"{kind}: junk in the base64", findings)
        tap.ok(has(findings, "error", "DKIM", "1024 bits", name), f"{kind}: 1024 bits", findings)
        for topic, at in (("SPF", f"spf.{SHEET}"), ("DKIM", name)):
            tap.equal(has(findings, "error", topic, r"curly quotation mark \(U\+201E\) as character 1", at), bool(quotes[0]), f"{kind}: {topic}'s quotes")


def test_firewall(tap, house):
    """The zone's own servers can't be reached, as behind many a firewall: the resolver is asked, and it does not take long."""
    if house.nameserver.port != DOMAIN:
        tap.skip("own servers that are silent", "port 53 is taken")
        return
    address, *spare = house.sandbox.addresses.spare[1:5]
    records = {(SHEET, "SOA"): ["ns.kunde.example. h.kunde.example. 1 2 3 4 5"], (SHEET, "TXT"): ['"v=spf1 -all"'],
               (SHEET, "NS"): [f"far{n}.agency.example." for n in range(len(spare))]}
    records |= {(f"far{n}.agency.example", "A"): [far] for n, far in enumerate(spare)}
    house.write_config(resolver=f"{address}@{PORT}")
    with contextlib.ExitStack() as stack:
        stack.enter_context(ScriptedDns(address, PORT, records))
        servers = [stack.enter_context(ScriptedDns(far, DOMAIN, {}, scripted_dns.silent)) for far in spare]
        begun = time.monotonic()
        _, findings, _ = house.check(SHEET)
        tap.ok(has(findings, "ok", "SPF", "is sound"), "own servers that are silent: the resolver's answers count", findings)
        tap.ok(time.monotonic() - begun < 20, "and it does not take long", time.monotonic() - begun)
        tap.ok(all(server.asked for server in servers), "they were asked")
    house.write_config()


def test_servers(tap, house):
    """Servers that time out, lie or fail: said within ten seconds, and never green."""
    address = house.sandbox.addresses.spare[0]
    for script, regex in ((scripted_dns.silent, "no answer|not asked"), (scripted_dns.wrong_id, "answers other questions|not asked"),
                          (scripted_dns.refusing, "SERVFAIL"), (scripted_dns.garbage, "can't be read|no SPF record")):
        begun = time.monotonic()
        with ScriptedDns(address, PORT, {("kunde.example", "A"): ["192.0.2.1"]}, script):
            status, findings, green = house.check("kunde", "--resolver", f"{address}@{PORT}")
        name = script.__name__.replace("_", " ")
        tap.ok(status == WANTING and green is False and re.search(regex, json.dumps(findings)), f"{name}: not green, and why", findings)
        tap.ok(time.monotonic() - begun < 10, f"{name}: within ten seconds", time.monotonic() - begun)

    def authentic(_query, answer):
        answer.flags |= dns.flags.AD
        return [answer.to_wire()]
    with ScriptedDns(address, PORT, {("kunde.example", "SOA"): ["ns.kunde.example. h.kunde.example. 1 2 3 4 5"]}, authentic):
        _, findings, _ = house.check("kunde", "--resolver", f"{address}@{PORT}")
        tap.ok(has(findings, "note", "DNSSEC", "the resolver checked it"), "a validating resolver's word is told", findings)
    with ScriptedDns(address, PORT, {(SHEET, "TXT"): ['"v=spf1 -all"']}):
        done = subprocess.run([f"{house.postwelle.build}/postwelle", "-c", "/nonexistent", "dns", "check", SHEET, "--resolver",
                               f"{address}@{PORT}"], capture_output=True, text=True)
        tap.ok(done.returncode == WANTING and "no such domain" not in done.stdout and "record is sound" in done.stdout,
               "a domain can be checked before there is any configuration", done.stdout + done.stderr)
    done = house.postwelle.command("dns", "check", "nobody", check=False)
    tap.ok(done.returncode == USAGE and "neither a client" in done.stderr, "a name that is nothing", done.stderr)


def main():
    with Tap() as tap, Sandbox() as sandbox:
        house = House(tap, sandbox)
        house.write_client("kunde", "kunde.example")
        house.nameserver.add_zones({
            "kunde.example": house.zone("kunde.example"), SHEET: [], "agency.example": AGENCY,
            "2.0.192.in-addr.arpa": ["25 PTR mail.agency.example."]})
        for test in (test_records, test_letter, test_good, test_client_faults, test_inherited, test_setup_sheet, test_servers, test_firewall):
            test(tap, house)


if __name__ == "__main__":
    main()
