"""The folder, the addresses and the processes of one sandbox."""

import atexit
import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

STOP_SECONDS = 5
LOG_LINES = 30  # of each log, shown after an error
# Ends what is left when the program that runs a sandbox is killed: it learns of each process that starts and ends,
# and reads on until the program is gone. (PR_SET_PDEATHSIG would not do: the kernel drops it when a process changes
# its user, as Postfix does.)
WATCHDOG = r"""
trap '' HUP INT TERM
pids=
while read -r verb pid; do
    case $verb in
    start) pids="$pids $pid" ;;
    end) pids=$(for one in $pids; do [ "$one" = "$pid" ] || printf ' %s' "$one"; done) ;;
    done) exit 0 ;;
    esac
done
for pid in $pids; do kill -TERM "$pid"; done
for _ in $(seq 30); do
    running=$(for pid in $pids; do kill -0 "$pid" && echo "$pid"; done)
    [ -n "$running" ] || break
    sleep 0.1
done
for pid in $pids; do kill -KILL "-$pid"; done
[ -z "$1" ] || rm -rf -- "$1"
"""
# Ports, and what is used instead where another server of this machine listens on all addresses.
SMTP, DOMAIN, SPARE_SMTP, SPARE_DOMAIN = 25, 53, 2525, 5353


class SandboxError(Exception):
    """What went wrong, and what to do about it."""


def wait_for(condition, what, seconds=30, pause=0.05):
    """Wait until condition() is true and return its value; after that many seconds, SandboxError naming what."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise SandboxError(f"{what}: not seen within {seconds} seconds")
        time.sleep(pause)


def say_loudly(text):
    print(f"*** {text}", file=sys.stderr, flush=True)


def build_directory():
    """Where the programs were built: G_TEST_BUILDDIR in make check, else ./build or the current folder."""
    for folder in (os.environ.get("G_TEST_BUILDDIR"), "build", "."):
        if folder and os.access(os.path.join(folder, "postwelle-policyd"), os.X_OK):
            return os.path.abspath(folder)
    raise SandboxError("postwelle-policyd not found: build first, or set G_TEST_BUILDDIR to the build folder")


def write_key_file(path, groups):
    """Write a configuration file: groups is {group: {name: value}}."""
    with open(path, "w", encoding="utf-8") as file:
        for group, options in groups.items():
            file.write(f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in options.items()) + "\n")
    return path


class Addresses:
    """Loopback addresses of one sandbox, 127.A.B.1 and so on, so that each can have its port 25 or 53 to itself.

    Taken as long as this object lives: an abstract socket named after the block keeps other sandboxes off.
    """

    def __init__(self):
        for _ in range(200):
            block = f"127.{random.randint(16, 254)}.{random.randint(0, 255)}"
            self._claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            try:
                self._claim.bind(f"\0postwelle-sandbox-{block}")
                break
            except OSError:
                self._claim.close()
        else:
            raise SandboxError("no free block of loopback addresses: are there 200 sandboxes left running?")
        self.block = block
        self.sender = f"{block}.1"
        self.world = f"{block}.2"
        self.nameserver = f"{block}.3"
        self.spare = [f"{block}.{last}" for last in range(4, 31)]
        # A server that listens on all addresses takes even these; then the sandbox takes other ports.
        self.smtp_port = SMTP if can_bind(self.world, SMTP) else SPARE_SMTP
        self.dns_port = DOMAIN if can_bind(self.nameserver, DOMAIN, udp=True) else SPARE_DOMAIN

    def release(self):
        self._claim.close()


def can_bind(address, port, udp=False):
    """Could a server listen there now?"""
    for kind in [socket.SOCK_STREAM] + [socket.SOCK_DGRAM] * udp:
        with socket.socket(socket.AF_INET, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, kind == socket.SOCK_STREAM)
            try:
                probe.bind((address, port))
                if kind == socket.SOCK_STREAM:
                    probe.listen()
            except OSError:
                return False
    return True


class Process:
    """A child in a process group of its own, known to the sandbox's watchdog."""

    def __init__(self, sandbox, argv, log, user=None):
        self.name = os.path.basename(argv[0])
        self.log = log
        self._sandbox = sandbox
        as_user = {"user": user, "group": user, "extra_groups": []} if user else {}
        with open(log, "ab") as output:
            self._popen = subprocess.Popen([str(word) for word in argv], stdin=subprocess.DEVNULL, stdout=output,
                                           stderr=output, start_new_session=True, **as_user)
        self.pid = self._popen.pid
        self._group_has_ended = False
        sandbox.tell_watchdog(f"start {self.pid}")

    def is_running(self):
        return self._popen.poll() is None

    @property
    def returncode(self):
        """Exit status, or minus the signal; None while it runs."""
        return self._popen.poll()

    def signal(self, number):
        if self.is_running():
            self._popen.send_signal(number)

    def kill(self):
        """SIGKILL to this one process, as a crash would, and wait for its end."""
        self.signal(signal.SIGKILL)
        self.wait()

    def wait(self, seconds=STOP_SECONDS):
        """Wait for its end; SandboxError if it doesn't come."""
        try:
            status = self._popen.wait(seconds)
            self._sandbox.tell_watchdog(f"end {self.pid}")
            self._look_at_group()
            return status
        except subprocess.TimeoutExpired:
            raise SandboxError(f"{self.name} (pid {self.pid}) has not ended after {seconds} seconds") from None

    def stop(self):
        """SIGTERM, and SIGKILL to the whole group for what is left after five seconds."""
        if self.is_running():
            self.signal(signal.SIGTERM)
            with contextlib.suppress(SandboxError):
                self.wait()
        if not self._group_has_ended:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        self.wait()

    def _look_at_group(self):
        """A group without processes gives its number back: it may be a stranger's when the sandbox is closed."""
        try:
            os.killpg(self.pid, 0)
        except ProcessLookupError:
            self._group_has_ended = True

    def last_words(self, lines=20):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return "".join(log.readlines()[-lines:])


class Sandbox:
    """One folder below /tmp, its processes and addresses; a context manager that ends and removes all of it.

    keep leaves the folder (not the processes) behind. SIGTERM, SIGINT and SIGHUP end the program in good order; if it
    is killed otherwise, a watchdog ends the processes and removes the folder.
    """

    def __init__(self, keep=False):
        if os.geteuid() != 0:
            raise SandboxError("a sandbox runs Postfix, which needs root: run this as root")
        self.keep = keep
        self.addresses = Addresses()
        self.path = tempfile.mkdtemp(prefix="postwelle-")
        os.chmod(self.path, 0o755)
        self.mkdir("log")
        self._watchdog = subprocess.Popen(
            ["sh", "-c", WATCHDOG, "watchdog", "" if keep else self.path], stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True, start_new_session=True)
        self._to_stop = []
        self._old_handlers = {}
        self._pid = os.getpid()
        atexit.register(self.close)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            self._old_handlers[number] = signal.signal(number, lambda number, _: sys.exit(128 + number))

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is not None and issubclass(kind, Exception):
            self._show_logs()
        self.close()

    def _show_logs(self):
        """After an error: the ends of all logs, before they are removed."""
        for folder, _, names in os.walk(self.path):
            for name in sorted(names):
                if name == "mail.log" or folder.endswith("/log"):
                    with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as log:
                        lines = log.readlines()[-LOG_LINES:]
                    print(f"# {folder}/{name}:", *(f"#   {line.rstrip()}" for line in lines), sep="\n", file=sys.stderr)

    def mkdir(self, *names, mode=0o755, owner=None, group=None):
        """Make a folder in the sandbox, with its parents, and return its path."""
        path = os.path.join(self.path, *names)
        os.makedirs(path, exist_ok=True)
        if owner or group:
            shutil.chown(path, owner, group)
        os.chmod(path, mode)
        return path

    def write(self, path, text, mode=0o644):
        """Write a file, relative to the sandbox, and return its path."""
        path = os.path.join(self.path, path)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def start(self, argv, name=None, user=None):
        """Start a process that ends with the sandbox; its output goes to log/NAME."""
        log = os.path.join(self.path, "log", name or os.path.basename(argv[0]))
        process = Process(self, argv, log, user)
        self.stop_at_end(process.stop)
        return process

    def tell_watchdog(self, line):
        """For Process: what it starts and what has ended."""
        self._watchdog.stdin.write(line + "\n")
        self._watchdog.stdin.flush()

    def stop_at_end(self, stop):
        """Call stop() when the sandbox closes; the last registered is called first."""
        self._to_stop.append(stop)

    def with_resolver(self, argv):
        """argv changed so that the program asks the sandbox's name server: it gets a resolv.conf of its own in a
        private mount namespace. Needs Nameserver; SandboxError where this machine allows no namespaces."""
        resolv_conf = os.path.join(self.path, "resolv.conf")
        if not os.path.exists(resolv_conf):
            raise SandboxError("with_resolver: start the Nameserver first")
        if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
            raise SandboxError("unshare -m is not permitted here (no CAP_SYS_ADMIN?): programs that look up names "
                               "by themselves can't be pointed at the sandbox's name server")
        script = 'mount --bind "$0" "$(readlink -f /etc/resolv.conf)" && exec "$@"'
        return ["unshare", "-m", "--propagation", "private", "sh", "-c", script, resolv_conf] + list(argv)

    def close(self):
        """End all processes and remove the folder; done once, by the program that made it, not by its children."""
        if os.getpid() != self._pid or self._to_stop is None:
            return
        to_stop, self._to_stop = self._to_stop, None
        for stop in reversed(to_stop):
            try:
                stop()
            except Exception as error:  # the others must be ended all the same
                say_loudly(f"ending the sandbox: {error}")
        self.tell_watchdog("done")
        self._watchdog.stdin.close()
        self._watchdog.wait()
        self.addresses.release()
        for number, handler in self._old_handlers.items():
            signal.signal(number, handler)
        if self.keep:
            print(f"kept: {self.path}", file=sys.stderr)
        else:
            shutil.rmtree(self.path, ignore_errors=True)
