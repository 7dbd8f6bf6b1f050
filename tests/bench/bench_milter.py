#!/usr/bin/python3
"""What a signature costs: our milter beside OpenDKIM and rspamd, same mail, key, canonicalization, cores, in one run.

    make bench                                      after packaging/install-deps bench
    tests/bench/bench_milter.py [--rounds N] [--seconds S] [--memory N] [--only NAME,...]

Rounds are interleaved, each with the limit measured anew: `openssl speed -multi CORES rsa2048`. Figures are medians of
rounds. A sample in which other programs took more of the machine than FOREIGN is taken again, twice at most; the column
"foreign" says what was left of it. The load generator runs on the same cores, as Postfix would; "load us" is what it
takes of them for a mail. Prints all samples as a table, then the goals, met or missed.

What is measured, and what is in it:
    ceiling                 reads the mail, one RSA operation, answers: what no milter with OpenSSL can beat here
    alone, alone-pair       signing alone, as OpenDKIM and rspamd do it: the product's engine and signer (sign_only)
    rsa, pair, libmilter    the whole milter: content rule, signatures, a question to policyd, the log; but policyd is one
                            that says yes at once (ready_policyd). libmilter is rsa with `engine = libmilter`
    all                     the whole milter with both signatures and the real policyd, which syncs each slot to disk
    opendkim, rspamd-…      the peers, signing alone; rspamd with the number of workers that is its best here
    8, 20 silent            eight beside twenty connections that stop in the middle of a packet; rate 0 and inf ms where
                            some of the eight got no answer for STARVED_SECONDS
"""

import argparse
import base64
import contextlib
import email.message
import email.policy
import grp
import json
import os
import random
import re
import statistics
import subprocess
import sys

import dkim

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness.daemons import accepts
from harness.sandbox import build_directory, write_key_file
from harness.milter_mta import MilterMta
from harness.sandbox import Sandbox, SandboxError, wait_for

DOMAIN = "client.example"
MAIL_SIZE = 39 * 1024
FOREIGN = 0.12
TRIES = 3
SILENT = 20              # connections
STARVED_SECONDS = 20     # beyond a sample's time, after which a milter that still does not answer is given up
START_SECONDS = 120      # rspamd prepares itself for long
CHECKPOINTS = 10         # of memory
STARVED = {"rate": 0, "load_cpu_us": float("nan"), "p50_ms": float("inf"), "p99_ms": float("inf"),
           "max_ms": float("inf"), "foreign": 0,
           "pids": [{"cpu_us": float("nan"), "kib_before": float("nan"), "kib_after": float("nan")}]}
RSPAMD_WORKERS = (1, 2, 3, 4)
CORES = os.cpu_count()
FIELDS = ("From To Cc Subject Date Reply-To Message-ID MIME-Version Content-Type Content-Transfer-Encoding "
          "List-Unsubscribe List-Unsubscribe-Post List-Id Feedback-ID Auto-Submitted").split()

OPENDKIM = """\
Socket local:{path}/opendkim.sock
Background no
Mode s
UMask 007
Domain {domain}
Selector rsa
KeyFile {rsa}
RequireSafeKeys no
Canonicalization relaxed/relaxed
SignatureAlgorithm rsa-sha256
SignHeaders {comma_fields}
OversignHeaders {comma_fields}
InternalHosts {path}/internal
"""
RSPAMD = """\
options {{
    filters = "dkim"; tempdir = "{path}"; pidfile = "{path}/{name}.pid"; hs_cache_dir = "{path}"; rrd = "";
    history_file = ""; local_addrs = ["127.0.0.0/8"]; dns {{ nameserver = ["127.0.0.1:1:1"]; }}
}}
logging {{ type = "console"; level = "error"; }}
modules {{ path = "/usr/share/rspamd/plugins/dkim_signing.lua"; }}
worker "rspamd_proxy" {{
    bind_socket = "{path}/{name}.sock mode=0600"; milter = yes; count = {workers}; timeout = 60s;
    upstream "local" {{ default = yes; self_scan = yes; }}
}}
dkim {{ sign_headers = "{colon_fields}"; }}
dkim_signing {{
    sign_local = true; sign_inbound = true; use_domain = "header"; use_esld = false; use_redis = false;
    allow_hdrfrom_mismatch = true;
    domain {{ "{domain}" {{ selectors [ {selectors} ] }} }}
}}
"""


def make_text(rng):
    """40 lines."""
    words = ("Ihre Meinung ist uns wichtig bitte nehmen Sie sich zehn Minuten Zeit für unsere Umfrage über das "
             "vergangene Quartal und Ihre Zufriedenheit mit dem Service").split()
    return "\n".join(" ".join(rng.choice(words) for _ in range(10)) for _ in range(40)) + "\n"


def make_rows(text):
    """The same twice, as a table's rows in HTML."""
    return "\n".join(f'<tr><td style="padding:8px 16px;font-family:Arial,sans-serif;color:#333333"><p>{line}</p></td>'
                     f'<td><a href="https://{DOMAIN}/s/{number}">Zur Umfrage</a></td></tr>' for number, line in
                     enumerate(text.splitlines() * 2))


def make_mail():
    """An invitation of MAIL_SIZE octets: text, HTML, and a picture of it that comes along."""
    rng = random.Random(1)
    text = make_text(rng)
    rows = make_rows(text)
    html = (f'<!DOCTYPE html>\n<html lang="de"><head><title>Umfrage</title></head><body>\n<table>\n{rows}\n</table>\n'
            '<img src="cid:logo@client.example" alt="Logo" width="120" height="40"></body></html>\n')
    mail = email.message.EmailMessage(email.policy.SMTP)
    for name, value in (
            ("From", f"Umfrage <umfrage@{DOMAIN}>"), ("To", "x@leser.example"), ("Subject", "Ihre Meinung zählt"),
            ("Date", "Mon, 23 Nov 2026 09:00:00 +0100"), ("Message-ID", f"<x@{DOMAIN}>"),
            ("Reply-To", f"fragen@{DOMAIN}"), ("List-Unsubscribe", f"<https://{DOMAIN}/u/1>, <mailto:u@{DOMAIN}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"), ("List-Id", f"<umfrage.{DOMAIN}>"),
            ("Feedback-ID", "q4:client:postwelle"), ("Auto-Submitted", "auto-generated"), ("X-Mailer", "Postwelle")):
        mail[name] = value
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    missing = max(MAIL_SIZE - len(mail.as_bytes()), 0) * 3 // 4
    picture = b"\x89PNG\r\n\x1a\n" + rng.randbytes(missing)
    mail.get_payload()[1].add_related(picture, "image", "png", cid=f"<logo@{DOMAIN}>")
    return mail.as_bytes()


def group_ticks(group):
    """CPU time of a process group so far."""
    ticks = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/stat", encoding="latin-1") as stat:
            words = stat.read().rpartition(")")[2].split()
            ticks += (int(words[11]) + int(words[12])) * (int(words[2]) == group)
    return ticks


def wait_until_quiet(group, seconds=90):
    """Until a daemon that prepares itself in the background, as rspamd does, has used no CPU for a second."""
    seen = [-1]

    def is_quiet():
        seen.append(group_ticks(group))
        return seen[-1] - seen[-2] <= 1
    wait_for(is_quiet, f"process {group}: a second without work", seconds, pause=1)


class Limit:
    """What OpenSSL itself can do: RSA signatures a second on all cores, and the CPU of one in microseconds."""

    def __init__(self):
        self.rates, self.costs = [], []

    def measure(self):
        self.rates.append(self._signs_a_second("-multi", str(CORES), "-elapsed"))
        self.costs.append(1e6 / self._signs_a_second())

    @staticmethod
    def _signs_a_second(*options):
        words = ["openssl", "speed", "-mr", "-seconds", "1", *options, "rsa2048"]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        return float(re.findall(r"^\+F2:\d+:\d+:([0-9.e-]+):", done.stdout, re.M)[-1])

    @property
    def rate(self):
        return statistics.median(self.rates)

    @property
    def cost(self):
        return statistics.median(self.costs)


class Signer:
    """A milter that runs: where, its processes (itself first), how many signatures it makes; its samples."""

    def __init__(self, socket, processes, signatures, affinity=()):
        self.address = f"unix:{socket}"
        self.pids = [str(process.pid) for process in processes]
        self.processes = processes
        self.signatures = signatures
        self.affinity = list(affinity)
        self.samples = {}   # by numbers of connections and of silent ones

    def median(self, what, connections=8, silent=0):
        """Of a sample's figure; that of several --pid is the milter's own."""
        pick = (lambda sample: sample["pids"][0][what]) if what in ("cpu_us", "kib_after", "kib_before") else \
            (lambda sample: sample[what])
        return statistics.median(map(pick, self.samples[connections, silent]))


class Bench:
    """The sandbox with keys, mail and all signers."""

    def __init__(self, sandbox, wanted):
        self.sandbox, self.wanted = sandbox, wanted
        self.path = sandbox.path
        self.build = build_directory()
        self.mail = make_mail()
        self.message = os.path.join(self.path, "mail")
        with open(self.message, "wb") as file:
            file.write(self.mail)
        self.records = {}
        self.rsa, self.ed25519 = self.make_key("rsa"), self.make_key("ed25519")
        self.signers = {}
        one_core = ["taskset", "-c", "0"]
        self.add("ceiling", self.sign_only, False, ["--ceiling"])
        self.add("alone", self.sign_only, False)
        self.add("alone-pair", self.sign_only, True)
        self.add("rsa", self.ours, False)
        self.add("pair", self.ours, True)
        self.add("one-core", self.ours, False, one_core)
        self.add("libmilter", self.ours, False, [], "libmilter")
        self.add("all", self.ours_all)
        self.add("opendkim", self.opendkim)
        self.add("rspamd-rsa", self.best_rspamd, [("rsa", self.rsa)])
        self.add("rspamd-pair", self.best_rspamd, [("rsa", self.rsa), ("ed25519", self.seed_file())])

    def add(self, name, start, *arguments):
        if self.wanted and name not in self.wanted:
            return
        self.signers[name] = start(name, *arguments)
        self.wait_until_ready(name)
        if name != "ceiling":
            self.verify(name, self.signers[name])

    def wait_until_ready(self, name):
        path = self.signers[name].address.partition(":")[2]
        wait_for(lambda: os.path.exists(path) and accepts(path), f"{name}: its socket", START_SECONDS)

    def start(self, name, *argv):
        return self.sandbox.start(argv, name)

    def make_key(self, algorithm):
        path = os.path.join(self.path, f"{algorithm}.pem")
        options = ["-pkeyopt", "rsa_keygen_bits:2048"] if algorithm == "rsa" else []
        subprocess.run(["openssl", "genpkey", "-quiet", "-algorithm", algorithm, *options, "-out", path], check=True,
                       capture_output=True)
        os.chmod(path, 0o400)
        public = subprocess.run(["openssl", "pkey", "-in", path, "-pubout", "-outform", "DER"], check=True,
                                capture_output=True).stdout
        public = public[-32:] if algorithm == "ed25519" else public
        record = f"v=DKIM1; k={algorithm}; p={base64.b64encode(public).decode()}"
        self.records[f"{algorithm}._domainkey.{DOMAIN}."] = record.encode()
        return path

    def seed_file(self):
        """The Ed25519 key as rspamd wants it: nothing but its seed, in base64."""
        private = subprocess.run(["openssl", "pkey", "-in", self.ed25519, "-outform", "DER"], check=True,
                                 capture_output=True).stdout
        return self.sandbox.write("ed25519.seed", base64.b64encode(private[-32:]).decode(), 0o400)

    def verify(self, name, signer):
        """One mail through it must come out with signatures that dkimpy accepts."""
        queue_id = f"4Probe{name.replace('-', '')}"
        with MilterMta(signer.address) as mta:
            reply = mta.send_mail(f"bounce@{DOMAIN}", ["probe@leser.example"], self.mail, queue_id)
        signed = reply.apply(self.mail)
        look_up = lambda key, timeout=5: self.records.get(key if isinstance(key, str) else key.decode())
        good = reply.verdict in ("accept", "continue") and len(reply.inserted) == signer.signatures
        if not good or not all(dkim.DKIM(signed).verify(idx=i, dnsfunc=look_up) for i in range(signer.signatures)):
            raise SandboxError(f"{name}: its signature is not accepted: {reply.verdict} {reply.code} {reply.text}, "
                               f"{len(reply.inserted)} fields inserted\n{self.log_of(name)}")

    def log_of(self, name):
        with open(os.path.join(self.path, "log", name), encoding="utf-8", errors="replace") as log:
            return "".join(log.readlines()[-20:])

    # --- the signers ---

    def sign_only(self, name, pair, options=()):
        keys = ["rsa", self.rsa] + (["ed25519", self.ed25519] if pair else [])
        socket = f"{self.path}/{name}.sock"
        milter = self.start(name, f"{self.build}/tests/bench/sign_only", *options, socket, DOMAIN, *keys)
        return Signer(socket, [milter], 2 if pair else 1)

    def config(self, name, pair, reserve_socket, engine="own"):
        """A configuration of ours in a folder of its own."""
        folder = self.sandbox.mkdir(name)
        self.sandbox.mkdir(name, "clients")
        group = grp.getgrgid(os.getegid()).gr_name
        signing = {"domain": DOMAIN, "rsa-selector": "rsa", "rsa-key": self.rsa}
        if pair:
            signing.update({"ed25519-selector": "ed25519", "ed25519-key": self.ed25519})
        write_key_file(f"{folder}/clients/client.conf", {
            "client": {"title": "Client", "domains": DOMAIN, "return-path": f"bounce.{DOMAIN}"}, "signing": signing,
            "unsubscribe": {"uri": f"https://{DOMAIN}/u/", "mailto": f"u@{DOMAIN}"}})
        return folder, write_key_file(f"{folder}/postwelle.conf", {
            "paths": {"clients": "clients", "state": f"{folder}/state", "witness": f"{folder}/witness"},
            "policyd": {"reserve-socket": reserve_socket, "policy-socket": f"{folder}/policy.sock",
                        "control-socket": f"{folder}/control.sock", "postfix-group": group, "milter-user": "root",
                        "admin-group": group},
            "milter": {"socket": f"unix:{folder}/milter.sock", "postfix-group": group, "reserve-timeout": "4s",
                       "engine": engine}})

    def ours(self, name, pair, affinity=(), engine="own"):
        policyd_socket = f"{self.path}/{name}.ready"
        ready = self.start(f"{name}-policyd", *affinity, f"{self.build}/tests/bench/ready_policyd", policyd_socket)
        wait_for(lambda: accepts(policyd_socket), "ready_policyd")
        folder, config = self.config(name, pair, policyd_socket, engine)
        return self.start_milter(name, folder, config, [ready], pair, affinity)

    def start_milter(self, name, folder, config, helpers, pair, affinity=()):
        milter = self.start(name, *affinity, f"{self.build}/postwelle-milter", "-c", config)
        return Signer(f"{folder}/milter.sock", [milter, *helpers], 2 if pair else 1, affinity)

    def ours_all(self, name):
        folder, config = self.config(name, True, f"{self.path}/{name}/reserve.sock")
        for state in ("state", "witness"):
            self.sandbox.mkdir(name, state, mode=0o700)
        policyd = f"{self.build}/postwelle-policyd"
        subprocess.run([policyd, "-c", config, "--init"], check=True, capture_output=True)
        helper = self.start("policyd", policyd, "-c", config)
        wait_for(lambda: accepts(f"{folder}/reserve.sock"), "postwelle-policyd: its socket")
        return self.start_milter(name, folder, config, [helper], True)

    def opendkim(self, name):
        self.sandbox.write("internal", "0.0.0.0/0\n")
        config = self.sandbox.write("opendkim.conf", OPENDKIM.format(path=self.path, domain=DOMAIN, rsa=self.rsa,
                                                                     comma_fields=",".join(FIELDS)))
        return Signer(f"{self.path}/opendkim.sock", [self.start(name, "opendkim", "-f", "-x", config)], 1)

    def best_rspamd(self, name, keys):
        """rspamd with the number of workers that is its fastest on this machine, so that nobody needs to ask."""
        rates = {}
        for workers in RSPAMD_WORKERS:
            self.signers[name] = self.rspamd(name, keys, workers)
            self.wait_until_ready(name)
            self.load(name, "--seconds", "0.5")
            rates[workers] = self.load(name, "--seconds", "1.5")["rate"]
            self.signers[name].processes[0].stop()
        best = max(rates, key=rates.get)
        print(f"{name}: {best} workers, of " + ", ".join(f"{workers}: {rate:.0f}/s" for workers, rate in rates.items()),
              file=sys.stderr)
        return self.rspamd(name, keys, best)

    def rspamd(self, name, keys, workers):
        selectors = ", ".join(f'{{ path = "{path}"; selector = "{selector}"; }}' for selector, path in keys)
        fields = ":".join(f"(o){field}" for field in FIELDS)
        config = self.sandbox.write(f"{name}.conf", RSPAMD.format(
            path=self.path, name=name, domain=DOMAIN, selectors=selectors, workers=workers, colon_fields=fields))
        process = self.start(name, "rspamd", "-f", "-i", "-c", config)
        wait_until_quiet(process.pid)
        return Signer(f"{self.path}/{name}.sock", [process], len(keys))

    # --- samples ---

    def load(self, name, *options, seconds=None):
        """One run of the load generator; all its mails must be signed."""
        signer = self.signers[name]
        words = [*signer.affinity, f"{self.build}/tests/bench/mta_load", "--domain", DOMAIN, *options]
        for pid in signer.pids:
            words += ["--pid", pid]
        done = subprocess.run([*words, signer.address, self.message], capture_output=True, text=True, timeout=seconds)
        if done.returncode:
            raise SandboxError(f"{name}: {done.stderr}\n{self.log_of(name)}")
        sample = json.loads(done.stdout)
        if sample["accept"] != sample["mails"] or sample["signatures"] != sample["mails"] * signer.signatures:
            raise SandboxError(f"{name}: not all mails were signed: {done.stdout}\n{self.log_of(name)}")
        return sample

    def sample(self, name, connections, silent, seconds):
        if name not in self.signers:
            return
        samples = []
        while not samples or (samples[-1]["foreign"] > FOREIGN and len(samples) < TRIES):
            try:
                samples.append(self.load(name, "--connections", str(connections), "--silent", str(silent), "--seconds",
                                         str(seconds), seconds=seconds + STARVED_SECONDS))
            except subprocess.TimeoutExpired:
                samples = [STARVED]
        best = min(samples, key=lambda sample: sample["foreign"])
        self.signers[name].samples.setdefault((connections, silent), []).append(best)


def content_cost(bench):
    """Microseconds of the content rule alone for the mail, by bench_content."""
    done = subprocess.run([f"{bench.build}/tests/bench/bench_content", bench.message], capture_output=True, text=True,
                          check=True)
    return float(re.search(r"([0-9.]+) us", done.stdout)[1])


def print_samples(bench, limit):
    print(f"limit: openssl speed -multi {CORES} rsa2048: {limit.rate:.0f}/s; one RSA operation {limit.cost:.0f} us; "
          f"mail of {len(bench.mail)} octets\n")
    columns = ("rate", "/limit", "CPU us", "RSA ops", "load us", "p50 ms", "p99 ms", "max ms", "MiB", "foreign")
    print(f"{'signer':<12} {'connections':>14}" + "".join(f"{column:>9}" for column in columns))
    for name, signer in bench.signers.items():
        for connections, silent in sorted(signer.samples):
            def of(what):
                return signer.median(what, connections, silent)
            figures = (f"{of('rate'):.0f}", f"{of('rate') / limit.rate:.3f}", f"{of('cpu_us'):.0f}",
                       f"{of('cpu_us') / limit.cost:.2f}", f"{of('load_cpu_us'):.0f}", f"{of('p50_ms'):.2f}",
                       f"{of('p99_ms'):.2f}", f"{of('max_ms'):.1f}", f"{of('kib_after') / 1024:.1f}",
                       f"{of('foreign'):.2f}")
            peers = f"{connections}, {silent} silent" if silent else str(connections)
            print(f"{name:<12} {peers:>14}" + "".join(f"{figure:>9}" for figure in figures))
    print()


def print_goals(bench, limit, growth):
    """The table of goals; those whose signers were left out are not shown."""
    signers = bench.signers

    def rate(name, connections=8):
        return signers[name].median("rate", connections)

    def memory():
        used = max(signers["all"].median("kib_after", *peers) / 1024 - 2 * peers[0] * len(bench.mail) / 2 ** 20
                   for peers in signers["all"].samples)
        return used

    def p99(connections):
        return signers["all"].median("p99_ms", connections) / signers["opendkim"].median("p99_ms", connections)
    goals = [
        ("signing alone / limit", ">=", 0.60, lambda: rate("alone") / limit.rate),
        ("signing alone / OpenDKIM", ">=", 4.5, lambda: rate("alone") / rate("opendkim")),
        ("signing alone / rspamd", ">=", 7, lambda: rate("alone") / rate("rspamd-rsa")),
        ("CPU of signing alone, RSA operations", "<=", 1.6, lambda: signers["alone"].median("cpu_us") / limit.cost),
        ("RSA + Ed25519 alone / limit", ">=", 0.50, lambda: rate("alone-pair") / limit.rate),
        ("RSA + Ed25519 alone / rspamd's pair", ">=", 6, lambda: rate("alone-pair") / rate("rspamd-pair")),
        ("all on / OpenDKIM signing alone", ">=", 3, lambda: rate("all") / rate("opendkim")),
        ("content rule alone, this mail, us", "<=", 60, lambda: content_cost(bench)),
        ("p99 all on / OpenDKIM's, 8 connections", "<=", 1, lambda: p99(8)),
        ("p99 all on / OpenDKIM's, 32 connections", "<=", 1, lambda: p99(32)),
        ("scaling from 1 to 2 cores", ">=", 1.8, lambda: rate("rsa") / rate("one-core")),
        ("memory, MiB beside 2 x mail a connection", "<=", 32, memory),
    ]
    if growth is not None:
        goals.append(("memory growth, both signatures, KiB", "<=", 0, lambda: growth))
    print(f"{'goal':<46} {'':>2} {'goal':>6} {'measured':>9}  met")
    for name, sign, goal, measure in goals:
        try:
            measured = measure()
        except KeyError:
            continue
        met = measured >= goal if sign == ">=" else measured <= goal
        print(f"{name:<46} {sign:>2} {goal:>6} {measured:>9.2f}  {'yes' if met else 'MISSED'}")


def measure_growth(bench, messages):
    """KiB by which the whole milter with both signatures grows over so many mails, half as many before them to warm up.

    Resident memory is seen at CHECKPOINTS. It goes up and down by what malloc keeps of threads that have ended; growth is
    what separates the second half, at its lowest, from the first, at its highest. So a leak of an octet a mail shows.
    """
    bench.load("pair", "--messages", str(messages // 2))
    seen = [bench.load("pair", "--messages", str(messages // CHECKPOINTS))["pids"][0]["kib_after"]
            for _ in range(CHECKPOINTS)]
    print(f"KiB resident over {messages} mails: {' '.join(f'{kib:.0f}' for kib in seen)}\n")
    return max(min(seen[CHECKPOINTS // 2:]) - max(seen[:CHECKPOINTS // 2]), 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="rounds (5)")
    parser.add_argument("--seconds", type=float, default=2, help="length of a sample (2)")
    parser.add_argument("--memory", type=int, default=100000, metavar="N",
                        help="measure memory growth over N mails (100000), 0: don't")
    parser.add_argument("--only", default="", metavar="NAME,...",
                        help="signers (see above); without, all")
    options = parser.parse_args()
    plan = [("ceiling", 8, 0), ("alone", 8, 0), ("alone-pair", 8, 0), ("rsa", 8, 0), ("rsa", 32, 0), ("rsa", 8, SILENT),
            ("libmilter", 8, 0), ("libmilter", 32, 0), ("libmilter", 8, SILENT), ("pair", 8, 0), ("all", 8, 0),
            ("all", 32, 0), ("opendkim", 8, 0), ("opendkim", 32, 0), ("rspamd-rsa", 8, 0), ("rspamd-pair", 8, 0),
            ("one-core", 8, 0)]
    limit = Limit()
    with Sandbox() as sandbox:
        bench = Bench(sandbox, [name for name in options.only.split(",") if name])
        for name in bench.signers:
            bench.load(name, "--seconds", "0.3")
        for number in range(options.rounds):
            print(f"round {number + 1} of {options.rounds}", file=sys.stderr, flush=True)
            limit.measure()
            for name, connections, silent in plan:
                bench.sample(name, connections, silent, options.seconds)
        growth = measure_growth(bench, options.memory) if options.memory and "pair" in bench.signers else None
        print_samples(bench, limit)
        print_goals(bench, limit, growth)


if __name__ == "__main__":
    try:
        main()
    except SandboxError as error:
        sys.exit(f"bench_milter: {error}")
