"""A systemd-journald of its own, which knows nothing of this machine's: its files, its sockets, and Postfix's lines in it."""

import os
import re
import signal
import socket
import subprocess
import threading
import time

from .sandbox import SandboxError, wait_for

PROGRAM = "/lib/systemd/systemd-journald"
MAIL_INFO = 2 << 3 | 6  # syslog's facility and priority of Postfix's lines
TAG = re.compile(r"^(\w+ +\d+ [\d:]+) \S+ (.*)$", re.S)  # "Nov 23 08:24:51 host postfix/smtp[1]: …": syslog(3) sends no host
# journald wants control groups, which a chroot may lack: then it gets a mount of them that nobody else sees.
WITH_CONTROL_GROUPS = ["unshare", "-m", "--propagation", "private", "sh", "-c",
                       '[ -e /sys/fs/cgroup/cgroup.controllers ] || [ -e /sys/fs/cgroup/systemd ] || '
                       'mount -t cgroup2 cgroup2 /sys/fs/cgroup; exec "$@"', "sh"]
AWAKE_SECONDS = 5  # a journald of this kind ends by itself when it has heard nothing for half a minute
SUPPRESSED = "a596d6fe7bfa4994828e72309e95d61e"


class Journald:
    """Runs until the sandbox ends. It is journald's namespace mode, whose folders the environment names."""

    def __init__(self, sandbox):
        if not os.access(PROGRAM, os.X_OK):
            raise SandboxError(f"{PROGRAM} not found: packaging/install-deps test")
        self._sandbox = sandbox
        self.files = sandbox.mkdir("journald", "files")
        self._run = sandbox.mkdir("journald", "run")
        self._process = None
        self.start()

    def start(self):
        environment = [f"RUNTIME_DIRECTORY={self._run}", f"LOGS_DIRECTORY={self.files}"]
        self._process = self._sandbox.start([*WITH_CONTROL_GROUPS, "env", *environment, PROGRAM, "sandbox"], "journald")
        wait_for(lambda: os.path.exists(os.path.join(self.files, "system.journal")) and
                 os.path.exists(os.path.join(self._run, "dev-log")), "journald's files and sockets")

    def stop(self):
        self._process.stop()

    def wait_for_words(self, words):
        """Until all of these stand in one entry of the journal."""
        def found():
            entries = subprocess.run(["journalctl", "-D", self.files, "-o", "cat"], check=True, capture_output=True, text=True)
            return any(all(word in entry for word in words) for entry in entries.stdout.splitlines())
        wait_for(found, f"an entry of the journal with {words}", 60, 0.2)

    def rotate(self):
        """Makes it begin a new file, beside the one that it had, which gets another name first."""
        before = set(os.listdir(self.files))
        self._process.signal(signal.SIGUSR2)
        wait_for(lambda: "system.journal" in (now := set(os.listdir(self.files))) and now - before, "a rotated journal")

    def vacuum(self):
        """Removes all files but the one that is written."""
        subprocess.run(["journalctl", "-D", self.files, "--vacuum-files=1"], check=True, capture_output=True)
        if (left := os.listdir(self.files)) != ["system.journal"]:
            raise SandboxError(f"journalctl --vacuum-files=1 left {left}")

    def suppress(self, unit):
        """What journald writes when it lets a service speak again. (It limits units of systemd alone: there is none here.)"""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as native:
            native.connect(os.path.join(self._run, "socket"))
            native.send(f"MESSAGE=Suppressed 17 messages from {unit}\nMESSAGE_ID={SUPPRESSED}\nPRIORITY=6\n".encode())

    def follow(self, log):
        """Hands on each line that Postfix writes into its file, as syslog(3) would; returns a function that ends it."""
        end = threading.Event()
        thread = threading.Thread(target=self._hand_on, args=(log, end), daemon=True)
        thread.start()

        def stop():
            end.set()
            thread.join()
        self._sandbox.stop_at_end(stop)
        return stop

    def _hand_on(self, log, end):
        with open(log, encoding="utf-8", errors="replace") as file, \
                socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as syslog:
            syslog.connect(os.path.join(self._run, "dev-log"))
            rest, awake = "", time.monotonic()
            while True:
                if time.monotonic() > awake + AWAKE_SECONDS:
                    awake = time.monotonic()
                    syslog.send(b"<30>sandbox: awake")
                rest += file.read()
                *lines, rest = rest.split("\n")
                for line in lines:
                    syslog.send(f"<{MAIL_INFO}>{' '.join(TAG.fullmatch(line).groups())}".encode())
                if not lines and end.wait(0.1):
                    return
