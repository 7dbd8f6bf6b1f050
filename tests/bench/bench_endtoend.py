#!/usr/bin/python3
"""From the feeder to the receiver: Postwelle with everything on, beside what an agency would use instead, in one run.

    make bench                                      after packaging/install-deps bench
    tests/bench/bench_endtoend.py [--rounds N] [--mails N] [--nodemailer NODE_MODULES] [--only NAME,...] [--quick]

Each sample sends so many mails of 40 KB through a real Postfix to smtp-sink(1), and ends when the sink has the last one.
Rounds are interleaved; figures are medians of rounds. All run on the same cores, none with a program's start left out.
What is measured:
    ours        postwelle wave open: rows from the ledger, rendered, fed; policy service at RCPT and before sending; milter
                with content rule, RSA-2048 signature and reservation on disk; delivery by our transport; track beside it
    plain       the same Postfix with no policy service and no milter, delivering by its own smtp; fed by smtp-source(1)
                with a mail that is ready
    opendkim, rspamd    the same with a signing milter
    nodemailer  nodemailer's pool composes and signs each mail, into `plain`
    sendmail    sendmail(1) for each mail, several at a time, OpenDKIM as non_smtpd_milter
What ours does for a mail, and the others do not: it is rendered; policyd is asked at RCPT, and by a header check of
smtp(8), which reads the whole mail for that; policyd flushes its ledger 0.6 times, beside Postfix's one flush of the queue
file; it goes to the receiver over a connection of its own, where theirs is kept while there is a backlog; its reverse-path
is another each time, so that Postfix keeps no answer about it. They are fed over SESSIONS connections, ours over the
product's eight.

Prints mails a second and microseconds of CPU a mail, what of these our programs take, and the goals, met or missed.
"""

import argparse
import contextlib
import email
import email.policy
import json
import os
import random
import re
import shutil
import statistics
import struct
import subprocess
import sys
import time
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

from bench_milter import FIELDS, MAIL_SIZE, OPENDKIM, RSPAMD, make_rows, make_text, wait_until_quiet
from harness.daemons import accepts
from harness.postfix import PostfixInstance
from harness.sandbox import Sandbox, SandboxError, wait_for
from harness.scene import DOMAIN, PROJECT_MANAGER, Scene

PEOPLE = "people.test"
SCAFFOLD_SIZE = 8 << 10  # octets that an invitation as `campaign new` makes it takes in a mail, without its picture
PICTURE_WIDTH = 100
CORES = os.cpu_count()
TICK = os.sysconf("SC_CLK_TCK")
SESSIONS = 16            # of smtp-source, kept open: more are no faster
POOL = 5                 # nodemailer's connections, its default
SENDMAILS = 2 * CORES    # sendmail(1) at a time
PLAIN, WITH_OPENDKIM, WITH_RSPAMD = 10025, 10026, 10027
SAMPLE_SECONDS = 600


def picture(octets):
    """A PNG of about that many octets that nothing makes smaller."""
    height = octets // (3 * PICTURE_WIDTH)
    rng = random.Random(1)
    pixels = b"".join(b"\0" + rng.randbytes(3 * PICTURE_WIDTH) for _ in range(height))

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", PICTURE_WIDTH, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b""))


class Receiver:
    """smtp-sink(1), which counts."""

    def __init__(self, sandbox, address, port):
        process = sandbox.start(["smtp-sink", "-c", "-u", "nobody", "-m", "1000", f"{address}:{port}", "1000"], "smtp-sink")
        self._log = process.log

    def count(self):
        with open(self._log, "rb") as log:
            log.seek(max(os.path.getsize(self._log) - 200, 0))
            found = re.findall(rb"mesg=(\d+)", log.read())
        return int(found[-1]) if found else 0


class Cpu:
    """Seconds of CPU used so far: by the machine, by all programs of this run, by some of them."""

    def __init__(self, processes):
        self.when = time.monotonic()
        with open("/proc/stat", encoding="ascii") as stat:
            user, nice, system, _, _, irq, softirq = map(int, stat.readline().split()[1:8])
        self.seconds = {"machine": (user + nice + system + irq + softirq) / TICK, "all": self._used_by_descendants()}
        for name, pid in processes.items():
            self.seconds[name] = sum(self._of(pid)[1:3])
        used = os.times()
        self.seconds["feeder"] = used.children_user + used.children_system

    @staticmethod
    def _of(pid):
        """Its parent, and its seconds: its own, and those of its children that have ended."""
        with open(f"/proc/{pid}/stat", encoding="latin-1") as stat:
            words = stat.read().rpartition(")")[2].split()
        return int(words[1]), (int(words[11]) + int(words[12])) / TICK, (int(words[13]) + int(words[14])) / TICK

    def _used_by_descendants(self):
        seen = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                seen[int(pid)] = self._of(pid)
        ours = {os.getpid()}
        while more := {pid for pid, (parent, *_) in seen.items() if parent in ours} - ours:
            ours |= more
        # But for ourselves, who only wait.
        return sum(sum(seen[pid][1:]) for pid in ours) - seen[os.getpid()][1]

    def since(self, other):
        used = {name: seconds - other.seconds[name] for name, seconds in self.seconds.items()}
        used["foreign"] = (used.pop("machine") - used["all"]) / (CORES * (self.when - other.when))
        return used


class Bench:
    """Both Postfixes, the receiver, and the ways to send."""

    def __init__(self, sandbox, options):
        self.sandbox, self.mails, self.options = sandbox, options.mails, options
        self.probes = []  # mails that went to the project manager
        addresses = sandbox.addresses
        os.environ["POSTWELLE_DATADIR"] = os.path.join(HERE, "..", "..", "importer")
        self.scene = Scene(sandbox, [PEOPLE], script=self.look)
        self.scene.write_client(signing={"ed25519-selector": "", "ed25519-key": ""})
        self.scene.postwelle.restart("milter")
        self.receiver = Receiver(sandbox, addresses.spare[0], addresses.smtp_port)
        self.routes = {
            "relayhost": f"[{addresses.spare[0]}]:{addresses.smtp_port}",
            "transport_maps": f"inline:{{ {{ {DOMAIN} = smtp:[{addresses.world}]:{addresses.smtp_port} }} }}"}
        self.scene.sender.set(**self.routes)
        self.scene.sender.apply()
        self.scene.sender.reload(30)
        self.ways = {"ours": self.ours, "plain": self.smtp_source(PLAIN), "opendkim": self.smtp_source(WITH_OPENDKIM),
                     "rspamd": self.smtp_source(WITH_RSPAMD), "nodemailer": self.nodemailer, "sendmail": self.sendmail}
        self.ways = {name: way for name, way in self.ways.items() if not options.only or name in options.only}
        self.samples = {name: [] for name in self.ways}
        self.sent = 0  # numbers the mails of all ways
        self.directory = self.campaign(options.rounds + 1)
        self.write_mail()
        self.peers = self.start_peers()

    def look(self, step):
        if step.stage == "dot":
            self.probes.append(step.text)

    # --- ours

    def campaign(self, waves):
        """Released, with a wave for each round; its mails have MAIL_SIZE."""
        directory = self.scene.new_campaign("bench", "Zufriedenheit", ", ".join([str(self.mails)] * (waves - 1) + ["100%"]))
        text = make_text(random.Random(1))
        rows = make_rows(text)
        self.scene.edit(directory, "</body>", f"<table>\n{rows}\n</table>\n</body>", "invitation.de.html")
        self.scene.edit(directory, r"\Z", f"\n{text}", "invitation.de.txt")
        with open(os.path.join(directory, "logo.png"), "wb") as file:
            file.write(picture((MAIL_SIZE - SCAFFOLD_SIZE - len(rows) - len(text)) * 3 // 4))
        rows = "".join(f"Frau;Kim;Muster;p{number}@{PEOPLE}\n" for number in range(waves * self.mails))
        done = self.scene.import_list(directory, self.sandbox.write("list.csv", f"Anrede;Vorname;Nachname;E-Mail\n{rows}"))
        if done.returncode:
            raise SandboxError(done.stdout + done.stderr)
        self.scene.release(directory)
        wait_for(lambda: self.probes, "the proof")
        return directory

    def ours(self, number):
        self.scene.postwelle.command("wave", "open", self.directory, number + 1, "--now")

    # --- the peers

    def write_mail(self):
        """The mail that the others send is the proof, unsigned; what nodemailer composes is made of its parts."""
        self.folder = self.sandbox.mkdir("mail")
        proof = email.message_from_string(self.probes[0], policy=email.policy.SMTP)
        for name in ("Received", "DKIM-Signature"):
            del proof[name]
        self.mail = self.sandbox.write("mail/mail", proof.as_string().replace("\r\n", "\n"))
        html, text = (proof.get_body((kind,)).get_content() for kind in ("html", "plain"))
        cid = re.search(r'src="cid:([^"]+)"', html).group(1)
        for name, content in (("mail.html", html.replace(cid, f"logo@{DOMAIN}")), ("mail.txt", text)):
            self.sandbox.write(f"mail/{name}", content.replace("\r\n", "\n").replace("Muster,", "Muster-@NUMBER@,"))
        wanted = ("List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "Feedback-ID", "Auto-Submitted")
        self.sandbox.write("mail/headers.json", json.dumps(
            {name: re.sub(r"\s+", " ", str(proof[name])) for name in wanted if proof[name]}))
        shutil.copy(os.path.join(self.directory, "logo.png"), self.folder)
        shutil.copy(self.scene.keys["rsa"], os.path.join(self.folder, "rsa.pem"))

    def start_peers(self):
        """The Postfix without us, its listeners with each milter, and these."""
        peers = PostfixInstance(self.sandbox, "peers", self.sandbox.addresses.spare[1], {
            "myhostname": "mail.agency.example", "smtpd_client_event_limit_exceptions": "127.0.0.0/8",
            "enable_long_queue_ids": "yes", "smtpd_tls_security_level": "none", "non_smtpd_milters": "unix:milter/opendkim.sock",
            "milter_default_action": "tempfail", **self.routes})
        folder = self.sandbox.mkdir("peers", "queue", "milter")
        for port, milter in ((PLAIN, ""), (WITH_OPENDKIM, "unix:milter/opendkim.sock"), (WITH_RSPAMD, "unix:milter/rspamd.sock")):
            peers.edit_service(f"{peers.address}:{port}/inet={peers.address}:{port} inet n - y - - smtpd "
                               f"-o smtpd_milters={milter}")
        self.sandbox.write("peers/queue/milter/internal", "0.0.0.0/0\n")
        facts = {"path": folder, "domain": DOMAIN, "rsa": os.path.join(self.folder, "rsa.pem"), "comma_fields": ",".join(FIELDS),
                 "colon_fields": ":".join(f"(o){field}" for field in FIELDS), "name": "rspamd", "workers": CORES}
        if {"opendkim", "sendmail"} & set(self.ways):
            self.start_milter("opendkim", folder, OPENDKIM.format(**facts), "-f", "-x")
        if "rspamd" in self.ways:
            selectors = f'{{ path = "{facts["rsa"]}"; selector = "rsa"; }}'
            process = self.start_milter("rspamd", folder, RSPAMD.format(selectors=selectors, **facts), "-f", "-i", "-c")
            wait_until_quiet(process.pid)
        peers.start()
        return peers

    def start_milter(self, name, folder, config, *words):
        process = self.sandbox.start([name, *words, self.sandbox.write(f"{name}.conf", config)], name)
        path = f"{folder}/{name}.sock"
        wait_for(lambda: os.path.exists(path) and accepts(path), f"{name}: its socket", 120)
        os.chmod(path, 0o666)  # for Postfix's user
        return process

    def smtp_source(self, port):
        """A way of feeding."""
        def feed(_, count=None, to=f"s@{PEOPLE}"):
            subprocess.run(["smtp-source", "-s", str(min(SESSIONS, count or self.mails)), "-d", "-N", "-m", str(count or self.mails),
                            "-M", "survey.agency.example", "-F", self.mail, "-f", f"bounce@{DOMAIN}", "-t", to,
                            f"{self.peers.address}:{port}"], check=True, capture_output=True)
        return feed

    def nodemailer(self, _):
        done = subprocess.run(["node", os.path.join(HERE, "nodemailer", "pool.js"), self.peers.address, str(PLAIN), str(POOL),
                               self.folder, DOMAIN, str(self.sent), str(self.mails)], capture_output=True, text=True,
                              env={**os.environ, "NODE_PATH": self.options.nodemailer})
        if done.returncode:
            raise SandboxError(f"nodemailer: {done.stderr}")

    def sendmail(self, _, to=None):
        recipients = [to] if to else [f"m{self.sent + number}@{PEOPLE}" for number in range(self.mails)]
        subprocess.run(["xargs", "-P", str(SENDMAILS), "-n", "1", "sh", "-c",
                        f'exec sendmail -C {self.peers.config} -i -f bounce@{DOMAIN} "$1" <{self.mail}', "sh"],
                       input="\n".join(recipients), text=True, check=True, capture_output=True)

    # --- samples

    def verify(self):
        """Who claims to sign does: one mail each to the project manager."""
        proof = self.probes[0]
        print(f"mail of {len(proof)} octets", file=sys.stderr)
        for name in set(self.ways) & {"opendkim", "rspamd", "sendmail"}:
            seen = len(self.probes)
            if name == "sendmail":
                self.sendmail(0, PROJECT_MANAGER)
            else:
                self.smtp_source(WITH_OPENDKIM if name == "opendkim" else WITH_RSPAMD)(0, 1, PROJECT_MANAGER)
            wait_for(lambda: len(self.probes) > seen, f"{name}: a mail", 60)
        unsigned = [text for text in self.probes if "DKIM-Signature:" not in text.partition("\r\n\r\n")[0]]
        if unsigned:
            raise SandboxError(f"a mail is not signed:\n{unsigned[0][:2000]}")

    def sample(self, name, number):
        ours = {name: getattr(self.scene.postwelle, name).pid for name in ("policyd", "milter")} | {"track": self.scene.tracker.pid}
        before, cpu, began = self.receiver.count(), Cpu(ours), time.monotonic()
        self.ways[name](number)
        fed = time.monotonic() - began
        wait_for(lambda: self.receiver.count() >= before + self.mails, f"{name}: all mails at the receiver", SAMPLE_SECONDS, 0.02)
        seconds = time.monotonic() - began
        used = Cpu(ours).since(cpu)
        foreign = used.pop("foreign")
        used = {part: 1e6 * used / self.mails for part, used in used.items()}
        self.sent += self.mails
        # Its own clearing up is no other's concern.
        for postfix in (self.scene.sender, self.peers):
            postfix.wait_for_empty_queue(60)
        return {"rate": self.mails / seconds, "fed": fed / seconds, "foreign": foreign, **used}

    def median(self, name, what="rate"):
        return statistics.median(sample[what] for sample in self.samples[name])


def print_samples(bench):
    print(f"\n{'':<12}{'mails/s':>9}{'/plain':>8}{'fed':>6}{'foreign':>9}{'CPU us':>8}   of these (us)      rates of the rounds")
    for name in bench.ways:
        of = lambda what: bench.median(name, what)
        ratio = f"{of('rate') / bench.median('plain'):.2f}" if "plain" in bench.ways else ""
        parts = ", ".join(f"{part} {of(part):.0f}" for part in ("feeder", "policyd", "milter", "track") if name == "ours" or part == "feeder")
        rates = " ".join(f"{sample['rate']:.0f}" for sample in bench.samples[name])
        print(f"{name:<12}{of('rate'):>9.0f}{ratio:>8}{of('fed'):>6.2f}{of('foreign'):>9.2f}{of('all'):>8.0f}   {parts}      {rates}")


def print_goals(bench):
    goals = [("plain", 0.6), ("opendkim", 1.4), ("rspamd", 1.6), ("nodemailer", 1), ("sendmail", 1)]
    print(f"\n{'goal':<24}{'':>3}{'goal':>6}{'measured':>10}  met")
    for name, goal in goals:
        if name in bench.ways and "ours" in bench.ways:
            measured = bench.median("ours") / bench.median(name)
            print(f"{'ours / ' + name:<24}{'>=':>3}{goal:>6}{measured:>10.2f}  {'yes' if measured >= goal else 'MISSED'}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="rounds (5)")
    parser.add_argument("--mails", type=int, default=3000, help="mails of a sample (3000)")
    parser.add_argument("--nodemailer", metavar="NODE_MODULES", help="folder that has nodemailer; without, it is left out")
    parser.add_argument("--only", type=lambda text: text.split(","), default=[], metavar="NAME,...", help="these alone")
    parser.add_argument("--quick", action="store_true", help="one round of 300 mails, to see that it runs")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.mails = 1, 300
    if not options.nodemailer:
        print("nodemailer is left out: no --nodemailer", file=sys.stderr)
        options.only = [name for name in options.only or ("ours", "plain", "opendkim", "rspamd", "sendmail") if name != "nodemailer"]
    with Sandbox() as sandbox:
        bench = Bench(sandbox, options)
        bench.verify()
        for number in range(options.rounds + 1):
            print(f"round {number} of {options.rounds}" + ("" if number else ", to warm up"), file=sys.stderr, flush=True)
            for name in bench.ways:
                sample = bench.sample(name, number)
                if number:
                    bench.samples[name].append(sample)
        print_samples(bench)
        print_goals(bench)


if __name__ == "__main__":
    try:
        main()
    except SandboxError as error:
        sys.exit(f"bench_endtoend: {error}")
