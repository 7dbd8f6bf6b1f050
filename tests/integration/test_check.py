#!/usr/bin/python3
"""postwelle check on a real private Postfix: nothing is found where all is right; each thing taken back is found, with its remedy."""

import contextlib
import glob
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.policy import PolicyClient
from harness.postfix import SUBMISSION_PORT, run
from harness.sandbox import Sandbox, wait_for
from harness.scene import CLIENT, DOMAIN, TOP, Scene
from harness.tap import Tap

SETUP = " setup postfix --apply"
# What the table's value is changed to, where taking the setting out would leave Postfix's default, which is right in some versions.
WRONG = {"milter_default_action": "accept", "enable_long_queue_ids": "no", "smtpd_forbid_bare_newline": "no",
         "smtpd_forbid_unauth_pipelining": "no"}
# Options without which a wave is slow, its listener busy, or the log short, and no more.
MINOR = {"smtpd_error_sleep_time", "smtpd_soft_error_limit", "smtpd_hard_error_limit", "smtpd_peername_lookup",
         "smtpd_tls_security_level", "smtpd_sasl_auth_enable", "smtp_tls_loglevel"}
# What follows from a setting that others refer to, or that alone refers to another: postconf(1) does not tell of a name of ours that
# nothing refers to.
FOLLOWS = {
    "relay_domains": "postwelle_return_domains",
    "smtp_header_checks": "postwelle_sending",
    "postwelle/unix": "postwelle_sending|postwelle_destination_recipient_limit",
    "postwelle-bounce/unix": "postwelle-bounce_destination_recipient_limit",
    "postwelle_milter": r"(.*/)?(non_)?smtpd_milters",
    "postwelle_policy": r"(.*/)?smtpd_recipient_restrictions",
}


def table(name):
    """The rows of a table in importer/postfix_table.c: (name, rule, value)."""
    with open(os.path.join(TOP, "importer", "postfix_table.c"), encoding="utf-8") as file:
        rows = re.search(rf"{name}\[\] = {{(.*?)^}};", file.read(), re.S | re.M).group(1)
    found = re.findall(r'^    {"([\w-]+)", (POSTFIX_\w+),\s+"([^"]*)"', rows, re.M)
    assert len(found) > 5, name
    return found


class Checked:
    """The installation, and what check says of it beside what it always says on this machine (of its clock, and that nothing rotates a log here)."""

    def __init__(self, tap, scene):
        self.tap = tap
        self.scene = scene
        self.postfix = scene.sender
        self.always = set()

    def look(self, *words):
        addresses = self.scene.sandbox.addresses
        words = words or ("--resolver", f"{addresses.nameserver}@{addresses.dns_port}")
        done = self.scene.postwelle.command("check", "--json", *words, check=False)
        answer = json.loads(done.stdout)
        found = [one for one in answer["findings"] if one["level"] in ("error", "warning")]
        errors = any(one["level"] == "error" for one in found)
        assert answer["good"] is not errors and done.returncode == errors, done
        return [one for one in found if (one["section"], one["name"]) not in self.always]

    def finds(self, what, name, remedy, level="error", also=None, words=("--offline",)):
        """check finds what that regex names, with that level, a remedy as given by its regex, and nothing else but what `also` matches."""
        found = self.look(*words)
        ours = [one for one in found if re.fullmatch(name, one["name"])]
        others = [one for one in found if one not in ours and not re.fullmatch(also or "", one["name"])]
        good = ours and not others and ours[0]["level"] == level and re.search(remedy, ours[0].get("to_do", ""))
        self.tap.ok(good, what, json.dumps(found, indent=1))

    def fine(self, what, words=("--offline",)):
        found = self.look(*words)
        self.tap.ok(not found, what, json.dumps(found, indent=1))

    # --- what is taken back

    def settle(self):
        """Postfix's programs wait for two seconds to read a file that has just been written."""
        old = time.time() - 60
        for name in ("main.cf", "master.cf"):
            os.utime(os.path.join(self.postfix.config, name), (old, old))

    def postconf(self, *words):
        run(["postconf", "-c", self.postfix.config, *words])
        self.settle()

    def configuration(self):
        """A context: the two files are put back."""
        return Kept(self, [os.path.join(self.postfix.config, name) for name in ("main.cf", "master.cf")])

    def mode(self, path, mode):
        return Mode(path, mode)


class Kept:
    def __init__(self, checked, paths):
        self.checked = checked
        self.paths = paths

    def __enter__(self):
        self.texts = [open(path, encoding="utf-8").read() for path in self.paths]

    def __exit__(self, *_):
        for path, text in zip(self.paths, self.texts):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        self.checked.settle()


class Stranger:
    """A server that is no milter at a milter's socket."""

    def __init__(self, path):
        self.path = path
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)

    def __enter__(self):
        self.listener.bind(self.path)
        os.chmod(self.path, 0o666)
        self.listener.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                connection.recv(4096)

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        os.remove(self.path)


class Mode:
    def __init__(self, path, mode):
        self.path = path
        self.mode = mode

    def __enter__(self):
        self.old = os.stat(self.path).st_mode & 0o7777
        os.chmod(self.path, self.mode)

    def __exit__(self, *_):
        os.chmod(self.path, self.old)


def test_settings(tap, checked):
    """Each row of the tables that set-up writes."""
    defaults = dict(line.split(" = ", 1) if " = " in line else (line.rstrip(" ="), "") for line in
                    run(["postconf", "-d", "-c", checked.postfix.config]).splitlines())
    for name, rule, value in table("postfix_settings"):
        if "@maillog@" in value or (rule == "POSTFIX_SUGGESTED" and defaults[name] == value) or rule == "POSTFIX_MEMBER_IF_SET":
            continue
        with checked.configuration():
            checked.postconf(*(["-e", f"{name}={WRONG[name]}"] if name in WRONG else ["-X", name]))
            level = "warning" if rule == "POSTFIX_SUGGESTED" else "error"
            checked.finds(f"{name} taken back", name, re.escape(SETUP), level, FOLLOWS.get(name))
    listener = f"{checked.postfix.address}:{SUBMISSION_PORT}/inet"
    for service, options in ((listener, "listener_options"), ("postwelle/unix", "transport_options")):
        for name, _, _ in table(options):
            if name == "syslog_name" and service == listener:
                continue  # by that the entry is known
            with checked.configuration():
                checked.postconf("-PX", f"{service}/{name}")
                checked.finds(f"{service}: {name} taken back", re.escape(f"{service}/{name}"), re.escape(SETUP),
                              "warning" if name in MINOR else "error", FOLLOWS.get(name))
    for service in (listener, "postwelle/unix", "postwelle-bounce/unix", "postwelle-unsubscribe/unix"):
        with checked.configuration():
            checked.postconf("-MX", service)
            checked.finds(f"{service} taken away", re.escape(service), re.escape(SETUP), also=FOLLOWS.get(service))
    with checked.configuration():
        checked.postconf("-X", "smtpd_milters", "transport_maps", "enable_long_queue_ids")
        checked.postconf("-MX", "postwelle/unix")
        checked.scene.postwelle.command("setup", "postfix", "--apply")
        checked.settle()
        checked.fine("the remedy puts all of it right")


def test_ways_round(tap, checked):
    """What nobody set up, and somebody may add."""
    sandbox = checked.scene.sandbox
    discard = sandbox.write("discard", "/^X-Nothing:/ DISCARD\n")
    hold = sandbox.write("hold", "/^X-Nothing:/ IGNORE\n/^Subject: offer/ HOLD\n")
    queue, config = checked.postfix.queue, re.escape(checked.postfix.config)
    main = [
        ("another milter behind ours", "smtpd_milters=$postwelle_milter, inet:127.0.0.1:9", "smtpd_milters", SETUP, "error"),
        ("our milter by its absolute path", f"smtpd_milters=unix:{queue}/postwelle-milter/milter.sock", "smtpd_milters", SETUP, "error"),
        ("no_milters", "receive_override_options=no_milters", "receive_override_options",
         f"postconf -c {config} -X receive_override_options && postfix -c {config} reload", "error"),
        ("a milter map", "smtpd_milter_maps=static:DISABLE", "smtpd_milter_maps", f"postconf -c {config} -X smtpd_milter_maps", "error"),
        ("always_bcc", "always_bcc=archive@agency.example", "always_bcc", f"postconf -c {config} -X always_bcc", "error"),
        ("copies by sender", "sender_bcc_maps=static:archive@agency.example", "sender_bcc_maps", "-X sender_bcc_maps", "warning"),
        ("copies by recipient", "recipient_bcc_maps=static:archive@agency.example", "recipient_bcc_maps", "-X recipient_bcc_maps", "warning"),
        ("rewritten senders", "canonical_maps=static:x@agency.example", "canonical_maps", "-X canonical_maps", "warning"),
        ("soft_bounce", "soft_bounce=yes", "soft_bounce", "-X soft_bounce", "warning"),
        ("a queue longer than signatures", "maximal_queue_lifetime=30d", "maximal_queue_lifetime", "-e maximal_queue_lifetime=3d", "error"),
        ("DISCARD in header_checks", f"header_checks=regexp:{discard}", re.escape(f"{discard}:1"), "cleanup_service_name=postwelle-cleanup", "error"),
        ("HOLD in header_checks", f"header_checks=regexp:{hold}", re.escape(f"{hold}:2"), "cleanup_service_name=postwelle-cleanup", "error"),
        ("HOLD for all", "body_checks=static:HOLD", "static:HOLD", "-o body_checks=", "error"),
        ("HOLD in an access table", f"smtpd_client_restrictions=check_client_access regexp:{hold}", re.escape(f"{hold}:2"), "sed -i '2d'",
         "warning"),
        ("all mail by another transport", "transport_maps=regexp:$postwelle_tables/return-path, static:smtp:[127.0.0.9]",
         re.escape("static:smtp:[127.0.0.9]"), "relayhost", "error"),
        ("no queue ID for milters", "milter_end_of_data_macros=rcpt_addr", "milter_end_of_data_macros", "-X milter_end_of_data_macros", "error"),
        ("another syslog_name", "syslog_name=mail", "syslog_name", "syslog-name = mail", "error"),
        ("another log", f"maillog_file={checked.postfix.path}/other.log", "maillog_file", "other.log", "error"),
        ("a policy service that says yes while it is away",
         "postwelle_policy=check_policy_service { unix:postwelle-policyd/policy.sock, timeout=10s, default_action=DUNNO }",
         "postwelle_policy", SETUP, "error"),
    ]
    for what, setting, name, remedy, level in main:
        with checked.configuration():
            checked.postconf("-e", setting)
            checked.finds(what, name, remedy, level, FOLLOWS.get(name))
    with checked.configuration():
        checked.postconf("-e", f"header_checks=regexp:{discard}")
        remedy = [one["to_do"] for one in checked.look("--offline")]
        subprocess.run(remedy[0], shell=True, check=True, capture_output=True)
        checked.settle()
        checked.finds("a cleanup(8) of our own, without the table", re.escape(f"{discard}:1"), "sed -i '1d'", "warning")
    checked.postfix.reload()
    services = [
        ("a listener without our milter", "2526/inet=2526 inet n - y - - smtpd -o smtpd_milters=", "2526/inet/smtpd_milters",
         "-PX '2526/inet/smtpd_milters'"),
        ("a listener with no_milters", "2526/inet=2526 inet n - y - - smtpd -o receive_override_options=no_milters",
         "2526/inet/receive_override_options", "-PX '2526/inet/receive_override_options'"),
        ("a listener without the policy service",
         "2526/inet=2526 inet n - y - - smtpd -o smtpd_recipient_restrictions=permit_mynetworks,reject",
         "2526/inet/smtpd_recipient_restrictions", "-PX '2526/inet/smtpd_recipient_restrictions'"),
        ("sendmail's mail passes no milter", "cleanup/unix=cleanup unix n - y - 0 cleanup -o non_smtpd_milters=",
         "cleanup/unix/non_smtpd_milters", "-PX 'cleanup/unix/non_smtpd_milters'"),
        ("no_milters for sendmail's mail", "pickup/unix=pickup unix n - y 60 1 pickup -o receive_override_options=no_milters",
         "pickup/unix/receive_override_options", "-PX 'pickup/unix/receive_override_options'"),
    ]
    for what, entry, name, remedy in services:
        with checked.configuration():
            checked.postconf("-M", entry)
            checked.finds(what, name, remedy)


def test_files(tap, checked):
    postwelle, queue = checked.scene.postwelle, checked.postfix.queue
    for what, path, mode, remedy in (
            ("a key that others can read", checked.scene.keys["rsa"], 0o444, "chmod 0440"),
            ("a folder above it where others can write", os.path.dirname(checked.scene.keys["rsa"]), 0o777, "chmod 0755"),
            ("postwelle.conf that others can write", postwelle.config, 0o666, "chmod 0644"),
            ("a client's file that others can write", os.path.join(postwelle.clients, f"{CLIENT}.conf"), 0o646, "chmod 0644"),
            ("postwelle.conf that the timer's run can't read", postwelle.config, 0o600, r"chmod o\+rX"),
            ("a client's file that it can't read", os.path.join(postwelle.clients, f"{CLIENT}.conf"), 0o600, r"chmod o\+rX"),
            ("the clients' folder likewise", postwelle.clients, 0o700, r"chmod o\+rX"),
            ("a secret that others can read", f"{postwelle.path}/state/secret", 0o444, "chmod 0400"),
            ("a ledger that others can read", f"{postwelle.path}/state", 0o755, "chmod 0700"),
            ("a witness that others can read", f"{postwelle.path}/witness", 0o750, "chmod 0700"),
            ("the command's socket open to all", f"{postwelle.path}/run/control.sock", 0o666, "chmod 0660"),
            ("a socket's folder open to all", f"{queue}/postwelle-policyd", 0o2755, "chmod 2750")):
        with checked.mode(path, mode):
            checked.finds(what, re.escape(path), f"{remedy} {re.escape(path)}")
    folder = f"{queue}/postwelle-milter"
    with checked.mode(folder, 0o2700):
        checked.finds("a socket's folder that Postfix can't enter", re.escape(folder), "chmod 2710",
                      also=re.escape(f"{folder}/milter.sock"))
    os.chown(folder, -1, 0)
    os.chmod(folder, 0o2750)
    checked.finds("a socket's folder of another group", re.escape(folder), "chown :postfix", also=re.escape(f"{folder}/milter.sock"))
    shutil.chown(folder, group="postfix")
    os.chmod(folder, 0o2750)
    checked.fine("files and folders are as they were")


def test_others(tap, checked):
    """Somebody who is not root is told what they can't see, and gets no wrong findings about it."""
    postwelle = checked.scene.postwelle
    words = [postwelle.program_for_all("postwelle"), "-c", postwelle.config, "check", "--offline", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, user="nobody", group="nogroup", extra_groups=[])
    found = json.loads(done.stdout)["findings"]
    hidden = [one["name"] for one in found if one["level"] == "note" and "as root" in one.get("to_do", "")]
    errors = [one["name"] for one in found if one["level"] == "error"]
    tap.ok(f"{postwelle.path}/state/secret" in hidden and checked.scene.keys["rsa"] in hidden, "what nobody can't see", found)
    tap.equal(errors, [f"{postwelle.path}/run/control.sock"], "and the one thing that they should reach")


def restart(checked, **changes):
    """policyd with another postwelle.conf, the tracker with it."""
    checked.scene.postwelle.write_config(**changes)
    checked.scene.postwelle.restart("policyd")


def test_configuration(tap, checked):
    """What is in the files, and what daemons were told."""
    scene, postwelle = checked.scene, checked.scene.postwelle
    postwelle.write_config(policyd={"retry-delay": "90s"})
    checked.finds("policyd runs with another postwelle.conf", "configuration", "systemctl restart postwelle-policyd")
    postwelle.write_config()
    checked.fine("the old one again")

    other = scene.sandbox.write("other.log", "Nov 23 10:00:00 host sshd[1]: hello\n")
    restart(checked, postfix={"maillog": other})
    checked.finds("a log without a line of Postfix", re.escape(other), "set .postfix. maillog", also="maillog_file")
    restart(checked, postfix={"log": "journal"})
    checked.finds("the journal is followed, and Postfix writes a file", "maillog_file", "-X maillog_file", also="journal")
    restart(checked, policyd={"keep-free": "1000G"})
    checked.finds("a disk that is nearly full", r".*/(state|witness)", "df -h")
    restart(checked, submission={"port": SUBMISSION_PORT + 1})
    checked.finds("a listener elsewhere than postwelle.conf says", rf".*:{SUBMISSION_PORT}/inet", SETUP,
                  also=rf".*:{SUBMISSION_PORT + 1}(/inet)?")
    restart(checked)
    postwelle.write_config(policyd={"policy-socket": f"{postwelle.path}/run/policy.sock"})
    checked.finds("a socket that is not below this Postfix's queue", re.escape(checked.postfix.config), "", also="configuration")
    postwelle.write_config(policyd={"admin-group": "nobody-has-this-group"})
    checked.finds("a group that is not there", "nobody-has-this-group", "systemd-sysusers", also=r"configuration|.*\.sock")
    postwelle.write_config()
    checked.fine("postwelle.conf as it was")


def test_clients(tap, checked):
    scene, postwelle = checked.scene, checked.scene.postwelle
    network = ()
    new = {"client": {"title": "Neu GmbH", "domains": "neu.example", "return-path": "bounce.neu.example"},
           "signing": {"domain": "neu.example", "rsa-selector": "s", "rsa-key": scene.keys["rsa"]},
           "unsubscribe": {"uri": "https://neu.example/u/", "mailto": "u@neu.example", "probe": "no"}}
    path = postwelle.write_client("neu", new)
    checked.finds("a client that the milter was not told of", "neu", "systemctl reload postwelle-milter",
                  also="clients|postwelle_return_domains")
    checked.finds("a client that policyd was not told of", "clients", "systemctl reload postwelle-policyd",
                  also="neu|postwelle_return_domains")
    os.remove(path)
    checked.fine("without that client")

    scene.write_client(unsubscribe={"probe": "yes", "uri": f"https://{scene.sandbox.addresses.spare[0]}/u/"})
    postwelle.restart("policyd")
    checked.finds("an unsubscribe address that nobody answers", CLIENT, "systemctl restart postwelle-web", words=network)
    scene.write_client(signing={"rsa-selector": "20270101"})
    postwelle.restart("policyd")
    checked.finds("a selector that DNS does not have", f"20270101._domainkey.{DOMAIN}", "v=DKIM1", words=network)
    scene.write_client()
    postwelle.restart("policyd")
    checked.fine("the client as it was", words=network)


def test_daemons(tap, checked):
    scene, postwelle = checked.scene, checked.scene.postwelle
    postwelle.milter.stop()
    checked.finds("the milter does not run", r"(unix:)?.*/milter\.sock", "systemctl restart postwelle-milter")
    path = f"{checked.postfix.queue}/postwelle-milter/milter.sock"
    with Stranger(path):
        checked.finds("what answers is no milter", r"(unix:)?" + re.escape(path), "systemctl restart postwelle-milter", also=CLIENT)
    postwelle.start_milter()
    postwelle.policyd.stop()
    checked.finds("policyd does not run", r".*/(policy|reserve|control|feedback|status)\.sock", "systemctl restart postwelle-policyd")
    postwelle.start_policyd()
    checked.postfix.stop()
    checked.finds("Postfix does not run", re.escape(f"{checked.postfix.address}:{SUBMISSION_PORT}"), "systemctl restart postfix")
    checked.postfix.start()
    checked.fine("all run again")

    milter = PolicyClient(f"{postwelle.path}/run/reserve.sock")
    answer = milter.ask("reserve", queue_id="4dFbk2000000z", sender=f"news@{DOMAIN}", from_domain=DOMAIN,
                        message_id=f"<1@{DOMAIN}>", recipients=1, deadline=int(time.time() * 1000) + 20000,
                        **{"recipient.1": "p@people.test"})
    tap.equal(answer["status"], "ok", "somebody was invited")
    checked.finds("no backup", "ledger", "systemctl start postwelle-backup.service", "warning")
    run([f"{postwelle.build}/postwelle-policyd", "-c", postwelle.config, "--backup", f"{postwelle.path}/copy"])
    checked.fine("a backup of today")


def test_campaigns(checked):
    """A released one is run's, who is somebody else than who made its folder."""
    scene = checked.scene
    directory = scene.new_campaign("spring", "Spring")
    scene.import_list(directory, scene.sandbox.write("list.csv", "E-Mail;Anrede;Nachname\nkim@people.test;Frau;Muster\n"))
    scene.release(directory)
    checked.fine("a released campaign")
    for path in (directory, os.path.join(directory, "campaign.conf"), sorted(glob.glob(f"{directory}/*.html"))[0]):
        with checked.mode(path, 0o700 if path == directory else 0o600):
            checked.finds(f"the timer's run can't read its {os.path.relpath(path, directory)}", re.escape(directory),
                          f"chgrp -R root {re.escape(directory)} && chmod -R g.rX {re.escape(directory)}")


def test_ledger(tap, checked):
    """The last: afterwards there is another ledger."""
    scene, postwelle = checked.scene, checked.scene.postwelle
    scene.tracker.stop()
    postwelle.policyd.stop()
    witness = f"{postwelle.path}/witness"
    for name in os.listdir(witness):
        os.remove(os.path.join(witness, name))
    postwelle.start_policyd()
    checked.finds("a ledger that is not in service", "service", "systemctl restart postwelle-policyd")
    postwelle.policyd.stop()
    shutil.rmtree(f"{postwelle.path}/state")
    postwelle.init()
    postwelle.start_policyd()
    checked.finds("a log that nobody follows", "track", "systemctl enable --now postwelle-track")
    scene.start_tracker()
    wait_for(lambda: not checked.look("--offline"), "the tracker at the log's end")
    tap.ok(True, "the log is followed again")


def main():
    os.environ["POSTWELLE_DATADIR"] = os.path.join(TOP, "packaging")
    with Tap() as tap, Sandbox() as sandbox:
        # Nothing of a mail is sent; the pace is the site's, so that each of its settings can be taken back.
        scene = Scene(sandbox, ["people.test"], greylist_seconds=0)
        checked = Checked(tap, scene)
        scene.postwelle.command("setup", "postfix", "--apply")  # now with the client
        scene.sender.reload()
        wait_for(lambda: not [one for one in checked.look("--offline") if one["name"] == "track"], "the tracker at the log's end")
        checked.settle()
        checked.always = {(one["section"], one["name"]) for one in checked.look() if one["section"] == "Clock" or one["name"] == "rotation"}
        tap.ok(("Mail log", "rotation") in checked.always, "a log of Postfix's own that nothing rotates", checked.always)
        checked.fine("nothing to mend after set-up", words=())
        done = scene.postwelle.command("check", "--offline", check=False)
        tap.ok(done.returncode == 0 and re.search(r"^ok +Postfix settings", done.stdout, re.M) and "Mail can go out" in done.stdout,
               "a short summary for people", done.stdout + done.stderr)
        test_settings(tap, checked)
        test_ways_round(tap, checked)
        checked.fine("Postfix as it was")
        test_files(tap, checked)
        test_others(tap, checked)
        test_configuration(tap, checked)
        test_clients(tap, checked)
        test_daemons(tap, checked)
        test_campaigns(checked)
        test_ledger(tap, checked)


if __name__ == "__main__":
    main()
