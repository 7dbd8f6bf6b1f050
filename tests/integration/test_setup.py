"""postwelle setup postfix: what it shows, changes and puts back, in private configurations of real Postfix; a signed mail goes
out through what it has set up."""

import glob
import grp
import json
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from harness.postfix import PACKAGING, SUBMISSION_PORT, PostfixInstance, run
from harness.sandbox import Sandbox
from harness.scene import PROJECT_MANAGER, Scene
from harness.tap import Tap
from harness.verify import verify

# What a site has, as people write it.
SITE_MAIN = """
# Ours is the greylister's policy service.
smtpd_recipient_restrictions =
    permit_mynetworks
    # then strangers
    reject_non_fqdn_recipient,
    check_policy_service inet:127.0.0.1:10023
dkim = inet:localhost:8891
smtpd_milters = $dkim,
    { inet:localhost:8892, default_action=accept }
non_smtpd_milters = $smtpd_milters
transport_maps = inline:{ intern.example=smtp:[192.0.2.1] }
maximal_queue_lifetime = 2d
"""
SITE_MASTER = """
# Mail of the office.
127.0.0.1:2587 inet n - y - - smtpd
    -o { smtpd_client_restrictions = permit_mynetworks,  reject }
    -o smtpd_milters=
"""
# In place of a program of Postfix: at the call that SHIM_KILL counts, of those that write, the command that called it is killed
# before or after the program has done its work.
SHIM = """#!/bin/sh
case " $* " in
*" -e "* | *" -M "* | *" -X "* | *" -MX "*)
    echo >> "$SHIM_COUNT"
    if [ "$(wc -l < "$SHIM_COUNT")" = "$SHIM_KILL" ]; then
        [ "$SHIM_WHEN" = before ] || {real} "$@"
        kill -KILL $PPID
        exit 1
    fi ;;
esac
exec {real} "$@"
"""


class Configuration:
    """A private Postfix configuration, and the command for it."""

    def __init__(self, tap, sandbox, name, main=SITE_MAIN, master=SITE_MASTER):
        self.tap, self.sandbox, self.name = tap, sandbox, name
        self.postfix = PostfixInstance(sandbox, name, sandbox.addresses.sender, {"myhostname": "mail.agency.example"})
        for daemon in ("policyd", "milter"):
            sandbox.mkdir(name, "queue", f"postwelle-{daemon}", group="postfix", mode=0o2750)
        self._append("main.cf", main)
        self._append("master.cf", master)
        self.before = self.settings()

    def _append(self, file, text):
        with open(os.path.join(self.postfix.config, file), "a", encoding="utf-8") as opened:
            opened.write(text)

    def setup(self, name, status, regex, *words, port=SUBMISSION_PORT, **environment):
        """Run `setup postfix WORDS`: its exit status and output must be as said. Returns its output."""
        done = subprocess.run(self.postfix.setup(port, *words), capture_output=True, text=True,
                              env={**os.environ, "POSTWELLE_DATADIR": PACKAGING, **environment})
        said = done.stdout + done.stderr
        self.tap.ok(done.returncode == status and re.search(regex, said), f"{self.name}: {name}",
                    f"exit status {done.returncode}, expected {status} and {regex!r}\n{said}")
        return done.stdout

    def settings(self):
        """All that is set, as Postfix reads it."""
        return {flag: run(["postconf", "-c", self.postfix.config, flag]).splitlines() for flag in ("-n", "-M")}

    def is_as_before(self, name):
        now = self.settings()
        changed = [line for flag in now for line in set(now[flag]) ^ set(self.before[flag])]
        return self.tap.ok(now == self.before, f"{self.name}: {name}", "\n".join(changed))

    def value(self, name):
        return run(["postconf", "-c", self.postfix.config, "-h", name]).strip()

    def option(self, entry, name):
        return run(["postconf", "-c", self.postfix.config, "-Ph", f"{entry}/{name}"]).strip()

    def octets(self):
        """main.cf and master.cf as they are."""
        return [open(os.path.join(self.postfix.config, file), "rb").read() for file in ("main.cf", "master.cf")]


def test_apply(tap, sandbox):
    """Shown, made, made again, undone."""
    site = Configuration(tap, sandbox, "site")
    octets = site.octets()
    shown = site.setup("shows what it would change", 1, "--apply does it")
    tap.match(shown, re.compile(r"# .*the last one.*\n  - smtpd_milters = \$dkim, .*\n  \+ smtpd_milters = \$dkim, "
                                r"\{ inet:localhost:8892, default_action=accept \}, \$postwelle_milter\n"),
              "setting, now, then, why")
    tap.ok(site.octets() == octets, "and changes nothing")
    site.setup("takes one verb", 64, "choose one", "--apply", "--undo")
    planned = json.loads(site.setup("shows it in JSON", 1, "", "--json"))
    tap.ok(("smtpd_milters", "$dkim, { inet:localhost:8892, default_action=accept }, $postwelle_milter") in
           [(change["setting"], change["then"]) for change in planned["changes"]], "the same", planned)
    applied = site.setup("is applied", 0, "reload", "--apply", "--json")
    tap.equal(json.loads(applied), planned, "and JSON says what was made")
    tap.equal(site.value("smtpd_milters"), "$dkim, { inet:localhost:8892, default_action=accept }, $postwelle_milter",
              "the site's milters stay in their order, ours is the last")
    tap.equal(site.value("non_smtpd_milters"), "$smtpd_milters", "a list that refers to another has ours already")
    tap.equal(site.value("smtpd_recipient_restrictions"),
              "$postwelle_policy, permit_mynetworks, reject_non_fqdn_recipient, check_policy_service, inet:127.0.0.1:10023",
              "our policy service is asked first, the site's stays")
    tap.equal(site.value("maximal_queue_lifetime"), "2d", "what is only advice leaves the site's own value")
    kept = [line for line in site.before["-M"] if line not in site.settings()["-M"]]
    tap.equal(kept, [], "no entry of the site's is touched")
    copies = [glob.glob(f"{site.postfix.config}/{file}.postwelle-*") for file in ("main.cf", "master.cf")]
    tap.equal([open(copy[0], "rb").read() for copy in copies], octets, "copies lie beside the files")
    octets = site.octets()
    site.setup("once more", 0, "all is as it should be; nothing to change", "--apply")
    tap.ok(site.octets() == octets, "changes nothing")
    site.setup("--undo --dry-run shows", 1, r"- postwelle_milter = ", "--undo", "--dry-run")
    site.setup("--undo", 0, "Done", "--undo")
    site.is_as_before("all is as it was")
    site.setup("--undo once more", 0, "nothing to undo", "--undo")


def test_log(tap, sandbox):
    """Postfix makes a log of its own for root alone; set-up makes it for who may read logs."""
    site = Configuration(tap, sandbox, "log")
    run(["postconf", "-c", site.postfix.config, "-X", "maillog_file"])
    if any(os.path.exists(f"/usr/sbin/{daemon}") for daemon in ("rsyslogd", "syslog-ng", "syslogd")):
        tap.skip("log: Postfix is to write it", "a syslog daemon is installed")
        return
    site.setup("Postfix is to write it", 0, f"maillog_file = {re.escape(site.postfix.log)}", "--apply")
    status = os.stat(site.postfix.log)
    tap.equal((status.st_mode & 0o7777, status.st_uid, grp.getgrgid(status.st_gid).gr_name), (0o640, 0, "adm"), "log: the group adm may read it")
    os.chmod(site.postfix.log, 0o600)
    run(["postconf", "-c", site.postfix.config, "-X", "maillog_file"])
    site.setup("put back again", 0, "reload", "--apply")
    tap.equal(os.stat(site.postfix.log).st_mode & 0o7777, 0o600, "log: one that is there stays as it is; `postwelle check` tells")


def test_changed_since(tap, sandbox):
    """What somebody has changed since is not put back over their head."""
    site = Configuration(tap, sandbox, "changed")
    site.setup("is applied", 0, "reload", "--apply")
    site.postfix.set(smtpd_milters=site.value("smtpd_milters") + ", inet:localhost:8893")
    run(["postconf", "-c", site.postfix.config, "-P", "postwelle/unix/smtp_tls_security_level=encrypt",
         "postwelle/unix/smtp_mx_session_limit=5"])
    site.setup("a milter behind ours, an option of ours changed", 1, r"- -o smtp_mx_session_limit|smtp_mx_session_limit=5")
    site.setup("are put right", 0, "reload", "--apply")
    tap.equal(site.value("smtpd_milters"), "$dkim, { inet:localhost:8892, default_action=accept }, inet:localhost:8893, "
              "$postwelle_milter", "ours is the last again, the new one stays")
    tap.equal([site.option("postwelle/unix", name) for name in ("smtp_tls_security_level", "smtp_mx_session_limit")],
              ["encrypt", "1"], "an option of the site's own at our entry stays")
    site.setup("a new address", 0, "reload", "--apply", port=2525)
    listeners = [line.split()[0] for line in site.settings()["-M"] if "postwelle-submission" in line]
    tap.equal(listeners, [f"{site.postfix.address}:2525"], "replaces the old listener")
    site.postfix.set(smtpd_milters=site.value("smtpd_milters") + ", inet:localhost:8894", enable_long_queue_ids="no")
    octets = site.octets()
    site.setup("--undo refuses what was changed since", 1, "! enable_long_queue_ids: somebody has changed it", "--undo")
    tap.ok(site.octets() == octets, "and changes nothing")
    site.setup("--undo --keep-changed", 0, "Done", "--undo", "--keep-changed")
    tap.equal((site.value("smtpd_milters"), site.value("enable_long_queue_ids")),
              ("$dkim, { inet:localhost:8892, default_action=accept }, inet:localhost:8893, inet:localhost:8894", "no"),
              "leaves it, and takes ours out of the lists")
    site.postfix.set(smtpd_milters=re.sub(", inet:localhost:889[34]", "", site.value("smtpd_milters")))
    run(["postconf", "-c", site.postfix.config, "-X", "enable_long_queue_ids"])
    site.is_as_before("the rest is as it was")


def test_killed(tap, sandbox):
    """Killed before and after each write of postconf: run again it completes, or undo restores."""
    folder = sandbox.mkdir("shims")
    shim = sandbox.write("shims/postconf", SHIM.replace("{real}", shutil.which("postconf")), 0o755)
    tap.ok(os.path.exists(shim), "a postconf that kills its caller")
    site = Configuration(tap, sandbox, "killed")
    run(site.postfix.setup(SUBMISSION_PORT, "--apply"), env={**os.environ, "POSTWELLE_DATADIR": PACKAGING})
    whole = site.settings()
    count = os.path.join(folder, "count")
    for number, when, verb in ((1, "before", "--apply"), (1, "after", "--undo"), (2, "before", "--undo"), (2, "after", "--apply")):
        site.setup("is as it was", 0, "", "--undo")
        with open(count, "w", encoding="ascii"):
            pass
        site.setup(f"killed {when} write {number}", -9, "", "--apply", PATH=f"{folder}:{os.environ['PATH']}",
                   SHIM_COUNT=count, SHIM_KILL=str(number), SHIM_WHEN=when)
        site.setup(f"then {verb}", 0, "", verb)
        if verb == "--undo":
            site.is_as_before("restores")
        else:
            tap.ok(site.settings() == whole, "completes")


def test_refused(tap, sandbox):
    """What only a person can put right; what Postfix itself does not take."""
    site = Configuration(tap, sandbox, "refused", "master_service_disable = inet\n", f"{SUBMISSION_PORT} inet n - y - - smtpd\n")
    octets = site.octets()
    site.setup("a port that is taken", 1, rf"! {SUBMISSION_PORT}/inet: .*\[submission\] port", "--apply")
    site.setup("no inet listeners", 1, "! master_service_disable: ", "--apply")
    site.setup("a folder without Postfix", 66, "main.cf: not there", "--apply", "--config-dir", sandbox.path)
    other = PostfixInstance(sandbox, "other", sandbox.addresses.spare[1], {})
    site.setup("a queue of another Postfix", 78, "not below .*, the queue directory", "--config-dir", other.config)
    site.postfix.set(master_service_disable="")
    sandbox.write("shims/postfix", "#!/bin/sh\necho postfix: this is bad\nexit 1\n", 0o755)
    run(["postconf", "-c", site.postfix.config, "-MX", f"{SUBMISSION_PORT}/inet"])
    octets = site.octets()
    said = site.setup("what `postfix check` does not take", 69, "nothing was changed: .*this is bad", "--apply", "--json",
                      PATH=f"{sandbox.path}/shims:{os.environ['PATH']}", SHIM_KILL="none", SHIM_COUNT="/dev/null")
    tap.equal(said, "", "and JSON says nothing of it")
    tap.ok(site.octets() == octets, "is taken back")
    site.setup("and forgotten", 0, "nothing to undo", "--undo")


def test_instance(tap, sandbox):
    """An instance that postmulti(1) made. It knows those of /etc/postfix alone: here that is a folder of the sandbox."""
    first = PostfixInstance(sandbox, "first", sandbox.addresses.spare[0], {"myhostname": "mail.agency.example"})
    folders = {name: sandbox.mkdir("out", name) for name in ("queue", "data")}
    config = os.path.join(sandbox.path, "out", "etc")
    clients = sandbox.mkdir("out", "clients")
    settings = sandbox.write("out/postwelle.conf", f"""[paths]
clients = {clients}
[policyd]
policy-socket = {folders['queue']}/postwelle-policyd/policy.sock
milter-user = nobody
[milter]
socket = unix:{folders['queue']}/postwelle-milter/milter.sock
[postfix]
maillog = {first.log}
""")
    for daemon in ("policyd", "milter"):
        sandbox.mkdir("out", "queue", f"postwelle-{daemon}", group="postfix", mode=0o2750)
    command = f"{first.setup(SUBMISSION_PORT)[0]} -c {settings} setup postfix --instance postfix-out"
    # What postmulti(1) needs beside the two files.
    for file in glob.glob("/etc/postfix/*"):
        if os.path.isfile(file) and not os.path.exists(f"{first.config}/{os.path.basename(file)}"):
            shutil.copy(file, first.config)
    script = f"""set -e
mount --bind {first.config} /etc/postfix
postmulti -e init
postmulti -I postfix-out -e create config_directory={config} queue_directory={folders['queue']} data_directory={folders['data']}
postconf -c {config} -e maillog_file={first.log} maillog_file_prefixes={sandbox.path} inet_interfaces=127.0.0.1 smtpd_milters=unix:postwelle-milter/milter.sock
postconf -c {config} -n > {sandbox.path}/before
! {command} --apply
postconf -c {config} -e master_service_disable=smtp/inet
{command} --apply
{command}
postconf -c {config} -n smtpd_milters
test -z "$(postconf -n smtpd_milters)"
{command} --undo
postconf -c {config} -e master_service_disable=inet
postconf -c {config} -n | diff {sandbox.path}/before -
"""
    done = subprocess.run(["unshare", "--mount", "sh", "-c", script], capture_output=True, text=True,
                          env={**os.environ, "POSTWELLE_DATADIR": PACKAGING})
    if "unshare" in done.stderr and "Operation not permitted" in done.stderr:
        tap.skip("an instance of postmulti", "no mount namespaces here")
        return
    tap.ok(done.returncode == 0, "instance: set up by its name, beside another, and undone", f"{done.returncode}\n{done.stdout}{done.stderr}")
    tap.ok("! master_service_disable" in done.stdout and "smtpd_milters = $postwelle_milter" in done.stdout and
           f"[postfix] config-directory = {config}" in done.stderr, "and told what else is to do", done.stdout + done.stderr)


def test_mail(tap, sandbox):
    """A signed mail goes out through what was set up; then all is undone."""
    scene = Scene(sandbox, ["people.test"], greylist_seconds=1)
    directory = scene.new_campaign("spring", "Spring")
    scene.import_list(directory, sandbox.write("list.csv", "E-Mail;Anrede;Nachname\nkim@people.test;Frau;Muster\n"))
    scene.postwelle.command("proof", directory)
    mail = scene.world.wait_for_mails(1, 60)[0]
    verdict = verify(mail, scene.nameserver)
    tap.equal((mail.recipient, verdict.dkim, verdict.dmarc), (PROJECT_MANAGER, "pass", "pass"), f"a signed mail: {verdict}")
    scene.sender.stop()
    config = scene.sender.config
    old = sandbox.mkdir("old")
    for file in ("main.cf", "master.cf"):
        shutil.copy(sorted(glob.glob(f"{config}/{file}.postwelle-*"))[0], os.path.join(old, file))
    run(scene.sender.setup(SUBMISSION_PORT, "--undo"), env={**os.environ, "POSTWELLE_DATADIR": PACKAGING})
    # The harness has its own pace.
    own = ("queue_run_delay", "minimal_backoff_time", "maximal_backoff_time", "config_directory")
    before, after = ([line for flag in ("-n", "-M") for line in run(["postconf", "-c", folder, flag]).splitlines()
                      if line.split()[0] not in own] for folder in (old, config))
    tap.equal(after, before, "and all is as it was")


def main():
    with Tap() as tap:
        if os.geteuid() != 0:
            tap.skip("all", "needs root, because Postfix does")
            return
        with Sandbox() as sandbox:
            sandbox.write("resolv.conf", "")  # asked by nobody before test_mail
            test_apply(tap, sandbox)
            test_log(tap, sandbox)
            test_changed_since(tap, sandbox)
            test_killed(tap, sandbox)
            test_refused(tap, sandbox)
            test_instance(tap, sandbox)
            test_mail(tap, sandbox)


main()
