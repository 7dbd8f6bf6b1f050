"""The main job with everything real: list, proof, approval, waves killed in the middle, greylisting, verification, the cap."""

import csv
import json
import os
import re
import signal
import smtplib
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.postfix import SUBMISSION_PORT
from harness.prometheus import parse, value
from harness.sandbox import Sandbox, wait_for
from harness.scene import CLIENT, DOMAIN, PROJECT_MANAGER, Scene
from harness.tap import Tap
from harness.verify import verify

ROWS = 300
DOMAINS = ("kunde.example", "post.example", "firma.test")
KILLS = 4
SECONDS = 120


def write_list(sandbox, name, rows):
    """A CSV list of that many participants."""
    path = os.path.join(sandbox.path, name)
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["Anrede", "Vorname", "Nachname", "E-Mail", "Produkt"])
        for row in range(rows):
            writer.writerow(["Frau", "Anna", f"Müller-{row}", f"anna.{row}@{DOMAINS[row % len(DOMAINS)]}", "Ökostrom"])
    return path


def status_of(scene, directory):
    """What `status --json` says."""
    return json.loads(scene.postwelle.command("status", directory, "--json").stdout)


def count_states(scene, directory):
    """How many participants are in each state, over all waves."""
    waves = status_of(scene, directory)["waves"]
    states = [name for name in waves[0] if name not in ("wave", "opened", "total")]
    total = {state: sum(int(wave[state]) for wave in waves) for state in states}
    return {state: count for state, count in total.items() if count}


def test_release(tap, scene, directory, rows):
    """Nothing leaves before the client has released it, nor after it was changed."""
    early = scene.postwelle.command("wave", "open", directory, check=False)
    tap.equal(early.returncode, 1, "a wave of a campaign that is not approved is refused")
    tap.match(early.stderr, re.compile("approve"), "and the message says what to do")
    scene.release(directory)
    proof = scene.world.wait_for_mails(1, SECONDS)[0]
    tap.equal(proof.recipient, PROJECT_MANAGER, "the proof goes to the client")
    scene.edit(directory, r"(?m)^subject\s*=.*$", "subject = Changed after the release")
    changed = scene.postwelle.command("wave", "open", directory, check=False)
    tap.equal(changed.returncode, 1, "a campaign that was changed after the approval is refused")
    tap.equal(len(scene.invitations()), 0, "nothing has arrived at a participant")
    scene.release(directory)


def test_killed_feeder(tap, scene, directory, rows):
    """wave open, killed with SIGKILL in the middle and run again, ends with one invitation for each participant."""
    for kill in range(KILLS):
        mark = scene.sender.log_size()
        feeder = subprocess.Popen(scene.postwelle.argv("wave", "open", directory, "1"), stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: scene.sender.read_log(mark).count("queue active") > 5 * (kill + 1), "mails under way", SECONDS)
        feeder.send_signal(signal.SIGKILL)
        feeder.wait()
        queued = scene.sender.read_log().count("queue active")
        tap.ok(queued < rows, f"killed in the middle ({queued} of {rows} mails had been queued)")
    done = scene.postwelle.command("wave", "open", directory, "1", check=False)
    tap.equal(done.returncode, 0, "the last run goes through")
    if done.returncode:
        tap.note(done.stdout + done.stderr)


def test_delivery(tap, scene, directory, rows):
    # postqueue may miss a mail in motion: the queue must be empty after all have arrived.
    wait_for(lambda: len(scene.invitations()) >= rows, "delivery through the greylist", SECONDS, 0.5)
    wait_for(lambda: not scene.sender.queued(), "an empty queue", SECONDS, 0.5)
    mails = scene.invitations()
    recipients = sorted(mail.recipient for mail in mails)
    tap.equal(len(recipients), rows, "as many invitations as participants")
    tap.equal(len(set(recipients)), rows, "exactly one for each")
    tap.ok(len(set(scene.world.greylisted())) >= rows, "each was greylisted first")
    verdicts = {str(verify(mail, scene.nameserver)) for mail in mails}
    tap.ok(all("fail" not in one and "none" not in one.replace("none)", "") and "dmarc=pass" in one for one in verdicts),
           "every mail verifies: DKIM with both keys, SPF, DMARC", verdicts)
    tap.ok(all(len(verify(mail, scene.nameserver).signatures) == 2 for mail in mails[:10]), "signed with RSA and Ed25519")
    wait_for(lambda: count_states(scene, directory) == {"sent": rows}, "the tracker's account", 30, 0.5)
    tap.equal(count_states(scene, directory), {"sent": rows}, "the ledger says that all were sent")


def test_metrics(tap, scene, rows):
    """What Prometheus is told agrees with what happened."""
    done = scene.postwelle.command("metrics")
    samples = parse(done.stdout)
    tap.equal(done.stderr, "", "all could be asked")
    accepted = value(samples, "postwelle_milter_messages_total", action="accept", reason="ok")
    tap.ok(accepted >= rows + 2, "the mails that the milter accepted, with the proofs", accepted)
    signatures = [value(samples, "postwelle_milter_signatures_total", algorithm=f"{name}-sha256") for name in ("rsa", "ed25519")]
    tap.ok(min(signatures) >= accepted and signatures[0] == signatures[1], "each signed twice", signatures)
    tap.ok(value(samples, "postwelle_milter_end_of_message_seconds_count") >= accepted, "and timed")
    tap.equal(value(samples, "postwelle_mails", client=CLIENT, campaign="spring", kind="invitation", state="sent"), rows, "all are sent")
    tap.ok(value(samples, "postwelle_policyd_requests_total", request="smtpd_access_policy", answer="dunno") >= rows, "Postfix asked at RCPT")
    tap.equal([value(samples, "postwelle_queue_mails", client=CLIENT, queue=queue) for queue in ("active", "deferred", "hold")],
              [0, 0, 0], "the queue is empty")
    tap.ok(value(samples, "postwelle_track_read_timestamp_seconds") > 0, "the tracker reads")


def test_dns_gate(tap, scene, directory):
    """The client's DNS is looked at again before the first wave of a day."""
    removed = re.compile("_domainkey")
    records = [record for record in scene.nameserver.records(DOMAIN) if removed.search(record)]
    scene.nameserver.change(DOMAIN, remove=removed)
    done = scene.postwelle.command("wave", "open", directory, check=False)
    tap.equal(done.returncode, 1, "no wave is opened for a client whose keys are gone from DNS")
    tap.match(done.stderr, re.compile("_domainkey(.|\\n)*stays closed .* --despite-dns REASON"), "and it is said what to do")
    scene.nameserver.change(DOMAIN, add=records)


def test_second_invitation(tap, scene, file, rows):
    """Another campaign of the same client in the same quarter reaches nobody."""
    before = len(scene.invitations())
    directory = scene.new_campaign("second", "Noch eine Umfrage", "100%")
    done = scene.import_list(directory, file)
    tap.match(done.stdout, re.compile(rf"\b{rows}\b.*capped|capped.*\b{rows}\b", re.S), "the import says that all are capped")
    scene.release(directory)
    test_dns_gate(tap, scene, directory)
    scene.postwelle.command("wave", "open", directory, check=False)
    tap.equal(count_states(scene, directory), {"capped": rows}, "all are capped")
    with smtplib.SMTP(scene.sender.address, SUBMISSION_PORT) as smtp:
        smtp.ehlo("survey.agency.example")
        smtp.mail(f"umfrage@{DOMAIN}")
        code, text = smtp.rcpt(scene.invitations()[0].recipient)
    tap.equal(code, 550, f"another program is refused at RCPT: {text.decode()}")
    wait_for(lambda: not scene.sender.queued(), "an empty queue", SECONDS, 0.5)
    tap.equal(len(scene.invitations()), before, "nobody was invited again")


def test_what_is_missing(tap, scene, directory):
    """A part that is away: a clear error, exit status 69, nothing half done."""
    scene.sender.stop()
    scene.edit(directory, r"(?m)^title\s*=.*$", "title = Without Postfix")
    done = scene.postwelle.command("proof", directory, "--again", check=False)
    tap.equal(done.returncode, 69, "without Postfix: exit status 69")
    tap.match(done.stderr, re.compile("Postfix"), "and the message names it")
    scene.postwelle.policyd.stop()
    done = scene.postwelle.command("status", directory, check=False)
    tap.equal(done.returncode, 69, "without policyd: exit status 69")
    tap.match(done.stderr, re.compile("postwelle-policyd"), "and the message names it")


def main():
    with Tap() as tap, Sandbox() as sandbox:
        scene = Scene(sandbox, DOMAINS)
        file = write_list(sandbox, "list.csv", ROWS)
        directory = scene.new_campaign("spring", "Zufriedenheit", "100%")
        done = scene.import_list(directory, file)
        tap.equal(done.returncode, 0, "the list is imported")
        test_release(tap, scene, directory, ROWS)
        test_killed_feeder(tap, scene, directory, ROWS)
        test_delivery(tap, scene, directory, ROWS)
        test_metrics(tap, scene, ROWS)
        test_second_invitation(tap, scene, file, ROWS)
        test_what_is_missing(tap, scene, directory)


if __name__ == "__main__":
    main()
