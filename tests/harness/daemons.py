"""postwelle-policyd, postwelle-milter and postwelle from the build folder, in the sandbox's place."""

import os
import shutil
import signal
import socket
import subprocess

from .postfix import SUBMISSION_PORT, run
from .sandbox import SandboxError, build_directory, wait_for, write_key_file

SECONDS_TO_START = 15


def accepts(path):
    """Does somebody listen on this unix socket? A socket left over from a killed daemon exists, but refuses."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        return probe.connect_ex(path) == 0


class Postwelle:
    """Our programs beside one sender Postfix, all as root, with state, sockets and configuration in the sandbox."""

    def __init__(self, sandbox, sender, build=None):
        """Write postwelle.conf and make the folders; nothing is started yet. sender is a postfix.PostfixInstance."""
        self._sandbox = sandbox
        self.sender = sender
        self.build = build or build_directory()
        self.path = sandbox.mkdir("postwelle")
        self.clients = sandbox.mkdir("postwelle", "clients")
        self.config = os.path.join(self.path, "postwelle.conf")
        self.policyd = None
        self.milter = None
        self.web = None
        for daemon in ("policyd", "milter"):
            sandbox.mkdir("sender", "queue", f"postwelle-{daemon}", group="postfix", mode=0o2750)
        for folder in ("run", "state", "witness"):
            sandbox.mkdir("postwelle", folder, mode=0o700)
        self._sockets = {
            "policyd": [f"{sender.queue}/postwelle-policyd/policy.sock", f"{self.path}/run/reserve.sock",
                        f"{self.path}/run/control.sock"],
            "milter": [f"{sender.queue}/postwelle-milter/milter.sock"],
        }
        self.write_config()

    def write_config(self, **changes):
        """Write postwelle.conf; changes are GROUP={name: value}, as policyd={"cache-size": "1M"}."""
        policy, reserve, control = self._sockets["policyd"]
        groups = {
            "paths": {"state": f"{self.path}/state", "witness": f"{self.path}/witness", "clients": self.clients},
            "policyd": {"policy-socket": policy, "reserve-socket": reserve, "control-socket": control,
                        "milter-user": "root", "admin-group": "root"},
            "milter": {"socket": f"unix:{self._sockets['milter'][0]}"},
            "submission": {"host": self.sender.address, "port": SUBMISSION_PORT},
            "dns": {"resolver": f"{self._sandbox.addresses.nameserver}@{self._sandbox.addresses.dns_port}"},
            "postfix": {"config-directory": self.sender.config, "maillog": self.sender.log},
        }
        for group, options in changes.items():
            groups.setdefault(group, {}).update(options)
        write_key_file(self.config, groups)

    def write_client(self, name, groups):
        """Write clients/NAME.conf."""
        return write_key_file(os.path.join(self.clients, f"{name}.conf"), groups)

    def init(self):
        """Create the ledger: postwelle-policyd --init."""
        run([f"{self.build}/postwelle-policyd", "-c", self.config, "--init"])

    def start_policyd(self):
        self.policyd = self._start("policyd")

    def start_milter(self):
        self.milter = self._start("milter")

    def start(self):
        """Both daemons, in the order of the units: policyd first."""
        self.start_policyd()
        self.start_milter()

    def start_web(self):
        """postwelle-web, on [web] host and port of write_config."""
        self.web = self._sandbox.start([f"{self.build}/postwelle-web", "-c", self.config], "postwelle-web")

    def kill(self, name):
        """SIGKILL to "policyd" or "milter", as in a crash."""
        getattr(self, name).kill()

    def restart(self, name):
        """Stop one daemon if it runs, and start it."""
        getattr(self, name).stop()
        setattr(self, name, self._start(name))

    def reload(self, name):
        getattr(self, name).signal(signal.SIGHUP)

    def command(self, *words, check=True, own_resolver=False, **options):
        """Run `postwelle WORDS` and return the CompletedProcess, output as text. own_resolver: it asks the sandbox's
        name server. check: SandboxError with its output for an exit status other than 0."""
        argv = self.argv(*words, own_resolver=own_resolver)
        done = subprocess.run(argv, capture_output=True, text=True, stdin=subprocess.DEVNULL, **options)
        if check and done.returncode:
            raise SandboxError(f"postwelle {' '.join(map(str, words))}: exit status {done.returncode}\n"
                               f"{done.stdout}{done.stderr}")
        return done

    def program_for_all(self, name):
        """A copy of a program where other users can reach it, as they may not reach the build."""
        return shutil.copy(os.path.join(self.build, name), self.path)

    def argv(self, *words, own_resolver=False):
        """The command line of `postwelle WORDS` here."""
        argv = [f"{self.build}/postwelle", "-c", self.config] + [str(word) for word in words]
        return self._sandbox.with_resolver(argv) if own_resolver else argv

    def _start(self, name):
        process = self._sandbox.start([f"{self.build}/postwelle-{name}", "-c", self.config], f"postwelle-{name}")

        def is_ready():
            if not process.is_running():
                raise SandboxError(f"postwelle-{name} has ended with status {process.returncode}:\n"
                                   f"{process.last_words()}")
            return all(map(accepts, self._sockets[name]))
        wait_for(is_ready, f"postwelle-{name}: its sockets", SECONDS_TO_START)
        return process
