"""The main job, shown: a list goes in, signed mail comes out in waves, once. Run by packaging/quickstart, which builds first.

Everything is real: Postfix, our daemons and command, a second Postfix as the world with postgrey in front, NSD with the client's zone,
dkimpy and pyspf as verifiers that are not ours. It stands in one folder below /tmp and is gone at the end.
"""

import argparse
import csv
import io
import os
import re
import signal
import smtplib
import subprocess
import sys
import time

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
sys.path.insert(0, os.path.join(TOP, "tests"))

from harness.daemons import Postwelle  # noqa: E402
from harness.nameserver import Nameserver, dkim_record, receiving_zone, sending_zone, txt  # noqa: E402
from harness.postfix import SUBMISSION_PORT, sender_postfix  # noqa: E402
from harness.sandbox import Sandbox, SandboxError, wait_for  # noqa: E402
from harness.verify import verify  # noqa: E402
from harness.world import GREYLIST_SECONDS, World  # noqa: E402

SAMPLE = os.path.join(TOP, "tests", "data", "liste.xlsx")
CLIENT, DOMAIN, RETURN_PATH = "muster", "muster.example", "bounce.muster.example"
SELECTOR = "20261123"
PROJECT_MANAGER = f"anna@{DOMAIN}"
DELIVERY_SECONDS = 150


class Story:
    """Prints what happens, step by step, with the time since the start."""

    def __init__(self):
        self._start = time.monotonic()
        self.failures = []

    def step(self, text):
        print(f"\n[{time.monotonic() - self._start:5.1f} s] {text}", flush=True)

    def show(self, text):
        print("".join(f"    {line}\n" for line in text.rstrip().splitlines()), end="", flush=True)

    def expect(self, condition, good, bad):
        """Tell how it came out; what came out wrong ends in exit status 1."""
        print(f"    {'✓ ' + good if condition else '✗ ' + bad}", flush=True)
        if not condition:
            self.failures.append(bad)


def make_keys(sandbox):
    """The client's two signing keys, made by openssl."""
    folder = sandbox.mkdir("postwelle", "keys", mode=0o700)
    keys = {"rsa": ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"], "ed25519": ["ED25519"]}
    for name, words in keys.items():
        path = os.path.join(folder, f"{name}.pem")
        subprocess.run(["openssl", "genpkey", "-quiet", "-algorithm", *words, "-out", path], check=True,
                       capture_output=True)
        os.chmod(path, 0o400)
        keys[name] = path
    return keys


def write_client(postwelle, keys):
    postwelle.write_client(CLIENT, {
        "client": {"title": "Muster GmbH", "domains": DOMAIN, "return-path": RETURN_PATH,
                   "proof-to": PROJECT_MANAGER},
        "signing": {"domain": DOMAIN, "rsa-selector": SELECTOR, "rsa-key": keys["rsa"],
                    "ed25519-selector": f"{SELECTOR}e", "ed25519-key": keys["ed25519"]},
        "unsubscribe": {"uri": "https://umfrage.agency.example/u/", "mailto": "abmelden@agency.example"},
    })


def good_rows(postwelle, file):
    """The rows that will be imported, as list check prints them."""
    done = postwelle.command("list", "check", file, "--format", "csv", check=False)
    if done.returncode not in (0, 1):
        raise SandboxError(done.stderr.strip())
    return list(csv.DictReader(io.StringIO(done.stdout)))


class Scene:
    """The sandbox with everything in it, running."""

    def __init__(self, sandbox, list_file):
        self.sandbox = sandbox
        self.nameserver = Nameserver(sandbox)
        self.sender = sender_postfix(sandbox)
        self.postwelle = Postwelle(sandbox, self.sender, os.environ["POSTWELLE_BUILD"])
        keys = make_keys(sandbox)
        write_client(self.postwelle, keys)
        self.rows = good_rows(self.postwelle, list_file)
        domains = sorted({row["address"].rpartition("@")[2] for row in self.rows} - {DOMAIN})
        self.nameserver.add_zones({
            DOMAIN: sending_zone(sandbox.addresses, "bounce") + [
                f"{SELECTOR}._domainkey {txt(dkim_record(keys['rsa']))}",
                f"{SELECTOR}e._domainkey {txt(dkim_record(keys['ed25519']))}"],
            **{domain: receiving_zone(sandbox.addresses) for domain in domains}})
        self.world = World(sandbox, [DOMAIN, *domains])
        self.postwelle.init()
        self.postwelle.start()
        self.sender.start()
        self.tracker = sandbox.start(self.postwelle.argv("track"), "postwelle-track")

    def new_campaign(self, name, title):
        directory = os.path.join(self.sandbox.path, name)
        os.environ["POSTWELLE_DATADIR"] = os.path.join(TOP, "importer")
        self.postwelle.command("campaign", "new", directory, "--client", CLIENT, "--title", title)
        config = os.path.join(directory, "campaign.conf")
        with open(config, encoding="utf-8") as file:
            text = re.sub(r"(?m)^#?\s*sizes\s*=.*$", "sizes = 20%, 80%", file.read())
        with open(config, "w", encoding="utf-8") as file:
            file.write(text)
        return directory

    def invitations(self):
        """What arrived at participants; proofs go to the project manager."""
        return [mail for mail in self.world.mails() if mail.recipient != PROJECT_MANAGER]


def tell_list(story, scene, list_file):
    story.step(f"The client's list: {os.path.basename(list_file)}")
    done = scene.postwelle.command("list", "check", list_file, check=False)
    story.show(done.stdout)


def tell_import(story, scene, directory, list_file):
    story.step("Import, with the basis on which these people may be asked")
    done = scene.postwelle.command("import", directory, list_file, "--basis", "customer-relationship", "--assured-by",
                                   "A. Muster, Muster GmbH", check=False)
    story.show(done.stdout)
    if done.returncode not in (0, 1):
        raise SandboxError(done.stderr.strip())


def tell_proof_and_approval(story, scene, directory):
    story.step("Nothing goes out before the client has released it")
    early = scene.postwelle.command("wave", "open", directory, "1", check=False)
    story.show(early.stderr or early.stdout)
    story.expect(early.returncode != 0, "the wave stays closed", "a wave was opened without approval")
    story.step(f"A proof, the very mail of a row, to {PROJECT_MANAGER}")
    done = scene.postwelle.command("proof", directory)
    story.show(done.stdout)
    proof = scene.world.wait_for_mails(1, DELIVERY_SECONDS)[0]
    story.expect(proof.recipient == PROJECT_MANAGER, f"it arrived: {proof.subject}", f"it went to {proof.recipient}")
    content_hash = re.search(r"\b[0-9a-f]{64}\b", done.stdout).group()
    story.step("The client releases exactly this content")
    story.show(scene.postwelle.command("approve", directory, "--hash", content_hash, "--by", "Anna Muster").stdout)


def tell_wave(story, scene, directory, wave, expected):
    """Open a wave, wait until all that was fed is delivered; returns the number of mails delivered so far."""
    story.step(f"Wave {wave}")
    begun = time.monotonic()
    greylisted = len(scene.world.greylisted())
    done = scene.postwelle.command("wave", "open", directory, wave)
    story.show(done.stdout)
    wait_for(lambda: len(scene.world.greylisted()) > greylisted, "a greylisted mail in the world's log", 30)
    wait_for(lambda: not scene.sender.queued(), "delivery of the wave", DELIVERY_SECONDS, 0.3)
    arrived = len(scene.invitations())
    told = len(set(scene.world.greylisted()[greylisted:]))
    story.expect(arrived == expected(wave), f"{told} receivers said \"come again later\"; delivered {time.monotonic() - begun:.0f} "
                 f"seconds after the wave opened (the greylist wants {GREYLIST_SECONDS}); {arrived} invitations have arrived",
                 f"{arrived} invitations have arrived instead of {expected(wave)}")


def tell_verification(story, scene):
    story.step("What an independent verifier says of every mail that arrived (dkimpy, pyspf, the DMARC record)")
    mails = scene.world.mails()
    verdicts = [verify(mail, scene.nameserver) for mail in mails]
    story.show(f"{mails[-1].recipient}: {verdicts[-1]}\n…")
    good = sum(one.dkim == "pass" and one.spf == "pass" and one.dmarc == "pass" for one in verdicts)
    story.expect(good == len(mails), f"{good} of {len(mails)}: DKIM pass (RSA and Ed25519), SPF pass, DMARC pass, aligned",
                 "not verified: " + "; ".join(f"{mail.recipient} {one}" for mail, one in zip(mails, verdicts)
                                              if "fail" in str(one))[:500])


def tell_second_invitation(story, scene, list_file):
    before = len(scene.invitations())
    story.step("A second campaign of the same client in the same quarter, with the same list")
    directory = scene.new_campaign("second", "Noch eine Umfrage")
    tell_import(story, scene, directory, list_file)
    done = scene.postwelle.command("proof", directory)
    content_hash = re.search(r"\b[0-9a-f]{64}\b", done.stdout).group()
    scene.postwelle.command("approve", directory, "--hash", content_hash, "--by", "Anna Muster")
    story.show(scene.postwelle.command("wave", "open", directory, "1", check=False).stdout)
    story.step("Another program tries to invite one of them, by SMTP, as the client")
    reply = foreign_invitation(scene)
    story.show(reply)
    wait_for(lambda: not scene.sender.queued(), "an empty queue", DELIVERY_SECONDS, 0.3)
    story.expect(reply.startswith("550 ") and len(scene.invitations()) == before,
                 "second invitations refused, all of them", "a second invitation got through")


def foreign_invitation(scene):
    """The reply to RCPT for somebody who has been invited already."""
    with smtplib.SMTP(scene.sender.address, SUBMISSION_PORT) as smtp:
        smtp.ehlo("survey-system.agency.example")
        smtp.mail(f"umfrage@{DOMAIN}")
        code, text = smtp.rcpt(scene.invitations()[0].recipient)
    return f"{code} {text.decode()}"


def tell_end(story, scene, directory):
    story.step("Where the campaign stands")

    def is_settled():
        done = scene.postwelle.command("status", directory)
        return done.stdout if not re.search(r"(?m)^.*\bdeferred\b.*[1-9]", done.stdout) else None
    story.show(wait_for(is_settled, "the tracker to see all deliveries", 20, 0.5))
    addresses = [mail.recipient for mail in scene.invitations()]
    story.expect(len(set(addresses)) == len(addresses) == len(scene.rows),
                 f"{len(addresses)} participants, exactly one invitation each",
                 f"{len(addresses)} invitations to {len(set(addresses))} of {len(scene.rows)} participants")


def stay(scene, directory):
    """Leave it running until the user ends it."""
    command = " ".join(scene.postwelle.argv())
    print(f"""
It is all still running. Try, in another shell:

    pw="{command}"
    $pw --help
    $pw status {directory}
    tail -f {scene.sender.log}          # the sender's mail log
    ls {scene.world.postfix.path}/mail  # what arrived

Ctrl-C ends it.""", flush=True)
    signal.pause()


def play(story, sandbox, options):
    list_file = os.path.abspath(options.list)
    story.step("Setting up: Postfix with Postwelle, the world with a greylister, a name server, keys and records")
    scene = Scene(sandbox, list_file)
    total = len(scene.rows)
    tell_list(story, scene, list_file)
    directory = scene.new_campaign("spring", "Zufriedenheit 2026")
    tell_import(story, scene, directory, list_file)
    tell_proof_and_approval(story, scene, directory)
    first = wave_sizes(scene, directory)[0]
    tell_wave(story, scene, directory, 1, lambda wave: first)
    tell_wave(story, scene, directory, 2, lambda wave: total)
    tell_verification(story, scene)
    tell_second_invitation(story, scene, list_file)
    tell_end(story, scene, directory)
    if options.keep:
        stay(scene, directory)


def wave_sizes(scene, directory):
    """How many participants each wave has, by `status --json`."""
    import json
    status = json.loads(scene.postwelle.command("status", directory, "--json").stdout)
    return [wave["participants"] for wave in status["waves"]]


def main():
    parser = argparse.ArgumentParser(prog="packaging/quickstart", description="Show the main job in a sandbox.")
    parser.add_argument("list", nargs="?", default=SAMPLE, metavar="LIST.xlsx")
    parser.add_argument("--keep", action="store_true", help="leave it running at the end")
    options = parser.parse_args()
    story = Story()
    try:
        with Sandbox() as sandbox:
            play(story, sandbox, options)
    except SandboxError as error:
        print(f"\nquickstart: {error}", file=sys.stderr)
        sys.exit(1)
    if story.failures:
        print("\nNot as it should be:\n" + "".join(f"  {failure}\n" for failure in story.failures), file=sys.stderr)
        sys.exit(1)
    print("\nDone: everything happened as it should.")


if __name__ == "__main__":
    main()
