"""The main job, shown: a list goes in, signed mail comes out in waves, once. Run by packaging/quickstart, which builds first.

Everything is real: Postfix, our daemons and command, a second Postfix as the world with postgrey in front, NSD with the client's zone,
dkimpy and pyspf as verifiers that are not ours. It stands in one folder below /tmp and is gone at the end.
"""

import argparse
import contextlib
import csv
import io
import json
import os
import re
import signal
import smtplib
import subprocess
import sys
import time

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
sys.path.insert(0, os.path.join(TOP, "tests"))

from harness.postfix import SUBMISSION_PORT  # noqa: E402
from harness.sandbox import Sandbox, SandboxError, wait_for  # noqa: E402
from harness.scene import DOMAIN, PROJECT_MANAGER, Scene  # noqa: E402
from harness.verify import verify  # noqa: E402
from harness.world import GREYLIST_SECONDS  # noqa: E402

SAMPLE = os.path.join(TOP, "tests", "data", "liste.xlsx")
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


def good_rows(build, file):
    """The rows that will be imported, as list check prints them."""
    done = subprocess.run([f"{build}/postwelle", "list", "check", file, "--format", "csv"], capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise SandboxError(done.stderr.strip())
    return list(csv.DictReader(io.StringIO(done.stdout)))


def tell_list(story, scene, list_file):
    story.step(f"The client's list: {os.path.basename(list_file)}")
    done = scene.postwelle.command("list", "check", list_file, check=False)
    story.show(done.stdout)


def tell_import(story, scene, directory, list_file):
    story.step("Import, with the basis on which these people may be asked")
    done = scene.import_list(directory, list_file)
    story.show(done.stdout)
    if done.returncode not in (0, 1):
        raise SandboxError(done.stderr.strip())


def tell_proof_and_approval(story, scene, directory):
    story.step("Nothing goes out before the client has released it")
    early = scene.postwelle.command("wave", "open", directory, "1", check=False)
    story.show(early.stderr or early.stdout)
    story.expect(early.returncode != 0, "the wave stays closed", "a wave was opened without approval")
    story.step(f"A proof, the very mail of a row, to {PROJECT_MANAGER}, and her release of exactly this content")
    proof, approval, _ = scene.release(directory)
    story.show(proof)
    mail = scene.world.wait_for_mails(1, DELIVERY_SECONDS)[0]
    story.expect(mail.recipient == PROJECT_MANAGER, f"the proof arrived: {mail.subject}", f"it went to {mail.recipient}")
    story.show(approval)


def tell_wave(story, scene, directory, wave, expected):
    """Open a wave and wait until `expected` invitations have arrived, with those of the waves before."""
    story.step(f"Wave {wave}")
    begun = time.monotonic()
    greylisted = len(scene.world.greylisted())
    done = scene.postwelle.command("wave", "open", directory, wave)
    story.show(done.stdout)
    wait_for(lambda: len(scene.world.greylisted()) > greylisted, "a greylisted mail in the world's log", 30)
    with contextlib.suppress(SandboxError):
        wait_for(lambda: len(scene.invitations()) >= expected, "delivery of the wave", DELIVERY_SECONDS, 0.3)
    arrived = len(scene.invitations())
    told = len(set(scene.world.greylisted()[greylisted:]))
    story.expect(arrived == expected, f"{told} receivers said \"come again later\"; delivered {time.monotonic() - begun:.0f} "
                 f"seconds after the wave opened (the greylist wants {GREYLIST_SECONDS}); {arrived} invitations have arrived",
                 f"{arrived} invitations have arrived instead of {expected}")


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
    scene.release(directory)
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


def tell_end(story, scene, directory, total):
    story.step("Where the campaign stands")

    def is_settled():
        done = scene.postwelle.command("status", directory)
        return done.stdout if not re.search(r"(?m)^.*\b(?:greylisted|deferred)\b.*[1-9]", done.stdout) else None
    story.show(wait_for(is_settled, "the tracker to see all deliveries", 20, 0.5))
    addresses = [mail.recipient for mail in scene.invitations()]
    story.expect(len(set(addresses)) == len(addresses) == total,
                 f"{len(addresses)} participants, exactly one invitation each",
                 f"{len(addresses)} invitations to {len(set(addresses))} of {total} participants")


def report_files(scene):
    return [os.path.join(scene.sandbox.path, f"spring.{form}") for form in ("html", "xlsx")]


def tell_report(story, scene, directory, total):
    story.step("The report for the client, and why somebody has a mail")
    for path in report_files(scene):
        story.show(scene.postwelle.command("report", directory, "-o", path).stdout)
    with open(report_files(scene)[0], encoding="utf-8") as file:
        page = file.read()
    story.expect(f"genau einmal gezählt: {total} von {total}." in page, "it accounts for every participant exactly once",
                 "the report's sum is not the import")
    story.expect("0 Nachladungen, 0 Öffnungsmessung" in page, "0 remote loads, 0 open tracking: checked for the report",
                 "the report does not say that the content loads nothing")
    story.show(scene.postwelle.command("why", scene.invitations()[0].recipient, "--lang", "en").stdout)


def stay(scene, directory):
    """Leave it running until the user ends it."""
    command = " ".join(scene.postwelle.argv())
    print(f"""
It is all still running. Try, in another shell:

    export POSTWELLE_DATADIR={os.path.join(TOP, "importer")}     # where campaign new finds its templates
    pw="{command}"
    $pw --help
    $pw status {directory}
    xdg-open {report_files(scene)[0]}     # or {os.path.basename(report_files(scene)[1])} beside it
    tail -f {scene.sender.log}          # the sender's mail log
    ls {scene.world.postfix.path}/mail  # what arrived

Ctrl-C ends it.""", flush=True)
    signal.pause()


def play(story, sandbox, options):
    list_file = os.path.abspath(options.list)
    story.step("Setting up: Postfix with Postwelle, the world with a greylister, a name server, keys and records")
    build = os.environ["POSTWELLE_BUILD"]
    rows = good_rows(build, list_file)
    scene = Scene(sandbox, [row["address"].rpartition("@")[2] for row in rows], build=build)
    tell_list(story, scene, list_file)
    directory = scene.new_campaign("spring", "Zufriedenheit 2026")
    tell_import(story, scene, directory, list_file)
    tell_proof_and_approval(story, scene, directory)
    first = wave_sizes(scene, directory)[0]
    tell_wave(story, scene, directory, 1, first)
    tell_wave(story, scene, directory, 2, len(rows))
    tell_verification(story, scene)
    tell_second_invitation(story, scene, list_file)
    tell_end(story, scene, directory, len(rows))
    tell_report(story, scene, directory, len(rows))
    if options.keep:
        stay(scene, directory)


def wave_sizes(scene, directory):
    """How many participants each wave has, by `status --json`."""
    status = json.loads(scene.postwelle.command("status", directory, "--json").stdout)
    return [int(wave["total"]) for wave in status["waves"]]


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
