#!/usr/bin/python3
"""The audit trail of a real policyd: what a campaign leaves there, that it survives a lost ledger, and that whoever changes it is found.

Tampered with as somebody would who may write the ledger's files, and does not have the secret: through --dump and --load, with a new
check sum, and with the end cut off.
"""

import hashlib
import json
import os
import pwd
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.policy import PolicyClient
from harness.sandbox import Sandbox, wait_for
from harness.site import Mta, Site
from harness.tap import Tap

SOURCE = os.environ.get("G_TEST_SRCDIR", os.path.join(HERE, "..", ".."))
OK, WANTING, USAGE = 0, 1, 64


class Keeper:
    """policyd's own command line, while it does not run."""

    def __init__(self, site):
        self.site = site
        self.state = os.path.join(site.postwelle.path, "state")
        self.witness = os.path.join(site.postwelle.path, "witness")

    def run(self, *words):
        program = os.path.join(self.site.postwelle.build, "postwelle-policyd")
        return subprocess.run([program, "-c", self.site.postwelle.config, *words], capture_output=True, text=True, check=False)

    def stop(self):
        self.site.postwelle.policyd.stop()

    def dump(self):
        return self.run("--dump").stdout.splitlines()[:-1]

    def load(self, rows):
        """Those rows as a ledger, as if they had never been others. Says why not."""
        text = "".join(f"{row}\n" for row in rows)
        path = self.site.sandbox.write("rows", f"{text}end {len(rows) - 1} {hashlib.sha256(text.encode()).hexdigest()}\n")
        shutil.rmtree(os.path.join(self.state, "ledger"))
        self.run("--init")
        done = self.run("--load", path)
        assert done.returncode == OK, done


def trail(site, *words):
    done = site.postwelle.command("audit", *words, "--json", check=False)
    return done.returncode, json.loads(done.stdout)["audit"]


def test_trail(tap, site):
    """What a campaign leaves, in order, with who it was."""
    directory = site.ready("spur")
    with Mta(site.postwelle):
        site.postwelle.command("wave", "open", directory)
    site.postwelle.command("suppress", "add", "weg@spur.example", "--client", "kunde", "--reason", "weg@spur.example rief an")
    status, entries = trail(site)
    tap.equal(status, OK, "the chain is whole")
    actions = [entry["action"] for entry in entries]
    tap.equal(actions[0], "epoch", "it has a beginning")
    tap.equal([action for action in actions if action not in ("epoch", "settings")],
              ["import", "proof", "approve", "wave-open", "suppress"], "each step is there once, in order")
    tap.ok({"cap", "time-zone", "signing-domain"} <= {entry["subject"] for entry in entries if entry["action"] == "settings"},
           "what the client's file promises, too")
    steps = {entry["action"]: entry for entry in entries}
    tap.ok(all((entry["uid"], entry["user"]) == (os.getuid(), pwd.getpwuid(os.getuid()).pw_name) for entry in entries), "and who it was",
           entries)
    tap.equal((steps["approve"]["by"], steps["approve"]["detail"]), ("Kim Beispiel", "forced, despite DNS: no name server here"),
              "who approved, despite what")
    tap.match(steps["import"]["detail"], re.compile("40 new, .*consent: Bestandskunden, assured by Kim Beispiel"), "the consent")
    tap.ok("@" not in json.dumps(entries), "no address stands in it", entries)
    site.check("for people", OK, "(approve(.|\n)*)their chain is whole", "audit")
    status, of_campaign = trail(site, directory)
    tap.equal([entry["action"] for entry in of_campaign], ["import", "proof", "approve", "wave-open"], "of one campaign")
    tap.equal([entry["action"] for entry in trail(site, "--address", "weg@spur.example")[1]], ["suppress"], "about one address")
    tap.equal(len(trail(site, "--since", "1h")[1]), len(entries), "of the last hour")
    tap.equal(len(trail(site, "--since", "2099-01-01")[1]), 0, "of times to come")
    site.check("a time that is none", USAGE, "--since yesterday", "audit", "--since", "yesterday")
    client = PolicyClient(f"{site.postwelle.path}/run/control.sock")
    client.send("audit-list", limit=3)
    answers = client.read()
    client.close()
    tap.equal((len(answers) - 1, answers[-1]["last"], answers[-1]["faults"]), (2, "2", "0"), "a page of the request")


def test_settings(tap, site):
    before = trail(site)[1]
    path = os.path.join(site.postwelle.clients, "kunde.conf")
    with open(path, "r+", encoding="utf-8") as file:
        text = file.read()
        file.write("\n[cap]\nperiod = rolling 7d\n")
    site.postwelle.reload("policyd")
    entry = wait_for(lambda: next(iter(trail(site)[1][len(before):]), None), "the reload")
    tap.equal((entry["action"], entry["client"], entry["subject"], entry["detail"]),
              ("settings", "kunde", "cap", "calendar-quarter -> rolling 7d"), "a promise that is changed by a client's file is told")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def test_keys(tap, site):
    """Keys lie in files of their own: what is done to them while policyd is away is told later."""
    site.postwelle.write_client("zweit", {
        "client": {"title": "Zweit AG", "domains": "zweit.example", "return-path": "bounce.zweit.example"},
        "signing": {"domain": "zweit.example"},
        "unsubscribe": {"uri": "https://zweit.example/u/", "mailto": "ab@zweit.example"}})
    site.postwelle.reload("policyd")
    wait_for(lambda: trail(site, "--client", "zweit")[1], "the second client")

    def told():
        return [entry["detail"].split(",")[0] for entry in trail(site, "--client", "zweit")[1] if entry["action"] == "key"]

    site.postwelle.command("key", "new", "zweit", "--algorithm", "rsa")
    tap.equal(told(), ["rsa: new"], "a new key is told")
    site.postwelle.policyd.stop()
    site.check("without policyd a key is made all the same", OK, "not in the audit trail yet", "key", "new", "zweit", "--algorithm", "ed25519")
    site.postwelle.start_policyd()
    tap.equal(told(), ["rsa: new"], "and is not told")
    site.postwelle.command("key", "list", "zweit")
    tap.equal(told(), ["rsa: new", "ed25519: new"], "until somebody looks")


def test_lost_ledger(tap, site, keeper):
    """The ledger is gone: what the trail says comes back from the witness."""
    before = trail(site)[1]
    keeper.stop()
    shutil.rmtree(os.path.join(keeper.state, "ledger"))
    done = keeper.run("--replay")
    tap.equal(done.returncode, OK, "rebuilt from the witness")
    site.postwelle.start_policyd()
    status, after = trail(site)
    tap.equal((status, after[:len(before)]), (OK, before), "the trail is whole, and the same")
    rest = after[len(before):]
    tap.ok(rest[0]["action"] == "epoch" and "replayed from the witness by uid 0" in rest[0]["detail"], "and goes on with what was done",
           rest)


def is_audit(row):
    return row.startswith("audit ")


def change(rows):
    entry = [i for i, row in enumerate(rows) if is_audit(row)][4]
    assert "kunde" in rows[entry], rows[entry]
    return [row.replace("kunde", "hunde", 1) if i == entry else row for i, row in enumerate(rows)]


def remove(rows):
    entry = [row for row in rows if is_audit(row)][4]
    return [row for row in rows if row != entry]


def reorder(rows):
    keys = [i for i, row in enumerate(rows) if is_audit(row)][4:6]
    first, second = (rows[i].split(" ") for i in keys)
    swapped = list(rows)
    swapped[keys[0]] = " ".join((*first[:2], second[2]))
    swapped[keys[1]] = " ".join((*second[:2], first[2]))
    return swapped


def cut(rows):
    last = [row for row in rows if is_audit(row)][-1]
    return [row for row in rows if row != last]


def test_tampering(tap, site, keeper):
    keeper.stop()
    rows = keeper.dump()
    count = sum(map(is_audit, rows))
    kept = f"{keeper.state}.kept", f"{keeper.witness}.kept"
    for folder, copy in zip((keeper.state, keeper.witness), kept):
        shutil.copytree(folder, copy)
    for name, act, fault in (("changed", change, r"entry 5: it was changed"),
                             ("removed", remove, r"entry 5: it is missing"),
                             ("reordered", reorder, r"entry 5: it was put here: it was written as entry 6"),
                             ("cut off", cut, rf"entry {count}: ")):
        keeper.load(act(rows))
        site.postwelle.start_policyd()
        site.check(f"an entry that was {name} is found and named", WANTING, fault, "audit")
        status, entries = trail(site)
        tap.ok(status == WANTING and any(entry["fault"] for entry in entries), f"{name}: in JSON, too")
        site.check(f"{name}: whatever is asked for", WANTING, fault, "audit", "--client", "nobody")
        keeper.stop()
        for folder, copy in zip((keeper.state, keeper.witness), kept):
            shutil.rmtree(folder)
            shutil.copytree(copy, folder)
    site.postwelle.start_policyd()
    tap.equal(trail(site)[0], OK, "put back, it is whole")


def main():
    os.environ.setdefault("POSTWELLE_DATADIR", os.path.join(SOURCE, "importer"))
    with Tap() as tap, Sandbox() as sandbox:
        site = Site(tap, sandbox)
        keeper = Keeper(site)
        test_trail(tap, site)
        test_settings(tap, site)
        test_keys(tap, site)
        test_lost_ledger(tap, site, keeper)
        test_tampering(tap, site, keeper)


if __name__ == "__main__":
    main()
