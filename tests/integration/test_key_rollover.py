#!/usr/bin/python3
"""A client's keys from their making to their end, with real name servers: nothing signs that DNS does not publish."""

import json
import os
import pwd
import re
import stat
import subprocess
import sys
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness import scripted_dns
from harness.daemons import Postwelle
from harness.nameserver import Nameserver, dkim_record
from harness.sandbox import DOMAIN, Sandbox
from harness.scripted_dns import ScriptedDns
from harness.tap import Tap

OK, WANTING, USAGE, CONFIG = 0, 1, 64, 78
ZONE = "kunde.example"
KEY_KEEP = 14 * 86400


class House:
    def __init__(self, tap, sandbox):
        self.tap = tap
        self.sandbox = sandbox
        self.nameserver = Nameserver(sandbox)
        self.nameserver.add_zone(ZONE)
        sender = SimpleNamespace(queue=sandbox.mkdir("sender", "queue"), address="127.0.0.1",
                                 config=sandbox.mkdir("sender", "config"), log="/dev/null")
        self.postwelle = Postwelle(sandbox, sender)
        self.postwelle.write_config(policyd={"milter-user": "nobody"},
                                    dns={"resolver": f"{self.nameserver.address}@{self.nameserver.port}"})
        self.postwelle.write_client("kunde", {
            "client": {"title": "Kunde GmbH", "domains": ZONE, "return-path": f"bounce.{ZONE}"},
            "signing": {"domain": ZONE},
            "unsubscribe": {"uri": "https://kunde.example/u/", "mailto": "ab@kunde.example"}})
        self.folder = os.path.join(self.postwelle.path, "keys", "kunde")

    def check(self, name, status, regex, *words):
        done = self.postwelle.command("key", *words, check=False)
        text = done.stdout + done.stderr
        self.tap.ok(done.returncode == status and re.search(regex, text), name,
                    f"exit status {done.returncode}, expected {status} and {regex!r}\n{text}")
        return done.stdout

    def json(self, status, *words):
        """The same with --json: what it prints."""
        done = self.postwelle.command("key", *words, "--json", check=False)
        self.tap.equal(done.returncode, status, f"key {words[0]} --json")
        return json.loads(done.stdout)

    def states(self):
        return {row["selector"]: row["state"] for row in self.json(OK, "list", "kunde")["keys"]}

    def milter(self):
        """What postwelle-milter --check says, as the milter's user."""
        program = self.postwelle.program_for_all("postwelle-milter")
        done = subprocess.run([program, "-c", self.postwelle.config, "--check"],
                              capture_output=True, text=True, user="nobody", group="nogroup", extra_groups=[])
        return done.returncode, done.stdout + done.stderr


def test_new(tap, house):
    lines = house.check("key new prints the two records", OK, "IN TXT", "new", "kunde").splitlines()
    tap.equal(len(lines), 2, "two keys")
    selectors = list(house.states())
    tap.ok(re.fullmatch(r"2\d{7}", selectors[0]) and selectors[1] == selectors[0] + "e", "the selectors are the day's", selectors)
    for selector, line in zip(selectors, lines):
        path = os.path.join(house.folder, f"{selector}.pem")
        info = os.stat(path)
        tap.equal((stat.S_IMODE(info.st_mode), info.st_uid), (0o400, pwd.getpwnam("nobody").pw_uid), f"{selector}: 0400, the milter's user")
        text = "".join(re.findall(r'"([^"]*)"', line))
        tap.equal(text, dkim_record(path), f"{selector}: the record is the one that openssl makes")
        tap.ok(all(len(piece) <= 255 for piece in re.findall(r'"([^"]*)"', line)), f"{selector}: strings of 255 octets at most")
    house.check("not published: not active", WANTING, "only a published key", "activate", "kunde", selectors[0])
    house.check("check: seen nowhere", WANTING, r"on 0 of 1 name servers(.|\n)*there is no key record(.|\n)*publish: ", "check", "kunde")
    tap.equal(set(house.states().values()), {"new"}, "so they stay new")
    return selectors, lines


def test_publish(tap, house, selectors, lines):
    records = [line.replace(f".{ZONE}. IN", "") for line in lines]
    house.nameserver.change(ZONE, add=[records[0].replace('k=rsa; p=M', 'k=rsa; p=N')])
    house.check("a wrong record does not count", WANTING, "on 0 of 1", "check", "kunde", selectors[0])
    key, = house.json(WANTING, "check", "kunde", selectors[0])["keys"]
    tap.equal((key["selector"], key["state"], key["hosts"], key["seen"], key["record"], len(key["missing"]) > 0),
              (selectors[0], "new", 1, 0, lines[0], True), "in JSON, too")
    house.nameserver.change(ZONE, remove=re.compile("k=rsa; p=N"), add=records)
    house.check("check: seen", OK, f"{selectors[0]} is published(.|\n)*{selectors[1]} is published", "check", "kunde")
    house.check("nothing more to check", WANTING, "has no new key", "check", "kunde")
    status, text = house.milter()
    tap.equal(status, OK, "the milter's configuration is good without active keys")
    removed = re.compile(re.escape(selectors[1]))
    house.nameserver.change(ZONE, remove=removed)
    house.check("what is no longer there when it is made active stays published", WANTING, f"{selectors[0]} is active", "activate", "kunde")
    tap.equal(list(house.states().values()), ["active", "published"], "RSA signs, Ed25519 does not yet")
    house.nameserver.change(ZONE, add=[records[1]])
    house.check("and then both", OK, f"{selectors[1]} is active", "activate", "kunde")
    status, text = house.milter()
    tap.equal(status, OK, "the milter's user can load them")


def test_two_servers(tap, house):
    """The zone gets a second name server, which is behind, silent, and then right."""
    if house.nameserver.port != DOMAIN:
        tap.skip("two name servers", "port 53 is taken")
        return
    address = house.sandbox.addresses.spare[0]
    made = house.json(OK, "new", "kunde", "--algorithm", "rsa")
    key, = made["keys"]
    line, selector = key.pop("record"), key["selector"]
    tap.equal((made["client"], key), ("kunde", house.json(OK, "list", "kunde")["keys"][-1]), "another key of the same day, as key list shows it")
    tap.ok(selector.endswith("-2") and line.startswith(f"{selector}._domainkey"), "its selector has a number", made)
    house.nameserver.change(ZONE, add=["@ NS ns2", f"ns2 A {address}", line.replace(f".{ZONE}. IN", "")])
    name = f"{selector}._domainkey.{ZONE}"
    record = {(name, "TXT"): [re.sub(r".* IN TXT ", "", line)]}
    with ScriptedDns(address, DOMAIN, {(ZONE, "A"): ["192.0.2.1"]}):
        house.check("a server that is behind", WANTING, r"on 1 of 2(.|\n)*at ns2.kunde.example: there is no key record", "check", "kunde")
    with ScriptedDns(address, DOMAIN, record, scripted_dns.silent):
        house.check("a server that is silent", WANTING, r"on 1 of 2(.|\n)*does not answer", "check", "kunde")
    with ScriptedDns(address, DOMAIN, record, scripted_dns.lame):
        house.check("a server without authority", WANTING, r"on 1 of 2(.|\n)*without authority", "check", "kunde")
    with ScriptedDns(address, DOMAIN, record, scripted_dns.truncated):
        house.check("both have it", OK, f"on 2 of 2(.|\n)*{selector} is published", "check", "kunde")
        tap.equal([(key["selector"], key["state"]) for key in house.json(OK, "activate", "kunde")["keys"]], [(selector, "active")], "active")
    return selector


def test_end(tap, house, selectors, second):
    if second is None:
        house.check("the only RSA key can't be retired", WANTING, "only RSA key", "retire", "kunde", selectors[0])
        return
    tap.equal(house.json(OK, "retire", "kunde", selectors[0]), {"client": "kunde", "selector": selectors[0], "state": "retired"}, "retire")
    house.check("the last RSA key can't be retired", WANTING, "only RSA key", "retire", "kunde", second)
    house.check("mails are under way", WANTING, "14 days yet", "delete", "kunde", selectors[0])
    index = os.path.join(house.folder, "keys.conf")
    with open(index, encoding="utf-8") as file:
        text = file.read()
    house.sandbox.write(index, re.sub(r"^retired=(\d+)$", lambda match: f"retired={int(match[1]) - KEY_KEEP}", text, flags=re.M))
    house.check("after 14 days", OK, "is deleted", "delete", "kunde", selectors[0])
    tap.ok(not os.path.exists(os.path.join(house.folder, f"{selectors[0]}.pem")), "its file is gone")
    house.check("no such key", USAGE, "key list", "delete", "kunde", selectors[0])


def test_swapped(tap, house, selectors):
    """A private key that is not the published one never signs."""
    path = os.path.join(house.folder, f"{selectors[1]}.pem")
    os.unlink(path)
    subprocess.run(["openssl", "genpkey", "-algorithm", "ED25519", "-out", path], check=True, capture_output=True)
    os.chmod(path, 0o400)
    os.chown(path, pwd.getpwnam("nobody").pw_uid, -1)
    status, text = house.milter()
    tap.ok(status == CONFIG and "is not the key that was published" in text, "the milter refuses it", f"{status} {text}")


def main():
    with Tap() as tap, Sandbox() as sandbox:
        house = House(tap, sandbox)
        selectors, lines = test_new(tap, house)
        test_publish(tap, house, selectors, lines)
        second = test_two_servers(tap, house)
        test_end(tap, house, selectors, second)
        test_swapped(tap, house, selectors)
        house.check("unknown client", USAGE, "client list", "list", "fremd")


if __name__ == "__main__":
    main()
