"""Private Postfix instances: Debian's default configuration in a folder of the sandbox, with its own queue and log."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess

from .sandbox import DOMAIN, SandboxError, build_directory, say_loudly, wait_for, write_key_file

PACKAGING = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", "packaging"))
MAIN_CF_DEBIAN = "/usr/share/postfix/main.cf.debian"
MASTER_CF_DEBIAN = "/usr/share/postfix/master.cf.dist"
SUBMISSION_PORT = 10587
# Files that Debian copies below the queue directory, where its chrooted services look for them.
CHROOT_FILES = ("services", "hosts", "nsswitch.conf", "localtime")


def run(argv, **options):
    """Run a program to its end and return its output; SandboxError with its words if it fails."""
    if "input" not in options:
        options["stdin"] = subprocess.DEVNULL
    done = subprocess.run([str(word) for word in argv], capture_output=True, text=True, **options)
    if done.returncode:
        raise SandboxError(f"{' '.join(map(str, argv))}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


class PostfixInstance:
    """One Postfix. Configure it with set() before start(), or followed by reload()."""

    def __init__(self, sandbox, name, address, parameters, build=None):
        """A stopped instance in the folder `name`, listening on port 25 of `address` (Addresses.smtp_port), with the
        given main.cf parameters on top of Debian's defaults. Its chrooted services ask the sandbox's Nameserver. build:
        where the programs are that set it up."""
        if not shutil.which("postconf"):
            raise SandboxError("postconf not found: packaging/install-deps run")
        self._sandbox = sandbox
        self.name = name
        self.address = address
        self.port = sandbox.addresses.smtp_port
        self.path = sandbox.mkdir(name)
        self.config = sandbox.mkdir(name, "etc")
        self.queue = sandbox.mkdir(name, "queue")
        self.log = os.path.join(self.path, "mail.log")
        self._process = None
        self._overrides = {}
        self._build = build
        shutil.chown(sandbox.mkdir(name, "data"), "postfix", "postfix")
        shutil.copy(MAIN_CF_DEBIAN, os.path.join(self.config, "main.cf"))
        shutil.copy(MASTER_CF_DEBIAN, os.path.join(self.config, "master.cf"))
        self.set(
            queue_directory=self.queue,
            data_directory=os.path.join(self.path, "data"),
            maillog_file=self.log,
            maillog_file_prefixes=sandbox.path,
            # The listeners name their address in master.cf: an interface of its own would have to be made for it
            # otherwise.
            inet_interfaces="127.0.0.1",
            inet_protocols="ipv4",
            smtp_bind_address=address,
            smtp_tcp_port=str(self.port),
            mydestination="",
            mynetworks="127.0.0.0/8",
            alias_maps="",
            alias_database="",
            # Nobody here has a reverse DNS entry.
            smtpd_peername_lookup="no",
            **parameters)
        run(["postconf", "-c", self.config, "-MX", "smtp/inet"])
        self.edit_service(f"{address}:{self.port}/inet={address}:{self.port} inet n - y - - smtpd")
        self._fill_chroot()

    def _fill_chroot(self):
        etc = self._sandbox.mkdir(self.name, "queue", "etc")
        for name in CHROOT_FILES:
            if os.path.exists(f"/etc/{name}"):
                shutil.copy(f"/etc/{name}", etc)
        self._fill_resolv_conf()

    def _fill_resolv_conf(self):
        """Debian's smtp(8) is chrooted: this file is its /etc/resolv.conf, and so the look-ups are real ones. In
        Debian 13 postfix(1) copies the machine's file there whenever it checks the configuration."""
        shutil.copy(os.path.join(self._sandbox.path, "resolv.conf"), os.path.join(self.queue, "etc"))

    def set(self, **parameters):
        """Set main.cf parameters."""
        run(["postconf", "-c", self.config, "-e"] + [f"{name}={value}" for name, value in parameters.items()])

    def get(self, name):
        """A parameter's value in force, expanded."""
        return run(["postconf", "-c", self.config, "-hx", name]).strip()

    def edit_service(self, entry):
        """Add or replace an entry of master.cf, as postconf -M takes it: "NAME/TYPE=NAME TYPE n - y - - smtpd"."""
        run(["postconf", "-c", self.config, "-M", entry])

    def apply(self, pipe_user=None, pipe_command=None, port=SUBMISSION_PORT, **overrides):
        """`postwelle setup postfix --apply`, with the clients of daemons.Postwelle, if there are some; then main.cf's
        parameters with other values, those of earlier calls too; None takes one back. Returns what it showed."""
        words = ["--pipe-user", pipe_user] if pipe_user else []
        words += ["--pipe-command", pipe_command] if pipe_command else []
        shown = run(self.setup(port, "--apply", *words), env={**os.environ, "POSTWELLE_DATADIR": PACKAGING})
        self._overrides.update(overrides)
        values = {name: value for name, value in self._overrides.items() if value is not None}
        if values:
            self.set(**values)
        self._fill_resolv_conf()
        return shown

    def setup(self, port, *words):
        """The command line of `postwelle setup postfix` for this instance; POSTWELLE_DATADIR must be PACKAGING."""
        config = write_key_file(os.path.join(self.path, "setup.conf"), {
            "paths": {"clients": os.path.join(self._sandbox.path, "postwelle", "clients")},
            "policyd": {"policy-socket": f"{self.queue}/postwelle-policyd/policy.sock"},
            "milter": {"socket": f"unix:{self.queue}/postwelle-milter/milter.sock"},
            "submission": {"host": self.address, "port": port},
            "postfix": {"config-directory": self.config, "maillog": self.log}})
        return [os.path.join(self._build or build_directory(), "postwelle"), "-c", config, "setup", "postfix", *words]

    def start(self):
        """Check the configuration, start master(8) and wait until it serves."""
        self._check()
        self._fill_resolv_conf()
        mark = self.log_size()
        program = os.path.join(self.get("daemon_directory"), "master")
        self._process = self._sandbox.start([program, "-c", self.config, "-d"], f"{self.name}-master")

        def has_started():
            if not self._process.is_running():
                raise SandboxError(f"{self.name}: master has ended:\n{self._process.last_words()}{self.read_log(mark)}")
            return re.search(r"master\[\d+\]: daemon started", self.read_log(mark))
        wait_for(has_started, f"{self.name}: Postfix's start (see {self.log})")

    def _check(self):
        """postfix check, which also makes the queue's folders. It names an error on a terminal alone, so it is given
        one."""
        screen, terminal = os.openpty()
        done = subprocess.run(["postfix", "-c", self.config, "check"], stdin=subprocess.DEVNULL, stdout=terminal,
                              stderr=terminal)
        os.close(terminal)
        with os.fdopen(screen, "rb") as output, contextlib.suppress(OSError):
            words = os.read(output.fileno(), 4096).decode(errors="replace")
        if done.returncode:
            raise SandboxError(f"postfix -c {self.config} check: exit status {done.returncode}\n{words}")

    def stop(self):
        """postfix stop: running deliveries are broken off in good order."""
        if self._process:
            self._process.stop()

    def kill_master(self):
        """SIGKILL to master(8), as in a crash; its children end by themselves."""
        self._process.kill()

    def hold_master(self):
        """SIGSTOP to master(8); returns when it starts no other process any more."""
        def stopped():
            with open(f"/proc/{self._process.pid}/stat", encoding="ascii", errors="replace") as file:
                return file.read().rpartition(")")[2].split()[0] == "T"
        self._process.signal(signal.SIGSTOP)
        wait_for(stopped, f"{self.name}: master stands still")

    def is_running(self):
        return self._process is not None and self._process.is_running()

    def reload(self, seconds=5):
        """postfix reload; returns when the idle servers with the old settings have ended. Busy ones finish their
        work."""
        mark = self.log_size()
        before = set(self.pids("smtpd"))
        run(["postfix", "-c", self.config, "reload"])
        self._fill_resolv_conf()
        self.wait_for_log(r"master\[\d+\]: reload -- version", mark=mark)
        wait_for(lambda: not before & set(self.pids("smtpd")), f"{self.name}: end of the old smtpd processes", seconds)

    def pids(self, daemon):
        """Process IDs of the running children of master(8) of that name, as "smtp" or "cleanup"."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError, IndexError):
                with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
                    comm, rest = re.fullmatch(r"\d+ \((.*)\) (.*)", file.read(), re.S).groups()
                if comm == daemon and int(rest.split()[1]) == self._process.pid:
                    found.append(int(pid))
        return found

    def kill(self, daemon, number=signal.SIGKILL):
        """Send a signal to all children of that name; returns to how many."""
        pids = self.pids(daemon)
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        return len(pids)

    # --- the log

    def log_size(self):
        """A mark for read_log and wait_for_log: the log's size now."""
        return os.path.getsize(self.log) if os.path.exists(self.log) else 0

    def read_log(self, mark=0):
        """The log from a mark on."""
        if not os.path.exists(self.log):
            return ""
        with open(self.log, encoding="utf-8", errors="replace") as log:
            log.seek(mark)
            return log.read()

    def wait_for_log(self, regex, seconds=30, mark=0):
        """Wait until the compiled or textual regex is found behind the mark; returns the match."""
        return wait_for(lambda: re.search(regex, self.read_log(mark), re.M), f"{self.name}: {regex!r} in {self.log}",
                        seconds)

    # --- the queue

    def queued(self):
        """What postqueue -j shows: a list of dicts. postqueue does not show mail that is about to be queued."""
        return [json.loads(line) for line in run(["postqueue", "-c", self.config, "-j"]).splitlines()]

    def flush(self):
        """Try all deferred mail now."""
        run(["postqueue", "-c", self.config, "-f"])
        self.scan_incoming()

    def scan_incoming(self):
        """Try what qmgr(8) has put back to incoming, as another process still had it locked. By itself it would a minute later with the
        next mail, or when it is woken up, which is each five minutes; postqueue -f does not make it."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as qmgr:
            qmgr.connect(os.path.join(self.queue, "public", "qmgr"))
            qmgr.sendall(b"AI")  # all of it, incoming

    def wait_for_empty_queue(self, seconds=60):
        wait_for(lambda: not self.queued(), f"{self.name}: empty queue", seconds, 0.3)

    def postsuper(self, *words):
        run(["postsuper", "-c", self.config, *words])

    def sendmail(self, message, *words):
        """Put a mail in by sendmail(1), as local programs do."""
        return run(["sendmail", "-C", self.config, *words], input=message)


def sender_postfix(sandbox, hostname="mail.agency.example", build=None, **overrides):
    """The agency's Postfix with Postwelle's settings, not started yet. It retries within seconds, so that nobody
    waits for five minutes; otherwise its settings are the ones a site gets, but for the overrides."""
    addresses = sandbox.addresses
    instance = PostfixInstance(sandbox, "sender", addresses.sender,
                               {"myhostname": hostname, "transport_retry_time": "5s"}, build)
    if addresses.dns_port != DOMAIN:
        say_loudly("real MX look-ups are not possible here: all mail goes to the world by relayhost")
        instance.set(relayhost=f"[{addresses.world}]:{addresses.smtp_port}")
    for daemon in ("policyd", "milter"):
        sandbox.mkdir("sender", "queue", f"postwelle-{daemon}", group="postfix", mode=0o2750)
    instance.apply(**{"queue_run_delay": "1s", "minimal_backoff_time": "2s", "maximal_backoff_time": "4s", **overrides})
    return instance
